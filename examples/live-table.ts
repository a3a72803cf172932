// A live table: the whole cluster from one question a tick. A row that has not changed is the very same object, so that
// whatever keeps what it made of a row, such as the memo of a UI, has nothing to do for it.
import { distinctUntilChanged, map, type Observable } from 'rxjs'
import { rights, watchJobs, type Cluster, type JobRow } from 'aistore-rx'

/** Makes something of each row once, as a memo does. */
const once = <A>(make: (row: JobRow) => A): ((row: JobRow) => A) => {
  const made = new WeakMap<JobRow, A>()
  return (row) => {
    const value = made.get(row) ?? make(row)
    made.set(row, value)
    return value
  }
}

/** The page, each time that it is another one; `draw` is called for the rows that are. */
export const main = (
  cluster: Cluster,
  draw: (row: JobRow) => string = ({ kind, id, state }) => `${kind} ${id}: ${state}`,
): Observable<readonly string[]> => {
  const line = once(draw)
  return watchJobs(cluster).pipe(
    rights(), // what could not be learnt is left out: the page stays as it is
    distinctUntilChanged(), // where no row has changed, it is the very same table
    map((table) => Object.values(table).map(line)),
  )
}
