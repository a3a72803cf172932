import { defer, map, type Observable } from 'rxjs'
import { isLeft, isRight } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import type { Selection } from '../model/selection.ts'
import type { ClusterMap } from '../codec/cluster-map.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { JobRef } from '../codec/running.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import type { Evidence } from '../view/evidence.ts'
import { defined } from '../common/defined.ts'

/** The evidence for the view from a reply to a one-shot query. */
export type ReplyEvidence = Omit<Evidence, 'sentMs' | 'atMs'>

/**
 * Sends a one-shot query, and passes its reply to the loop as evidence, so that no stream needs to send the same query.
 *
 * An error other than a 404 is not evidence, since it may depend on the arguments of the query.
 */
export function publishEvidence<A>(
  env: Environment,
  query: Observable<Result<A>>,
  evidenceOf: (result: Result<A>) => readonly ReplyEvidence[],
): Observable<Result<A>> {
  const { now, shared } = env
  return defer(() => {
    const sentMs = now()
    return query.pipe(
      // Not `tap`, which is several times as large in a bundle.
      map((result) => {
        if (shared.evidenceListeners.size === 0) return result
        const atMs = now()
        for (const evidence of evidenceOf(result))
          for (const listen of [...shared.evidenceListeners]) listen({ ...evidence, sentMs, atMs } as Evidence)
        return result
      }),
    )
  })
}

/**
 * The evidence from a status. A 404 counts only for a query by id without a kind, since a kind may be the reason for
 * the 404.
 */
export function ofStatus({ ids: [id], kind }: Selection, result: Result<JobStatus>): readonly ReplyEvidence[] {
  if (isRight(result)) return ofStatuses([result.right])
  const isAboutId = id !== undefined && kind === undefined && result.left._tag === 'NotFound'
  return isAboutId ? [{ query: { what: 'status', id }, result }] : []
}

/** The evidence from full statuses. A missing run is not evidence, since a filter may have excluded it. */
export function ofStatuses(statuses: readonly JobStatus[]): readonly ReplyEvidence[] {
  return statuses.map((status) => ({
    query: { what: 'status', id: status.id },
    result: { _tag: 'Right', right: status },
  }))
}

/**
 * The evidence from the snapshots of one id, of a kind or of all jobs, before they are filtered.
 *
 * That a query by id and kind finds nothing is not evidence, since the run may be of another kind. That a query about
 * running jobs lacks a run is not evidence either, since the run may have ended.
 */
export function ofSnapshots(
  { ids: [id], kind, onlyRunning }: Selection,
  result: Result<Snapshots>,
): readonly ReplyEvidence[] {
  if (isLeft(result) && (id === undefined || result.left._tag !== 'NotFound')) return []
  if (id === undefined) return onlyRunning ? [] : [{ query: { what: 'snapshots', ...defined({ kind }) }, result }]
  const hasFoundRun = isRight(result) && Object.values(result.right).some((snaps) => snaps.length > 0)
  return hasFoundRun || kind === undefined ? [{ query: { what: 'snapshots', id }, result }] : []
}

/** The evidence from the list of running jobs, if it is not filtered by kind. */
export function ofRunning(kind: string | undefined, result: Result<readonly JobRef[]>): readonly ReplyEvidence[] {
  return isLeft(result) || kind !== undefined ? [] : [{ query: { what: 'running' }, result }]
}

/** The evidence from the cluster map. */
export function ofMap(result: Result<ClusterMap>): readonly ReplyEvidence[] {
  return isLeft(result) ? [] : [{ query: { what: 'map' }, result }]
}
