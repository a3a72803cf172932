import { expect } from 'chai'
import fc from 'fast-check'
import { right } from '../../lib/either.ts'
import { fold } from '../../lib/verdict.ts'
import { begin, runOf, type Memory, type Reading } from '../../lib/verdict/memory.ts'
import { nextQuestion, restsUntil } from '../../lib/verdict/next-question.ts'
import { statusRunOf } from '../../lib/verdict/witness.ts'
import { ID, story, type Story } from './stories.ts'

const status = { id: ID, kind: 'copy-bck', err: '', aborted: false }
const open = { question: 'status', run: ID, atMs: 0, result: right(status) } as const

/** A story of a wait with or without a budget, in which the Information Center says again and again that the job runs. */
const budgeted = fc
  .tuple(
    story,
    fc.option(fc.constantFrom(5_000, 20_000, 60_000, 300_000), { nil: undefined }),
    fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
  )
  .map(([{ aim, readings }, endsMs, opens]): Story => ({
    aim: endsMs === undefined ? aim : { ...aim, endsMs },
    readings: readings.flatMap((reading, n) =>
      opens[n] === true && aim.id !== undefined
        ? [reading, { ...open, atMs: reading.atMs, result: right({ ...status, kind: aim.kind ?? 'lru' }) }]
        : [reading],
    ),
  }))

const stillOpen = (memory: Memory, atMs: number): Reading | undefined => {
  const run = statusRunOf(memory)
  const status = memory.words.get(run ?? '')?.status
  return run === undefined || status === undefined
    ? undefined
    : { question: 'status', run, atMs, result: right({ ...status, err: '' }) }
}

const memoriesOf = ({ aim, readings }: Story): readonly (readonly [Memory, number])[] =>
  readings.reduce<(readonly [Memory, number])[]>(
    (all, reading) => [...all, [fold(all.at(-1)?.[0] ?? begin(aim), reading), reading.atMs]],
    [],
  )

describe('restsUntil', () => {
  it('is a time before which an open status tells nothing and leaves no doubt, however often it comes', () => {
    const reached = { rests: 0, doubts: 0 }
    fc.assert(
      fc.property(
        budgeted,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
        (told, parts) => {
          for (const [memory, nowMs] of memoriesOf(told)) {
            const restMs = restsUntil(memory)
            if (restMs === undefined || restMs <= nowMs) {
              reached.doubts += 1
              continue
            }
            reached.rests += 1
            let seen = memory
            for (const part of [...parts, 1].sort((a, b) => a - b)) {
              const atMs = Math.min(restMs - 1e-6, nowMs + part * (restMs - nowMs))
              const next = fold(seen, stillOpen(seen, atMs)!)
              expect(next.outcome, 'outcome').to.equal(undefined)
              expect(nextQuestion(next, ['status'], atMs), 'question').to.equal(undefined)
              // What was left out would have changed nothing else: what is heard next is heard with the same ears.
              expect({ ...next, words: 0, status: 0 }).to.deep.equal({ ...seen, words: 0, status: 0 })
              expect(restsUntil(next)).to.equal(restMs)
              seen = next
            }
          }
        },
      ),
      { numRuns: 600 },
    )
    expect(reached.rests).to.be.above(60)
    expect(reached.doubts).to.be.above(60)
  }).timeout(30_000)

  it('is no later than what leaves doubt: the very moment at which the round would go on', () => {
    let reached = 0
    fc.assert(
      fc.property(budgeted, (told) => {
        for (const [memory, nowMs] of memoriesOf(told)) {
          const restMs = restsUntil(memory)
          if (restMs === undefined || restMs < nowMs) continue
          const next = fold(memory, stillOpen(memory, restMs)!)
          expect(nextQuestion(next, ['status'], restMs)).to.equal('snapshots')
          reached += 1
        }
      }),
      { numRuns: 500 },
    )
    expect(reached).to.be.above(40)
  }).timeout(30_000)

  it('is none where doubt is left already', () => {
    fc.assert(
      fc.property(budgeted, (told) => {
        for (const [memory, nowMs] of memoriesOf(told)) {
          const reading = stillOpen(memory, nowMs)
          if (reading === undefined || nextQuestion(fold(memory, reading), ['status'], nowMs) === undefined) continue
          expect(restsUntil(memory) ?? -1).to.be.at.most(nowMs)
        }
      }),
      { numRuns: 500 },
    )
  }).timeout(30_000)

  describe('of a job that runs', () => {
    const looked = (atMs: number): Memory =>
      fold(fold(begin({ until: 'kind', id: ID, kind: 'copy-bck', kinds: [], endsMs: 300_000 }), open), {
        question: 'running',
        atMs,
      })

    it('is when a quarter of the time waited by then has passed since the look, within its bounds', () => {
      for (const [lookedMs, untilMs] of [
        [0, 2_000],
        [6_000, 8_000],
        [12_000, 16_000],
        [45_000, 60_000],
        [200_000, 215_000],
        [284_000, 285_000],
        [290_000, 285_000],
      ] as const)
        expect(restsUntil(looked(lookedMs)), String(lookedMs)).to.equal(untilMs)
    })

    it('is none before the first look, and after what only another look can settle', () => {
      const first = fold(begin({ until: 'kind', id: ID, kind: 'copy-bck', kinds: [] }), open)
      expect(restsUntil(first)).to.equal(undefined)
      expect(runOf(first)).to.equal(ID)
      const at = looked(10_000)
      for (const other of [
        { error: { _tag: 'DecodeError', problems: [], request: { method: 'GET', path: '/', query: '' } } },
        { statusFailed: true },
        { overSinceMs: 1 },
        { denied: { sinceMs: 1, times: 1 } },
        { garbled: { status: 1, snapshots: 0 } },
        { kind: 'put-copies' },
        { kind: 'load-lom-cache' },
        { words: new Map() },
      ] as const)
        expect(restsUntil({ ...at, ...other }), JSON.stringify(other)).to.equal(undefined)
    })

    it('is when targets that hang are better asked again, though nobody has looked', () => {
      const first = fold(begin({ until: 'kind', id: ID, kind: 'copy-bck', kinds: [] }), open)
      expect(restsUntil({ ...first, silentUntilMs: 30_000 })).to.equal(30_000)
    })
  })
})
