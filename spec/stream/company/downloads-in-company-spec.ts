import { expect } from 'chai'
import fc from 'fast-check'
import { isLeft, type Result, type WaitResult } from '../../../lib/index.ts'
import { dies, freezes, leaves, restarts, thaws } from '../../helpers/fake-cluster/happenings.ts'
import { withoutBody, htmlPage, targetUnreachable } from '../../helpers/fake-cluster/replies.ts'
import type { FakeDownload } from '../../helpers/fake-cluster/download.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { COMPANIES, OTHERS, waitIn } from './helpers/company.ts'
import { endsOf, type EmittedStreams } from './helpers/ends.ts'
import { live } from './helpers/live.ts'
import { casesOf } from '../../fuzz/seed.ts'

// Random downloads with random faults. Each wait must end as it would alone, and must agree with the other streams.

const ID = 'dnl-FH-CdapbR'

const anyTarget = fc.constantFrom(0, 1, 2)
/** The target forgets after the first reply. A client cannot notice that a file is missing which no reply has shown. */
const anyMs = fc.integer({ min: 400, max: 9_000 })

/** What happens to a download, to the Information Center, to the targets and to replies. */
const anyFate = fc.record({
  files: fc.constantFrom(0, 1, 5, 30, 90),
  errors: fc.constantFrom({}, {}, { 0: 'gone' }, { 3: 'gone', 4: 'no space' }),
  type: fc.constantFrom<NonNullable<FakeDownload['type']>[]>('range', 'range', 'backend'),
  abortMs: fc.option(anyMs, { nil: undefined }),
  forgottenMs: fc.option(anyMs, { nil: undefined }),
  endUnreported: fc.boolean(),
  event: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.record({
      type: fc.constantFrom<Event[]>('restarts', 'leaves', 'dies', 'freezes'),
      target: anyTarget,
      atMs: anyMs,
    }),
  ),
  failing: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    fc.record({
      reply: fc.constantFrom(withoutBody(503), htmlPage(502), targetUnreachable),
      fromMs: anyMs,
      forMs: anyMs,
    }),
  ),
  latencyMs: fc.constantFrom(0, 5, 300),
})
type Event = 'restarts' | 'leaves' | 'dies' | 'freezes'
type Fate = typeof anyFate extends fc.Arbitrary<infer A> ? A : never

/** The cluster to which this fate happens. */
function worldOf({ event, failing, latencyMs, abortMs, forgottenMs, ...more }: Fate): World {
  const happens = { restarts, leaves, dies, freezes }
  const events: NonNullable<World['events']> =
    event === undefined
      ? []
      : [
          [event.atMs, happens[event.type](event.target)],
          ...(event.type === 'freezes' ? [[event.atMs + 12_000, thaws(event.target)] as const] : []),
        ]
  const times = {
    ...(abortMs === undefined ? {} : { abortMs }),
    ...(forgottenMs === undefined ? {} : { forgottenMs }),
  }
  return {
    jobs: OTHERS,
    downloads: [{ id: ID, ...more, ...times }],
    events,
    latencyMs,
    ...(failing === undefined
      ? {}
      : {
          download: (nowMs, _, own) =>
            nowMs >= failing.fromMs && nowMs < failing.fromMs + failing.forMs ? failing.reply : own,
        }),
  }
}

const WATCHED_MS = 130_000

/** The outcome of the only wait, as a text. */
const outcomeText = (emitted: readonly { readonly value: Result<WaitResult> }[]): string => {
  const [only] = emitted
  if (only === undefined) return 'no answer'
  return isLeft(only.value) ? only.value.left._tag : `${only.value.right.outcome}: ${only.value.right.error ?? ''}`
}

/** Whether some files have not arrived at the end: their links fail, or a target is gone before its share of 90 files is done. */
const lacksFiles = ({ files, errors, event }: Fate): boolean =>
  Object.keys(errors).some((nth) => Number(nth) < files) ||
  (event !== undefined && event.type !== 'freezes' && event.atMs < 2_000 && files === 90)

describe('a wait for a download, whatever happens', () => {
  for (const company of Object.keys(COMPANIES))
    it(`${company}: has the same outcome as alone, agrees with all streams, and is no success if files are missing`, () => {
      fc.assert(
        fc.property(anyFate, (fated) => {
          const waited = (of: string): ReturnType<typeof live<ReturnType<typeof waitIn>>> =>
            live(worldOf(fated), waitIn(of, { id: ID }), { untilMs: WATCHED_MS })
          const alone = waited('alone').emitted
          const { emitted } = waited(company)
          expect(outcomeText(emitted.wait)).to.equal(outcomeText(alone.wait))
          expect(outcomeText(alone.wait)).not.to.equal('no answer')
          if (lacksFiles(fated)) expect(outcomeText(alone.wait)).not.to.match(/^finished/)
          const ends = Object.values(endsOf(emitted as EmittedStreams, ID)).map(({ text }) => text.replace(/:.*/s, ''))
          expect(new Set(ends.map((end) => (end === 'vanished' ? 'lost' : end))).size, ends.join()).to.be.below(2)
        }),
        { numRuns: casesOf(6) },
      )
    })
})
