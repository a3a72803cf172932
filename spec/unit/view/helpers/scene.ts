import type { JobSnap } from '../../../../lib/codec/job-snap.ts'
import type { JobStatus } from '../../../../lib/codec/job-status.ts'
import { left, right } from '../../../../lib/common/either.ts'
import type { JobError } from '../../../../lib/error.ts'
import { buildSnapshots } from '../../../../lib/model/snapshot.ts'
import type { Evidence, Query, Times } from '../../../../lib/view/evidence.ts'
import type { Goal } from '../../../../lib/view/goal.ts'
import type { Pace } from '../../../../lib/view/need.ts'
import * as facts from './facts.ts'
import { tapeOf, type Tape } from './tape.ts'

// Random evidence about a few runs, and random waits for them. A tape gives the random numbers; after its end it gives
// zeros, so 0 must stand for the plain choice.

/** The replies of a cluster, and the waits that receive them. */
export interface Scene {
  readonly log: readonly Evidence[]
  readonly goals: readonly Goal[]
  readonly paces: readonly Pace[]
}

/** The ids and the kinds of all runs. */
export const RUNS: ReadonlyMap<string, string> = new Map([
  ['copyOne12', 'copy-bck'],
  ['copyTwo12', 'copy-bck'],
  ['evictLru1', 'lru'],
  ['copies123', 'put-copies'],
  ['warmUp123', 'load-lom-cache'],
  ['future123', 'future-kind'],
])
export const IDS: readonly string[] = [...RUNS.keys()]
const KINDS = [...new Set(RUNS.values())]
const TARGETS = ['t1', 't2', 't3'] as const

const STATES: readonly facts.Loose<JobSnap>[] = [
  {},
  { endTime: 50n, isIdle: true },
  { isIdle: true },
  { endTime: 60n, err: 'disk full' },
  { aborted: true, abortErr: 'user abort' },
  { startTime: undefined, isIdle: true },
  { endTime: 40n, aborted: true },
  { isIdle: true, err: 'no quota' },
  { startTime: 90n },
]
/** Built once, because there are many scenes. */
const SNAPS: ReadonlyMap<string, readonly JobSnap[]> = new Map(
  [...RUNS].map(([id, kind]) => [id, STATES.map((state) => facts.snapOf({ ...state, kind }, id))]),
)
/** Four of seven statuses are open. */
const STATUS_CHOICES: readonly Partial<JobStatus>[] = [
  ...[{}, {}, {}, {}],
  { endTime: 80n },
  { endTime: 80n, err: 'no quota' },
  { aborted: true, err: 'user abort' },
]
const STATUSES: ReadonlyMap<string, readonly JobStatus[]> = new Map(
  [...RUNS].map(([id, kind]) => [id, STATUS_CHOICES.map((more) => facts.statusOf({ kind, ...more }, id))]),
)
const ERRORS: readonly JobError[] = [facts.NOT_FOUND, facts.BUSY, facts.TIMED_OUT, facts.UNDECODABLE, facts.FORBIDDEN]

/** Whether the tape chooses a case that is to occur once in n times. Never after the end of the tape. */
const isOneIn = (n: number, tape: Tape): boolean => tape.below(n) === n - 1

const STEPS_MS = [0, 100, 300, 1_000, 2_000, 5_000, 12_000, 31_000]
const LATENCIES_MS = [0, 1, 300, 2_500]
type QueryChoice = 'run' | 'status' | 'statuses' | 'kind' | 'all' | 'running' | 'map'
const QUERY_CHOICES: readonly QueryChoice[] = [
  'run',
  'run',
  'run',
  'run',
  'status',
  'status',
  'statuses',
  'statuses',
  'kind',
  'kind',
  'all',
  'running',
  'map',
]

/** Reads a scene from a tape. */
export function sceneOf(bytes: Uint8Array, waits = 4): Scene {
  const tape = tapeOf(bytes)
  // One state prevails for long stretches. Otherwise no doubt would last long enough.
  const prevailing = tape.below(STATES.length)
  const few = tape.below(2) === 0 ? IDS : IDS.slice(0, 2)
  const goals: Goal[] = []
  for (let i = 0; i < waits; i++) goals.push(goalFrom(tape, few))
  const paces = goals.map((): Pace => ({
    waitMs: tape.pick([500, 2_000, 10_000, Infinity]),
    unpaced: isOneIn(8, tape),
  }))
  const log: Evidence[] = []
  let atMs = 0
  for (let steps = 4 + tape.below(16); steps > 0; steps--) {
    atMs += tape.pick(STEPS_MS)
    log.push(evidenceFrom(tape, few, prevailing, Math.max(0, atMs - tape.pick(LATENCIES_MS)), atMs))
  }
  return { log, goals, paces }
}

/** A goal, as the tape chooses. */
function goalFrom(tape: Tape, ids: readonly string[]): Goal {
  const until = tape.pick<Goal['until']>(['kind', 'kind', 'end', 'idle', 'single', 'started', 'not-running', 'view'])
  const sinceMs = tape.pick([0, 0, 1_000, 10_000])
  const more = {
    ...(isOneIn(3, tape) ? { endsMs: sinceMs + 60_000 } : {}),
    ...(isOneIn(8, tape) ? { isLastRound: true } : {}),
  }
  if (isOneIn(4, tape)) return facts.goalOfKind(tape.pick(KINDS), { until, sinceMs, ...more })
  const id = tape.pick(ids)
  const goal = facts.goalOf({ until, id, sinceMs, ...(tape.below(2) === 0 ? { kind: RUNS.get(id)! } : {}), ...more })
  return isOneIn(10, tape) ? { ...goal, selection: { ...goal.selection, target: 't1' } } : goal
}

/** A reply to some request, as the tape chooses. */
function evidenceFrom(tape: Tape, ids: readonly string[], prevailing: number, sentMs: number, atMs: number): Evidence {
  const what = tape.pick(QUERY_CHOICES)
  const id = tape.pick(ids)
  return answerOf(tape, queryFor(what, id, RUNS.get(id)!), ids, prevailing, { sentMs, atMs })
}

function queryFor(what: QueryChoice, id: string, kind: string): Query {
  switch (what) {
    case 'run':
      return { what: 'snapshots', id }
    case 'kind':
      return { what: 'snapshots', kind }
    case 'all':
      return { what: 'snapshots' }
    case 'status':
      return { what: 'status', id }
    default:
      return { what }
  }
}

/** One of the possible replies of a cluster. `prevailing` is the state in which most of its snapshots are. */
export function answerOf(tape: Tape, query: Query, ids: readonly string[], prevailing: number, times: Times): Evidence {
  const result = isOneIn(6, tape) ? left(tape.pick(ERRORS)) : right(valueFrom(tape, query, ids, prevailing))
  return { query, ...times, result } as Evidence
}

/** The value of a reply, as the tape chooses. */
function valueFrom(tape: Tape, query: Query, ids: readonly string[], prevailing: number): unknown {
  const status = (one: string): JobStatus => tape.pick(STATUSES.get(one)!)
  switch (query.what) {
    case 'status':
      return status(query.id)
    case 'statuses':
      return facts.statusMapOf(...ids.filter(() => tape.below(8) < 7).map(status))
    case 'running':
      return ids.flatMap((one) => (tape.below(3) < 2 ? [{ id: one, kind: RUNS.get(one)! }] : []))
    case 'map':
      return facts.clusterMapOf(TARGETS.slice(0, 1 + tape.below(3)))
    case 'snapshots': {
      const meant =
        query.id === undefined
          ? ids.filter((one) => query.kind === undefined || RUNS.get(one) === query.kind)
          : [query.id]
      return buildSnapshots(
        TARGETS.slice(0, 2 + tape.below(2)).map((target) => [
          target,
          meant.flatMap((one) => {
            // Of twelve parts, eight are in the prevailing state, three in any state, and one is missing.
            const n = tape.below(12)
            return n === 11 ? [] : [SNAPS.get(one)![n < 8 ? prevailing : tape.below(STATES.length)]!]
          }),
        ]),
      )
    }
    case 'newest':
      return status(ids[0]!)
  }
}
