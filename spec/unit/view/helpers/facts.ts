import type { ClusterMap } from '../../../../lib/codec/cluster-map.ts'
import type { JobSnap } from '../../../../lib/codec/job-snap.ts'
import type { JobStatus } from '../../../../lib/codec/job-status.ts'
import type { JobRef } from '../../../../lib/codec/running.ts'
import type { Snapshots } from '../../../../lib/codec/snapshots.ts'
import { left, right } from '../../../../lib/common/either.ts'
import { emptyMap } from '#platform/common/persistent-map'
import type { PersistentMap } from '../../../../lib/common/persistent-map.ts'
import type { JobError, Result } from '../../../../lib/error.ts'
import type { WaitResult } from '../../../../lib/model/wait-result.ts'
import { buildSnapshots } from '../../../../lib/model/snapshot.ts'
import type { Evidence, Query } from '../../../../lib/view/evidence.ts'
import { followKind, followRun } from '../../../../lib/view/follow.ts'
import { advance, begin, type Goal, type Standing } from '../../../../lib/view/goal.ts'
import type { Need, Pace } from '../../../../lib/view/need.ts'
import { needsOf } from '../../../../lib/view/needs.ts'
import { outcomeOf } from '../../../../lib/view/outcome.ts'
import { reduce } from '../../../../lib/view/reduce.ts'
import { EMPTY_VIEW, type View } from '../../../../lib/view/view.ts'
import { defined } from '../../../../lib/common/defined.ts'
import { part } from '../../../helpers/parts.ts'

// Short builders for the replies of a cluster.

export const ID = 'theJob123'

export type Loose<A> = { readonly [K in keyof A]?: A[K] | undefined }

/** A snapshot of a running job. */
export function snapOf(more: Loose<JobSnap> = {}, id: string = ID): JobSnap {
  const whole = { ...part({ id, kind: 'copy-bck' }), startTime: 1n, ...more }
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as unknown as JobSnap
}

/** The reply of each target: a list of snapshots, or the members of a single one that differ from the default. */
export type Targets = Readonly<Record<string, readonly JobSnap[] | Loose<JobSnap>>>

/** The snapshots of all targets. */
export function decodedSnapshots(targets: Targets): Snapshots {
  return buildSnapshots(
    Object.entries(targets).map(([target, shown]) => [target, isList(shown) ? shown : [snapOf(shown, shown.id ?? ID)]]),
  )
}

const isList = (shown: Targets[string]): shown is readonly JobSnap[] => Array.isArray(shown)

/** A status of a running job. */
export function statusOf(more: Partial<JobStatus> = {}, id: string = ID): JobStatus {
  return { id, kind: 'copy-bck', err: '', aborted: false, ...more }
}

/** A list of statuses, by run. */
export function statusMapOf(...statuses: readonly JobStatus[]): PersistentMap<JobStatus> {
  return emptyMap<JobStatus>().withAll(statuses.map((status) => [status.id, status]))
}

/** A cluster map with these targets, of which some are under maintenance. */
export function clusterMapOf(targets: readonly string[], maintenance: readonly string[] = []): ClusterMap {
  const nodes = [...targets, ...maintenance].map((id) => [
    id,
    { id, url: '', flags: 0, inIc: false, maintenance: maintenance.includes(id) },
  ])
  return {
    uuid: 'u',
    version: 1n,
    primary: 'p1',
    proxies: {},
    ic: [],
    targets: Object.fromEntries(nodes) as ClusterMap['targets'],
  }
}

export const REQUEST = { method: 'GET', path: '/v1/cluster', query: '' }
export const NOT_FOUND: JobError = { _tag: 'NotFound', message: 'unknown', request: REQUEST }
export const BUSY: JobError = { _tag: 'HttpError', status: 503, message: 'busy', request: REQUEST }
export const TIMED_OUT: JobError = { _tag: 'RequestTimeout', afterMs: 30_000, request: REQUEST }
export const FORBIDDEN: JobError = { _tag: 'Unauthorized', status: 403, message: '', request: REQUEST }
export const UNDECODABLE: JobError = { _tag: 'DecodeError', problems: ['$: nothing'], request: REQUEST }
export const NOT_JSON: JobError = { _tag: 'DecodeError', problems: ['$: <html>'], notJson: true, request: REQUEST }

// ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const evidence = (query: Query, result: Result<unknown>, sentMs: number, atMs: number): Evidence =>
  ({ query, sentMs, atMs, result }) as Evidence

/** A request that failed. */
export function failedRequest(query: Query, error: JobError, sentMs: number, atMs: number = sentMs): Evidence {
  return evidence(query, left(error), sentMs, atMs)
}

/** The status of one run. */
export function statusReply(
  more: Partial<JobStatus>,
  sentMs: number,
  atMs: number = sentMs,
  id: string = ID,
): Evidence {
  return evidence({ what: 'status', id }, right(statusOf(more, id)), sentMs, atMs)
}

/** The list of statuses. */
export function listReply(statuses: readonly JobStatus[], sentMs: number, atMs: number = sentMs): Evidence {
  return evidence({ what: 'statuses' }, right(statusMapOf(...statuses)), sentMs, atMs)
}

/** The snapshots of one run. */
export function snapshotsReply(targets: Targets, sentMs: number, atMs: number = sentMs, id: string = ID): Evidence {
  return evidence({ what: 'snapshots', id }, right(decodedSnapshots(targets)), sentMs, atMs)
}

/** The snapshots of a kind. */
export function snapshotsOfKindReply(kind: string, targets: Targets, sentMs: number, atMs: number = sentMs): Evidence {
  return evidence({ what: 'snapshots', kind }, right(decodedSnapshots(targets)), sentMs, atMs)
}

/** No target knows the run. */
export const unknownToTargets = (sentMs: number, atMs: number = sentMs, id: string = ID): Evidence =>
  failedRequest({ what: 'snapshots', id }, NOT_FOUND, sentMs, atMs)

/** The Information Center does not know the run. */
export const unknownToIc = (sentMs: number, atMs: number = sentMs, id: string = ID): Evidence =>
  failedRequest({ what: 'status', id }, NOT_FOUND, sentMs, atMs)

/** The list of running jobs. */
export function runningReply(refs: readonly JobRef[], sentMs: number, atMs: number = sentMs): Evidence {
  return evidence({ what: 'running' }, right(refs), sentMs, atMs)
}

/** The cluster map. */
export function mapReply(targets: readonly string[], sentMs: number, maintenance: readonly string[] = []): Evidence {
  return evidence({ what: 'map' }, right(clusterMapOf(targets, maintenance)), sentMs, sentMs)
}

// ── waits ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The goal of a wait for the job. */
export function goalOf(more: Partial<Goal> & { readonly kind?: string } = {}): Goal {
  const { kind, ...rest } = more
  return {
    until: 'kind' as const,
    id: ID,
    kinds: [],
    sinceMs: 0,
    selection: { ids: [], onlyRunning: false, ...defined({ kind }) },
    ...rest,
  }
}

/** The goal of a wait for the next run of a kind. */
export function goalOfKind(kind: string, more: Partial<Goal> = {}): Goal {
  const { until, kinds, sinceMs, selection } = goalOf({ kind })
  return { until, kinds, sinceMs, selection, ...more }
}

/** A wait after some evidence. */
export interface WaitAfter {
  readonly view: View
  readonly goal: Goal
  readonly standing: Standing
  readonly outcome: (nowMs: number) => Result<WaitResult> | undefined
  readonly needs: (pace: Pace, nowMs: number) => readonly Need[]
}

/** The view, which from now on keeps the runs that the goal needs. */
export const viewFollowing = (view: View, { id, selection: { kind = '' } }: Goal): View =>
  id === undefined ? followKind(view, kind) : followRun(view, id)

/** Applies evidence to a wait. */
export function waitAfter(goal: Goal, log: readonly Evidence[], from: View = EMPTY_VIEW): WaitAfter {
  let view = viewFollowing(from, goal)
  let standing = advance(goal, begin(goal), view)
  for (const piece of log) {
    view = reduce(view, piece)
    standing = advance(goal, standing, view)
  }
  return {
    view,
    goal,
    standing,
    outcome: (nowMs) => outcomeOf(view, goal, standing, nowMs),
    needs: (pace, nowMs) => needsOf(view, goal, standing, pace, nowMs),
  }
}

/** The outcome as a text: `open` if there is none yet, the tag of a Left, or its name, with `no success` where a name allows both. */
export function outcomeText(result: Result<WaitResult> | undefined): string {
  if (result === undefined) return 'open'
  if (result._tag === 'Left') return result.left._tag
  const { outcome, success } = result.right
  if (outcome !== 'failed' && outcome !== 'aborted' && outcome !== 'lost')
    return success ? outcome : `${outcome}, no success`
  if (success) throw new Error(`${outcome} is a success`)
  return outcome
}
