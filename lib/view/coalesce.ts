import type { StatusList } from '../codec/status-list.ts'
import type { Query } from './evidence.ts'
import type { Need } from './needs.ts'
import { runOf, type View } from './view.ts'
import { defined } from '../common/defined.ts'

/** From this many runs of unknown kind on, one list replaces a request for each. */
const MANY_UNKNOWN = 4
/**
 * A reply about a kind may show up to this many times the runs that are due. Beyond that, each run is queried on its
 * own.
 */
const WIDEST = 2

interface Context {
  readonly followed: number
  readonly isUnusable: (query: Query) => boolean
  readonly isInFlight?: (query: Query) => boolean
}

/**
 * Returns the fewest queries that cover everything that is due. It is pure, and it covers each need.
 *
 * @param followed how many runs, kinds and whole lists are followed; from two on, one list replaces requests for each
 * run
 * @param isUnusable whether the last reply to a query about many runs could not be used; each run is then queried on
 * its own
 * @param isInFlight whether a query is in flight; a run that is being queried does not count for a reply about its kind
 */
export function coalesce(
  view: View,
  due: readonly Need[],
  { followed, isUnusable, isInFlight = () => false }: Context,
): readonly Query[] {
  if (due.length === 0) return []
  const ic = new Set<string>()
  const any = new Map<string, string | undefined>()
  const full = new Set<string>()
  const looks = new Map<string, string | undefined>()
  const kinds = new Set<string | undefined>()
  const named: Query[] = []
  const useTable = !isUnusable({ what: 'statuses' })
  const hasOthers = useTable && followed > 1
  let [works, map, isListed] = [false, false, false]
  // Two needs may presume different kinds. The query then holds only the id.
  const look = (id: string, kind: string | undefined): unknown =>
    looks.set(id, looks.has(id) && looks.get(id) !== kind ? undefined : kind)
  for (const need of due) {
    if (need.of === 'query') {
      named.push(need.query)
      continue
    }
    const { id, kind } = need
    if (id === undefined) {
      if (need.of === 'snapshots') kinds.add(kind)
      else if (need.of === 'map') map = true
      continue
    }
    // One list covers every run, so no id is collected.
    if (need.of === 'ic') {
      if (hasOthers) isListed = true
      else ic.add(id)
    } else if (need.of === 'any') any.set(id, kind)
    else if (need.of === 'status') full.add(id)
    else if (need.of === 'snapshots') look(id, kind)
    else if (need.of === 'running') works = true
  }
  const queries: Query[] = named
  for (const id of full) ic.delete(id)
  isListed ||= useTable && any.size >= MANY_UNKNOWN
  if (isListed) queries.push({ what: 'statuses' })
  else {
    for (const id of ic) full.add(id)
    for (const [id, kind] of any) look(id, kind)
  }
  for (const id of full) queries.push({ what: 'status', id })
  for (const kind of kinds) queries.push({ what: 'snapshots', ...defined({ kind }) })
  for (const query of snapshotsQueries(view, looks, kinds, isUnusable, isInFlight)) queries.push(query)
  if (works) queries.push({ what: 'running' })
  if (map) queries.push({ what: 'map' })
  return queries
}

function snapshotsQueries(
  view: View,
  looks: ReadonlyMap<string, string | undefined>,
  kinds: ReadonlySet<string | undefined>,
  broken: (query: Query) => boolean,
  isInFlight: (query: Query) => boolean,
): readonly Query[] {
  if (kinds.has(undefined)) return []
  const byKind = new Map<string, string[]>()
  const queries: Query[] = []
  for (const [id, presumed] of looks) {
    const kind = kindOf(view, id, presumed)
    const own: Query = { what: 'snapshots', id }
    if (kind === undefined || isInFlight(own)) queries.push(own)
    else if (!kinds.has(kind)) {
      const ids = byKind.get(kind)
      if (ids === undefined) byKind.set(kind, [id])
      else ids.push(id)
    }
  }
  for (const [kind, ids] of byKind) {
    const whole: Query = { what: 'snapshots', kind }
    if (ids.length > 1 && isAtMost(view, kind, ids.length * WIDEST) && !broken(whole)) queries.push(whole)
    else for (const id of ids) queries.push({ what: 'snapshots', id })
  }
  return queries
}

/**
 * The kind whose snapshots show a run.
 *
 * If it is only presumed, one reply about the kind shows whether the run is of that kind. A run that this reply lacks
 * is queried by its id, because only a reply about the id proves that no target has the run.
 */
function kindOf(view: View, id: string, presumed: string | undefined): string | undefined {
  return runOf(view, id)?.kind ?? (presumed === undefined || view.sizes.has(presumed) ? undefined : presumed)
}

/** Whether a reply about the kind shows at most `most` runs, as far as that is known. */
const isAtMost = ({ sizes, table }: View, kind: string, most: number): boolean =>
  (sizes.get(kind) ?? 0) <= most && (table === undefined || (countsOf(table.value).get(kind) ?? 0) <= most)

const counts = new WeakMap<StatusList, ReadonlyMap<string, number>>()

function countsOf(table: StatusList): ReadonlyMap<string, number> {
  let count = counts.get(table)
  if (count === undefined) {
    const next = new Map<string, number>()
    table.each(({ kind }) => next.set(kind, (next.get(kind) ?? 0) + 1))
    count = next
    counts.set(table, count)
  }
  return count
}
