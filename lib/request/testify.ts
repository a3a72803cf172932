import { defer, tap, type Observable } from 'rxjs'
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

/** The evidence that a reply to a one-shot question is for the view. */
export type Testimony = Omit<Evidence, 'askedMs' | 'atMs'>

/**
 * Asks a one-shot question, and passes its reply to the loop as evidence, so that no stream needs to ask the same
 * again.
 *
 * An error other than a 404 is no evidence: it may depend on how the question was asked.
 */
export function testify<A>(
  env: Environment,
  question: Observable<Result<A>>,
  testimonies: (result: Result<A>) => readonly Testimony[],
): Observable<Result<A>> {
  const { now, shared } = env
  return defer(() => {
    const askedMs = now()
    return question.pipe(
      tap((result) => {
        if (shared.witnesses.size === 0) return
        const atMs = now()
        for (const testimony of testimonies(result))
          for (const witness of [...shared.witnesses]) witness({ ...testimony, askedMs, atMs } as Evidence)
      }),
    )
  })
}

/** A status by kind names its run. If an id and a kind were given, the kind may be the reason for a 404. */
export function ofStatus({ ids: [id], kind }: Selection, result: Result<JobStatus>): readonly Testimony[] {
  if (isRight(result)) return ofStatuses([result.right])
  return id === undefined || kind !== undefined || result.left._tag !== 'NotFound'
    ? []
    : [{ query: { what: 'status', id }, result }]
}

/** Each is a full status; a run that is not among them may have been left out by the filter. */
export function ofStatuses(statuses: readonly JobStatus[]): readonly Testimony[] {
  return statuses.map((status) => ({
    query: { what: 'status', id: status.id },
    result: { _tag: 'Right', right: status },
  }))
}

/** The snapshots of one id, of a kind or of everything, as the targets gave them. */
export function ofSnapshots(
  { ids: [id], kind, onlyRunning }: Selection,
  result: Result<Snapshots>,
): readonly Testimony[] {
  const isNone = isRight(result) && Object.values(result.right).every((snaps) => snaps.length === 0)
  if (isLeft(result) && (id === undefined || result.left._tag !== 'NotFound')) return []
  if (id !== undefined)
    return kind !== undefined && (isLeft(result) || isNone) ? [] : [{ query: { what: 'snapshots', id }, result }]
  return onlyRunning ? [] : [{ query: { what: 'snapshots', ...defined({ kind }) }, result }]
}

export function ofRunning(kind: string | undefined, result: Result<readonly JobRef[]>): readonly Testimony[] {
  return isLeft(result) || kind !== undefined ? [] : [{ query: { what: 'running' }, result }]
}

export function ofMap(result: Result<ClusterMap>): readonly Testimony[] {
  return isLeft(result) ? [] : [{ query: { what: 'map' }, result }]
}
