// A live table: the whole cluster from one poll per tick. A row that has not changed is the same object, so a cache
// keyed by rows, such as the memo of a UI, has nothing to do for it.
import { distinctUntilChanged, map, type Observable } from 'rxjs'
import { explain, rights, watchJobs, type Cluster, type JobRow } from 'aistore-rx'

/** Computes a value for each row once, like a memo. */
const once = <A>(make: (row: JobRow) => A): ((row: JobRow) => A) => {
  const made = new WeakMap<JobRow, A>()
  return (row) => {
    const value = made.get(row) ?? make(row)
    made.set(row, value)
    return value
  }
}

/** The page, each time it changes; `draw` is called only for the rows that have changed. */
export const main = (
  cluster: Cluster,
  draw: (row: JobRow) => string = ({ kind, id, state }) => `${kind} ${id}: ${state}`,
): Observable<readonly string[]> => {
  const line = once(draw)
  return watchJobs(cluster).pipe(
    rights({ onLeft: (error) => console.warn(explain(error)) }), // the page stays as it is
    distinctUntilChanged(), // if no row has changed, the table is the same object
    map((table) => Object.values(table).map(line)),
  )
}
