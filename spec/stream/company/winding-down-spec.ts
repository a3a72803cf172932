import { expect } from 'chai'
import { isRight, progress, type Cluster, type Progress } from '../../../lib/index.ts'
import { COMPANIES, ID, OTHERS, SELECTORS } from './helpers/company.ts'
import { live } from './helpers/live.ts'

// A copy that has copied all objects runs on until it is sure that no more will come: it quiesces. Its progress then
// has `windingDown`.

const KIND = 'copy-bck'
const WORKED_MS = 6_000
const ENDS_MS = WORKED_MS + 11_000
const OBJECTS = 900
const CADENCE_MS = 1_000

interface Shown {
  readonly atMs: number
  readonly now: Progress
}

/** What the progress emits, with times, beside a company of other streams. */
function progressesOf(
  company: string,
  by: string,
  total: { objects?: number; bytes?: number },
  workedMs = WORKED_MS,
): readonly Shown[] {
  const selector = SELECTORS(KIND)[by]!
  const job = { id: ID, kind: KIND, objects: OBJECTS / 3, workedMs, endMs: ENDS_MS }
  const streams = {
    ...COMPANIES[company]!(selector),
    mine: (cluster: Cluster) => progress(cluster, selector, { total }),
  }
  const { emitted } = live({ jobs: [...OTHERS, job], latencyMs: 5 }, streams, { untilMs: 25_000 })
  return emitted.mine.flatMap(({ atMs, value }) => (isRight(value) ? [{ atMs, now: value.right }] : []))
}

/** The values between two times; there is at least one. */
const between = (shown: readonly Shown[], fromMs: number, toMs: number): readonly Progress[] => {
  const some = shown.filter(({ atMs }) => fromMs <= atMs && atMs < toMs).map(({ now }) => now)
  expect(some.length, `values from ${fromMs} to ${toMs} ms`).to.be.above(0)
  return some
}

describe('the progress of a copy that has copied everything and quiesces for 11 s', () => {
  for (const company of ['alone', 'beside all streams of the job'])
    for (const by of Object.keys(SELECTORS(KIND)))
      for (const [unit, total] of [
        ['objects', { objects: OBJECTS }],
        ['bytes', { bytes: OBJECTS * 1_024 }],
      ] as const)
        it(`is winding down and has no ETA, ${company}, ${by}, with a total of ${unit}`, () => {
          const shown = progressesOf(company, by, total)
          for (const now of between(shown, 1_000, WORKED_MS))
            expect(now).to.deep.include({ state: 'running', windingDown: false })
          for (const now of between(shown, WORKED_MS + 2 * CADENCE_MS, ENDS_MS)) {
            expect(now).to.deep.include({ state: 'running', ratio: 1, windingDown: true })
            expect(now).not.to.have.property('etaMs')
          }
          for (const now of between(shown, ENDS_MS + 3 * CADENCE_MS, Infinity))
            expect(now).to.deep.include({ state: 'finished', ratio: 1, etaMs: 0, windingDown: false })
        })

  it('is not winding down while the counters exceed the total and still change', () => {
    const shown = progressesOf('alone', 'by id', { objects: 300 }, ENDS_MS)
    for (const now of between(shown, WORKED_MS + 2 * CADENCE_MS, ENDS_MS - CADENCE_MS)) {
      expect(now).to.deep.include({ state: 'running', ratio: 1, windingDown: false })
      expect(now).not.to.have.property('etaMs')
    }
  })

  it('is not winding down if the total is unknown', () => {
    for (const now of between(progressesOf('alone', 'by id', {}), 1_000, ENDS_MS))
      expect(now).to.deep.include({ state: 'running', windingDown: false })
  })
})
