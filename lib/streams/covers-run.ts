import type { Snapshots } from '../codec/snapshots.ts'
import { isLeft, left } from '../common/either.ts'
import type { Result } from '../error.ts'
import { SNAPSHOTS } from '../queries.ts'
import { isDownloadId } from '../model/download.ts'
import type { Query } from '../view/evidence.ts'
import { runOf, type View } from '../view/view.ts'

/**
 * Whether a query requests the snapshots of a run: of this run only, of its kind or of all jobs. One request may serve
 * several subscribers.
 */
export function coversRun(query: Query, id: string, view: View): boolean {
  if (query.what !== 'snapshots') return false
  if (query.id !== undefined || isDownloadId(id)) return query.id === id
  return query.onlyRunning !== true && (query.kind === undefined || query.kind === runOf(view, id)?.kind)
}

/** Replaces a reply about many runs with NotFound if it has none of these ids: a query by id would have got a 404. */
export function notFoundIfAbsent(query: Query, result: Result<Snapshots>, ids: readonly string[]): Result<Snapshots> {
  if (isLeft(result) || query.what !== 'snapshots' || query.id !== undefined) return result
  const isShown = Object.values(result.right).some((snaps) => snaps.some(({ id }) => ids.includes(id)))
  return isShown ? result : left({ _tag: 'NotFound', message: 'no target shows the job', request: SNAPSHOTS })
}
