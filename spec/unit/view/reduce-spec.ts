import { expect } from 'chai'
import fc from 'fast-check'
import { isLeft, right } from '../../../lib/common/either.ts'
import type { PersistentMap } from '../../../lib/common/persistent-map.ts'
import type { JobStatus } from '../../../lib/codec/job-status.ts'
import type { JobError, RequestInfo } from '../../../lib/error.ts'
import { keyOf, type Evidence } from '../../../lib/view/evidence.ts'
import { followEverything, followKind, followRun } from '../../../lib/view/follow.ts'
import { advance, begin } from '../../../lib/view/goal.ts'
import { outcomeOf } from '../../../lib/view/outcome.ts'
import { lacksOpenRun } from '../../../lib/view/ic-report.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { EMPTY_VIEW, runOf, type RunView, type View } from '../../../lib/view/view.ts'
import {
  BUSY,
  ID,
  unknownToTargets,
  failedRequest,
  viewFollowing,
  listReply,
  mapReply,
  runningReply,
  snapshotsReply,
  snapshotsOfKindReply,
  statusOf,
  statusMapOf,
  statusReply,
  unknownToIc,
} from './helpers/facts.ts'
import { IDS, sceneOf } from './helpers/scene.ts'
import { anyTape } from './helpers/tape.ts'
import { casesOf } from '../../fuzz/seed.ts'

// `reduce` adds one reply (evidence) to the view, which holds all that the cluster has reported about each run of a
// job.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

/** The view after this evidence, which by default follows the only run. */
const viewAfter = (log: readonly Evidence[], from: View = followRun(EMPTY_VIEW, ID)): View => log.reduce(reduce, from)
/** The run in that view. */
const runAfter = (log: readonly Evidence[]): RunView => runOf(viewAfter(log), ID)!
const LISTS = { what: 'statuses' } as const

describe('reduce', () => {
  it('keeps the full status apart from the row of a list', () => {
    const { row, full, icEndSeenMs } = runAfter([
      listReply([statusOf({ endTime: 80n })], 0, 1),
      statusReply({ endTime: 80n, err: 'no quota' }, 2, 3),
    ])
    expect(row).to.deep.equal({ value: statusOf({ endTime: 80n }), sentMs: 0, atMs: 1 })
    expect(full).to.deep.equal({ value: statusOf({ endTime: 80n, err: 'no quota' }), sentMs: 2, atMs: 3 })
    expect(icEndSeenMs).to.equal(1)
  })

  it('keeps the time at which the Information Center first showed the run', () => {
    expect(runAfter([statusReply({}, 0, 1), statusReply({}, 2, 3)]).icSeenMs).to.equal(1)
    expect(runAfter([unknownToIc(0), listReply([statusOf()], 2, 3), statusReply({}, 4, 5)]).icSeenMs).to.equal(3)
    expect(runAfter([unknownToIc(0), snapshotsReply({ t1: {} }, 1)]).icSeenMs).to.equal(undefined)
  })

  it('never takes back a reported end, whichever member of the Information Center reports next', () => {
    expect(runAfter([statusReply({ endTime: 80n }, 0), statusReply({}, 1)]).full?.value.endTime).to.equal(80n)
    expect(
      runAfter([listReply([statusOf({ endTime: 80n })], 0), listReply([statusOf()], 1)]).row?.value.endTime,
    ).to.equal(80n)
  })

  it('counts replies in a row that do not know the run, after a target has shown it', () => {
    const began = [unknownToIc(-2), unknownToIc(-1), snapshotsReply({ t1: {} }, -1)]
    expect(runAfter(began).unknown).to.equal(undefined)
    expect(runAfter([...began, unknownToIc(0), unknownToIc(5)]).unknown).to.deep.equal({ sinceMs: 0, times: 2 })
    const busy = failedRequest({ what: 'status', id: ID }, BUSY, 1)
    expect(runAfter([...began, unknownToIc(0), busy, unknownToIc(5)]).unknown?.times).to.equal(2)
    expect(runAfter([...began, unknownToIc(0), statusReply({}, 1)]).unknown).to.equal(undefined)
    expect(runAfter([...began, unknownToIc(0), unknownToIc(5), listReply([statusOf()], 6)]).unknown).to.equal(undefined)
  })

  it('keeps since when all parts are over, and restarts that time with each further part', () => {
    const done = { endTime: 50n }
    expect(runAfter([snapshotsReply({ t1: done }, 0), snapshotsReply({ t1: done }, 1)]).overSinceMs).to.equal(0)
    expect(
      runAfter([
        snapshotsReply({ t1: done }, 0),
        snapshotsReply({ t1: done, t2: done }, 2),
        snapshotsReply({ t1: done }, 3),
      ]).overSinceMs,
    ).to.equal(2)
    expect(runAfter([snapshotsReply({ t1: done }, 0), snapshotsReply({ t1: done, t2: {} }, 2)]).overSinceMs).to.equal(
      undefined,
    )
  })

  it('uses an empty reply as a report on the run, and a failed one not at all', () => {
    expect(runAfter([unknownToTargets(0)]).absent).to.deep.equal({ sinceMs: 0, times: 1 })
    const poll = { what: 'snapshots', id: ID } as const
    const after = runAfter([snapshotsReply({ t1: {} }, 0), failedRequest(poll, BUSY, 1)])
    expect(after.targetsReply).to.include({ sentMs: 0, atMs: 0 })
    expect(after.absent).to.equal(undefined)
  })

  it('attributes a failed request to a target only if no proxy, page or sleep of the machine explains it', () => {
    const { request } = BUSY as { readonly request: RequestInfo }
    const refusal = { _tag: 'HttpError', status: 400, message: 'dial tcp: connection refused', request } as const
    const hasTargetFailed = (error: JobError, tookMs = 10): boolean =>
      runAfter([failedRequest({ what: 'snapshots', id: ID }, error, 0, tookMs)]).targetFailed === true
    const timedOut = { _tag: 'RequestTimeout', afterMs: 2_500, request } as const
    expect([2_500, 3_500, 3_501].map((tookMs) => hasTargetFailed(timedOut, tookMs))).to.deep.equal([true, true, false])
    expect(hasTargetFailed(refusal)).to.equal(true)
    expect(hasTargetFailed({ ...refusal, notJson: true })).to.equal(false)
    expect(hasTargetFailed(BUSY)).to.equal(false)
  })

  it('ignores a run with another id, whatever the query was (T4)', () => {
    const { parts, absent } = runAfter([snapshotsReply({ t1: { id: 'other1234', endTime: 50n } }, 0)])
    expect(parts.size).to.equal(0)
    expect(absent).to.deep.equal({ sinceMs: 0, times: 1 })
  })

  it('uses a reply about a kind as a report on each run of the kind, and not on runs of other kinds', () => {
    const lru = runAfter([snapshotsReply({ t1: { kind: 'lru' } }, 0), snapshotsOfKindReply('copy-bck', {}, 1)])
    expect(lru.absent).to.equal(undefined)
    expect(runAfter([snapshotsReply({ t1: {} }, 0), snapshotsOfKindReply('copy-bck', {}, 1)]).absent).to.deep.equal({
      sinceMs: 1,
      times: 1,
    })
    expect(runAfter([snapshotsOfKindReply('copy-bck', {}, 1)]).absent).to.equal(undefined)
  })

  it('learns only the kind and the fact that it runs from a list of running jobs', () => {
    expect(runAfter([runningReply([{ id: ID, kind: 'lru' }], 1)])).to.deep.equal({
      ...runOf(followRun(EMPTY_VIEW, ID), ID),
      kind: 'lru',
    })
  })

  it('does not use a reply that has only running jobs as a proof of absence', () => {
    const query = { what: 'snapshots', kind: 'copy-bck', onlyRunning: true } as const
    const view = viewAfter([snapshotsReply({ t1: {} }, 0)])
    const next = reduce(view, { query, sentMs: 1, atMs: 1, result: { _tag: 'Right', right: {} } })
    expect(runOf(next, ID)).to.equal(runOf(view, ID))
  })

  it('leaves out targets in maintenance, and keeps the request times of the last three failed requests for the map', () => {
    const view = viewAfter([0, 1, 2, 3].map((ms) => failedRequest({ what: 'map' }, BUSY, ms, ms + 10)))
    expect(view.mapFailures).to.deep.equal([1, 2, 3])
    expect(view.mapTargets).to.equal(undefined)
    const known = reduce(view, mapReply(['t1'], 2, ['t2']))
    expect(known.mapFailures).to.deep.equal([])
    expect([...(known.mapTargets?.value ?? [])]).to.deep.equal(['t1'])
    expect(reduce(known, failedRequest({ what: 'map' }, BUSY, 3)).mapTargets).to.equal(known.mapTargets)
  })

  it('keeps the runs that an interest follows by id or kind, and all runs while everything is followed', () => {
    const log = [
      snapshotsReply({ t1: {} }, 0, 0, 'other1234'),
      statusReply({}, 1, 1, 'other1234'),
      listReply([statusOf({}, 'third1234')], 2),
    ]
    expect([...viewAfter(log).runs.values()].map(({ id }) => id)).to.deep.equal([ID])
    expect([...viewAfter(log, followEverything(EMPTY_VIEW)).runs.values()].map(({ id }) => id).sort()).to.deep.equal([
      'other1234',
      'third1234',
    ])
    expect([
      ...viewAfter(
        [snapshotsOfKindReply('lru', { t1: { id: 'lruRun123', kind: 'lru' } }, 0)],
        followKind(EMPTY_VIEW, 'lru'),
      ).runs.values(),
    ]).to.have.length(1)
  })

  it('keeps the same object for each run that the evidence does not concern, and lists all others as changed', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
        let view = IDS.reduce(followRun, EMPTY_VIEW)
        for (const piece of sceneOf(bytes).log) {
          const next = reduce(view, piece)
          for (const one of next.runs.values())
            if (one !== runOf(view, one.id)) expect(next.changed, keyOf(piece.query)).to.include(one.id)
          const { query } = piece
          if (query.what === 'map') expect(next.runs).to.equal(view.runs)
          if ('id' in query)
            for (const id of IDS) if (id !== query.id) expect(runOf(next, id)).to.equal(runOf(view, id))
          view = next
        }
      }),
      { numRuns: casesOf(100) },
    )
  })

  it('changes no run if a list repeats the previous one', () => {
    const table = listReply([statusOf()], 0)
    const view = viewAfter([table])
    const next = reduce(view, { ...table, sentMs: 5, atMs: 5 })
    expect([next.runs, next.changed]).to.deep.equal([view.runs, []])
    expect(next.runs).to.equal(view.runs)
    expect(next.list?.atMs).to.equal(5)
    // Equal row objects count as unchanged, whatever list they are in.
    const other = reduce(view, {
      ...table,
      query: LISTS,
      atMs: 6,
      result: { _tag: 'Right', right: statusMapOf(...(view.list?.value.values() ?? [])) },
    })
    expect(other.runs).to.equal(view.runs)
  })

  it('lists a run with a missing part as changed by each list after its last change, also if lists before it failed', () => {
    const failed = (ms: number): Evidence => failedRequest({ what: 'statuses' }, BUSY, ms)
    const row = statusOf()
    const open = (ms: number): Evidence => listReply([row], ms)
    const parts = [open(0), snapshotsReply({ t1: {}, t2: {} }, 1), snapshotsReply({ t1: {} }, 2)]
    for (const failures of [[], [failed(3)], [failed(3), failed(4)]])
      expect(viewAfter([...parts, ...failures, open(5)]).changed, String(failures.length)).to.deep.equal([ID])
    expect(viewAfter([...parts.slice(0, 2), open(5)]).changed).to.deep.equal([])
  })

  it('lists a run as changed by the first list since its parts are over that lacks it, also if lists before it failed', () => {
    const over = [snapshotsReply({ t1: { endTime: 50n } }, 1), failedRequest({ what: 'statuses' }, BUSY, 2)]
    expect(viewAfter([listReply([], 0), ...over, listReply([], 3)]).changed).to.deep.equal([ID])
    expect(viewAfter([listReply([], 0), ...over, listReply([], 3), listReply([], 4)]).changed).to.deep.equal([])
  })

  it('lists no run as changed by evidence that says nothing about any run', () => {
    const changed = viewAfter([statusReply({}, 0)])
    expect(changed.changed).to.deep.equal([ID])
    const query = { what: 'newest', selection: { ids: [], kind: 'copy-bck', onlyRunning: false } } as const
    const after = reduce(changed, failedRequest(query, BUSY, 1))
    expect(after.changed).to.deep.equal([])
    expect(reduce(after, failedRequest(query, BUSY, 2))).to.equal(after)
  })

  it('does not depend on the order of evidence about different runs', () => {
    fc.assert(
      fc.property(anyTape, fc.nat(30), (bytes, at) => {
        const { log } = sceneOf(bytes)
        const start = IDS.reduce(followRun, EMPTY_VIEW)
        const n = at % Math.max(1, log.length - 1)
        const [one, other] = [log[n], log[n + 1]]
        if (one === undefined || other === undefined || !areIndependent(one, other)) return
        const swapped = [...log.slice(0, n), other, one, ...log.slice(n + 2)]
        // If an id starts again, reports on the previous run no longer count.
        if ([...viewAfter(log, start).runs.values()].some(({ earlierStarts }) => earlierStarts.size > 0)) return
        // `changed` describes the last piece of evidence only.
        const whole = (view: View): View => ({ ...view, changed: [] })
        expect(whole(viewAfter(swapped, start))).to.deep.equal(whole(viewAfter(log, start)))
      }),
      { numRuns: casesOf(500) },
    )
  })

  it('reproduces each outcome if a log is replayed later', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
        const { log, goals } = sceneOf(bytes)
        for (const goal of goals) {
          let view = viewFollowing(EMPTY_VIEW, goal)
          let standing = begin(goal)
          const live = log.map((piece) => {
            view = reduce(view, piece)
            standing = advance(goal, standing, view)
            return outcomeOf(view, goal, standing, piece.atMs)
          })
          // Evidence that was serialized and read again is equivalent.
          const written = log.map(rewritten)
          let later = viewFollowing(EMPTY_VIEW, goal)
          let again = begin(goal)
          for (const [n, piece] of written.entries()) {
            later = reduce(later, piece)
            again = advance(goal, again, later)
            expect(outcomeOf(later, goal, again, piece.atMs)).to.deep.equal(live[n])
          }
        }
      }),
      { numRuns: casesOf(50) },
    )
  })

  it('leaves its input unchanged', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
        const { log } = sceneOf(bytes)
        const before = structuredClone(log)
        const views: View[] = [IDS.reduce(followRun, followKind(EMPTY_VIEW, 'lru'))]
        for (const piece of log) views.push(reduce(views.at(-1)!, piece))
        const copies = structuredClone(views)
        viewAfter(log, views[0])
        for (const view of views) reduce(view, log[0]!)
        expect(log).to.deep.equal(before)
        expect(views).to.deep.equal(copies)
      }),
      { numRuns: casesOf(20) },
    )
  })
})

/** A deep copy of evidence; a list is copied as its rows. */
function rewritten(piece: Evidence): Evidence {
  if (piece.query.what !== 'statuses' || isLeft(piece.result)) return structuredClone(piece)
  const rows = structuredClone([...(piece.result.right as PersistentMap<JobStatus>).values()])
  return { ...structuredClone({ ...piece, result: undefined }), result: right(statusMapOf(...rows)) } as Evidence
}

/**
 * Whether neither reply affects the other: they concern different runs, or different facts about one run. A 404 for the
 * status counts only once a target has shown the run, so it depends on the snapshots before it.
 */
function areIndependent(first: Evidence, second: Evidence): boolean {
  const [{ query: one }, { query: other }] = [first, second]
  const isUnknown = ({ query, result }: Evidence): boolean =>
    query.what === 'status' && isLeft(result) && result.left._tag === 'NotFound'
  const ofRun = (query: Evidence['query']): string | undefined => ('id' in query ? query.id : undefined)
  const isMap = one.what === 'map' || other.what === 'map'
  if (isMap) return one.what !== other.what
  if (ofRun(one) === undefined || ofRun(other) === undefined) return false
  return ofRun(one) !== ofRun(other) || (one.what !== other.what && !isUnknown(first) && !isUnknown(second))
}

describe('lacksOpenRun', () => {
  it('is true if a list lacks a run that was open in the previous list', () => {
    const first = listReply([statusOf()], 0)
    expect(lacksOpenRun(viewAfter([first, listReply([], 1)]))).to.equal(true)
    expect(lacksOpenRun(viewAfter([first, listReply([statusOf()], 1)]))).to.equal(false)
    expect(lacksOpenRun(viewAfter([listReply([statusOf({ endTime: 80n })], 0), listReply([], 1)]))).to.equal(false)
    expect(lacksOpenRun(viewAfter([listReply([], 1)]))).to.equal(false)
  })
})
