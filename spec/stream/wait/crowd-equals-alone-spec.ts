import { expect } from 'chai'
import fc from 'fast-check'
import { adaptive, constant } from '../../../lib/cadence.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { JobSelector } from '../../../lib/model/selection.ts'
import { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted } from '../../../lib/wait.ts'
import { crowd, outcomeOf, type CrowdResult, type CrowdWait } from '../../helpers/crowd.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { leaves } from '../../helpers/fake-cluster/happenings.ts'
import type { InIc } from '../../helpers/fake-cluster/job.ts'
import { abortedAt, atWork, endsAt, failsAt, jobsWorld, type JobScript } from '../../helpers/jobs-world.ts'
import { casesOf } from '../../fuzz/seed.ts'

// A property: a wait has the same outcome among other waits as alone.

const ID = 'theJob123'
const NEVER_MS = Infinity

/** What happens to a job. Every moment is so far from the limits of a wait that a few seconds make no difference. */
const anyFate = fc.record({
  kind: fc.constantFrom('copy-bck', 'copy-bck', 'lru', 'load-lom-cache', 'evict-remote-bck', 'put-copies'),
  endMs: fc.constantFrom(0, 4_000, 25_000, 45_000, NEVER_MS),
  end: fc.constantFrom('well', 'well', 'well', 'failed', 'aborted'),
  /** What the Information Center reports. */
  ic: fc.constantFrom('knows', 'knows', 'stays open', 'never knows', 'forgets', 'learns late', 'registers late'),
  /** What happens to the third target. */
  third: fc.constantFrom('stays', 'stays', 'joins late', 'leaves for good', 'has no part', 'is away for a while'),
  /** The time at which all traces of the job disappear. */
  goneMs: fc.constantFrom(NEVER_MS, NEVER_MS, 85_000),
  latencyMs: fc.constantFrom(0, 5, 300),
  selector: fc.constantFrom('id and kind', 'id and kind', 'id', 'kind', 'target'),
  by: fc.constantFrom(wait, wait, wait, waitForIdle, waitStarted, waitNotRunning, waitSingleNode),
  pace: fc.constantFrom(constant(1_000), adaptive()),
})
type Fate = typeof anyFate extends fc.Arbitrary<infer A> ? A : never

const PLAIN: Fate = {
  kind: 'copy-bck',
  endMs: 25_000,
  end: 'well',
  ic: 'knows',
  third: 'stays',
  goneMs: NEVER_MS,
  latencyMs: 5,
  selector: 'id and kind',
  by: wait,
  pace: constant(1_000),
}
/** Fates of which each leads to another outcome. Some outcomes are rare among random fates. */
const EXAMPLES: readonly Fate[] = [
  PLAIN,
  { ...PLAIN, end: 'failed' },
  { ...PLAIN, end: 'aborted' },
  { ...PLAIN, third: 'leaves for good' },
  { ...PLAIN, endMs: NEVER_MS },
  { ...PLAIN, by: waitStarted },
  { ...PLAIN, by: waitNotRunning },
  { ...PLAIN, kind: 'put-copies', by: waitForIdle },
  // A minute after a part was first missing, a list shows the end, and the full status is still due.
  { ...PLAIN, endMs: 45_000, ic: 'learns late', third: 'leaves for good', by: waitForIdle, pace: adaptive() },
]

const idlesOf = (kind: string): boolean => kind === 'put-copies'

/** Whether the kind does not register with the Information Center. */
const isUnlisted = (kind: string): boolean => idlesOf(kind) || kind === 'evict-remote-bck'

/** The script of the job under test. */
function lifeOf({ kind, endMs, end, ic, third, goneMs }: Fate): JobScript {
  const isKnownToIc = !isUnlisted(kind)
  const lives = { well: endsAt(endMs), failed: failsAt(endMs, 'disk full'), aborted: abortedAt(endMs) }
  const inIc: Readonly<Record<typeof ic, InIc>> = {
    knows: {},
    'stays open': { learnsMs: Infinity },
    'never knows': { untilMs: 0 },
    forgets: { untilMs: Math.min(12_000, goneMs) },
    'learns late': { learnsMs: endMs + 20_000 },
    'registers late': { fromMs: 5_000 },
  }
  const isAway = (ms: number): boolean =>
    (third === 'joins late' && ms < 2_500) || (third === 'is away for a while' && ms >= 9_000 && ms < 19_000)
  return {
    ...(endMs === NEVER_MS ? atWork : lives[end]),
    kind,
    goneMs,
    ...(idlesOf(kind) ? { idleMs: 8_000 } : {}),
    ...(isKnownToIc ? { ic: { untilMs: goneMs, ...inIc[ic] } } : {}),
    ...(third === 'has no part' ? { on: [0, 1] } : {}),
    ...(third === 'joins late' || third === 'is away for a while'
      ? { hides: (target: number, ms: number) => target === 2 && isAway(ms) }
      : {}),
  }
}

/** When the third target leaves. */
const eventsOf = ({ third }: Fate): NonNullable<World['events']> =>
  third === 'leaves for good' ? [[9_000, leaves(2)]] : []

/** How the wait selects the job. */
const selectorOf = ({ selector, kind }: Fate): JobSelector => {
  if (selector === 'id') return { id: ID }
  if (selector === 'kind') return { kind }
  return selector === 'target' ? { id: ID, kind, target: 't1' } : { id: ID, kind }
}

/** The result without its times. */
function emitted(one: CrowdResult): unknown {
  const { result } = one
  if (result === undefined) return outcomeOf(one)
  if (isLeft(result)) return { left: result.left._tag }
  const { outcome, success, aborted, jobId, kind, error } = result.right
  // A crowd polls less often, so it may miss a part that shows up between two polls.
  return { outcome, success, aborted, jobId, kind, ...(outcome === 'lost' ? {} : { error }) }
}

const OTHER_JOBS: Readonly<Record<string, JobScript>> = {
  other0001: atWork,
  other0002: { ...atWork, kind: 'load-lom-cache' },
  other0003: endsAt(40_000),
}

describe('a wait among other waits', () => {
  it('has the outcome that it would have alone, except for the times: beside three jobs, whichever wait started first', () => {
    const outcomes = new Map<string, number>()
    fc.assert(
      fc.property(anyFate, fc.boolean(), (how, first) => {
        const world = jobsWorld({ [ID]: lifeOf(how) }, { events: eventsOf(how), latencyMs: how.latencyMs })
        // A wait by kind waits for every job of the kind.
        const strangers = Object.entries(OTHER_JOBS).filter(
          ([, { kind }]) => how.selector !== 'kind' || kind !== how.kind,
        )
        const among = jobsWorld(
          { [ID]: lifeOf(how), ...Object.fromEntries(strangers) },
          { events: eventsOf(how), latencyMs: how.latencyMs },
        )
        const options = { cadence: how.pace }
        const me: CrowdWait = { selector: selectorOf(how), by: how.by, timeoutMs: 200_000 }
        const alone = crowd(world, [me], options).results[0]!
        // The other waits stay longer than this wait may be delayed.
        const leavesMs = Math.min(210_000, alone.atMs! + 80_000)
        const beside = strangers.map(([id, { kind }]): CrowdWait => ({
          selector: { id, kind },
          leavesMs,
          timeoutMs: Infinity,
        }))
        const crowded = crowd(among, first ? [me, ...beside] : [...beside, me], options).results[
          first ? 0 : beside.length
        ]!
        expect(emitted(crowded), JSON.stringify(how)).to.deep.equal(emitted(alone))
        const word = outcomeOf(alone)
        outcomes.set(word, (outcomes.get(word) ?? 0) + 1)
        // It is not much later either: by one poll and a few ticks, or by the minute between two polls of all parts.
        if (word !== 'WaitTimeout')
          expect(crowded.atMs! - alone.atMs!, JSON.stringify(how)).to.be.at.most(
            how.third === 'leaves for good' || word === 'lost' ? 75_000 : 30_000,
          )
      }),
      { numRuns: casesOf(60), examples: EXAMPLES.map((how) => [how, true]) },
    )
    for (const one of ['finished', 'failed', 'aborted', 'idle', 'lost', 'started', 'not-running', 'WaitTimeout'])
      expect(outcomes.get(one) ?? 0, one).to.be.above(0)
  }).timeout(120_000)
})
