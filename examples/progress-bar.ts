// A progress bar in a terminal: a line for each change, and the last one when the job is over.
import { map, type Observable } from 'rxjs'
import { changes, isLeft, progress, takeUntilDone, type Cluster, type Progress, type Result } from 'aistore-rx'

const WIDTH = 20

/** The text of a line; without the rate and the ETA while they are unknown. */
export const lineOf = (result: Result<Progress>): string => {
  if (isLeft(result)) return `no news (${result.left._tag})`
  const { ratio = 0, objects, objectsPerSecond, etaMs, state, stalled } = result.right
  const full = Math.round(ratio * WIDTH)
  return [
    '#'.repeat(full) + '.'.repeat(WIDTH - full),
    `${Math.floor(ratio * 100)}%`,
    `${objects} objects`,
    ...(objectsPerSecond === undefined ? [] : [`${Math.round(objectsPerSecond)}/s`]),
    ...(etaMs === undefined || etaMs === 0 ? [] : [`${Math.ceil(etaMs / 1000)} s left`]),
    stalled ? 'stalled' : state,
  ].join('  ')
}

export const main = (cluster: Cluster, id: string, objects: number): Observable<string> =>
  progress(cluster, { id }, { total: { objects } }).pipe(
    takeUntilDone(({ state }) => ['finished', 'failed', 'aborted', 'lost'].includes(state)),
    map(lineOf),
    changes(),
  )
