import type { StatusList } from '../codec/status-list.ts'
import type { Query } from './evidence.ts'
import type { Need } from './need.ts'
import { isDownloadId } from '../model/download.ts'
import { runOf, type View } from './view.ts'
import { defined } from '../common/defined.ts'

/** If at least this many runs of unknown kind are due, one list replaces a request for each of them. */
const MANY_UNKNOWN = 4
/**
 * One query about a kind replaces the queries about its runs only if its reply shows at most this many runs for each
 * run that is due.
 */
const MOST_SHOWN_PER_DUE = 2

/** What decides which queries cover the needs, besides the view: see {@link coalesce}. */
interface Context {
  /** How many runs, kinds and whole lists are followed. */
  readonly followed: number
  /** Whether the last reply to a query about many runs could not be used. */
  readonly isUnusable: (query: Query) => boolean
  readonly isInFlight?: (query: Query) => boolean
}

/**
 * Returns the fewest queries that cover everything that is due. A pure function.
 *
 * @param followed how many runs, kinds and whole lists are followed; if there are two or more, one list replaces the
 * requests for single runs
 * @param isUnusable whether the last reply to a query about many runs could not be used; each run is then queried on
 * its own
 * @param isInFlight whether a query is in flight; a run with a query of its own in flight needs no reply about its kind
 */
export function coalesce(
  view: View,
  due: readonly Need[],
  { followed, isUnusable, isInFlight = () => false }: Context,
): readonly Query[] {
  if (due.length === 0) return []
  /** The runs about which a report of the Information Center is due, unless a list shows it. */
  const icDue = new Set<string>()
  /** The runs whose full status is due. */
  const statusDue = new Set<string>()
  /** The runs, with their kinds as far as they are known, whose snapshots are due. */
  const snapshotsDue = new Map<string, string | undefined>()
  /** The runs about which any report is due: a list, or snapshots. */
  const anyDue = new Map<string, string | undefined>()
  /** The kinds whose snapshots are due as a whole; undefined for all jobs. */
  const kinds = new Set<string | undefined>()
  const queries: Query[] = []
  const mayList = !isUnusable({ what: 'statuses' })
  const listReplacesStatus = mayList && followed > 1
  let needsRunning = false
  let needsMap = false
  let needsList = false
  const addSnapshots = (id: string, kind: string | undefined): void => {
    // Two needs may presume different kinds of a run whose kind is unknown. The query then holds only the id.
    const isDisputed = snapshotsDue.has(id) && snapshotsDue.get(id) !== kind
    snapshotsDue.set(id, isDisputed ? undefined : kind)
  }
  for (const need of due) {
    if (need.of === 'query') {
      queries.push(need.query)
      continue
    }
    const { id, kind } = need
    if (id === undefined) {
      if (need.of === 'snapshots') kinds.add(kind)
      else if (need.of === 'map') needsMap = true
      continue
    }
    if (need.of === 'ic') {
      if (listReplacesStatus) needsList = true
      else icDue.add(id)
    } else if (need.of === 'any') anyDue.set(id, kind)
    else if (need.of === 'status') statusDue.add(id)
    else if (need.of === 'snapshots') addSnapshots(id, kind)
    else if (need.of === 'running') needsRunning = true
  }
  needsList ||= mayList && anyDue.size >= MANY_UNKNOWN
  if (needsList) queries.push({ what: 'statuses' })
  else {
    for (const id of icDue) statusDue.add(id)
    for (const [id, kind] of anyDue) addSnapshots(id, kind)
  }
  for (const id of statusDue) queries.push({ what: 'status', id })
  for (const kind of kinds) queries.push({ what: 'snapshots', ...defined({ kind }) })
  for (const query of snapshotsQueries(view, snapshotsDue, kinds, isUnusable, isInFlight)) queries.push(query)
  if (needsRunning) queries.push({ what: 'running' })
  if (needsMap) queries.push({ what: 'map' })
  return queries
}

/** The queries that cover all due snapshots: of whole kinds where that is cheaper, otherwise of single runs. */
function snapshotsQueries(
  view: View,
  snapshotsDue: ReadonlyMap<string, string | undefined>,
  kinds: ReadonlySet<string | undefined>,
  isUnusable: (query: Query) => boolean,
  isInFlight: (query: Query) => boolean,
): readonly Query[] {
  if (kinds.has(undefined)) return []
  const byKind = new Map<string, string[]>()
  const queries: Query[] = []
  for (const [id, presumed] of snapshotsDue) {
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
    if (ids.length > 1 && showsAtMost(view, kind, ids.length * MOST_SHOWN_PER_DUE) && !isUnusable(whole))
      queries.push(whole)
    else for (const id of ids) queries.push({ what: 'snapshots', id })
  }
  return queries
}

/**
 * The kind whose snapshots show a run.
 *
 * If the kind is only presumed, one reply about it shows whether the run is of that kind. A run that this reply lacks
 * is queried by its id, because only a reply about the id proves that no target has the run. A download is always
 * queried by its id, because only the download API knows it.
 */
function kindOf(view: View, id: string, presumed: string | undefined): string | undefined {
  if (isDownloadId(id)) return undefined
  const known = runOf(view, id)?.kind
  // A reply about the presumed kind would have shown the run, and so its kind.
  const wasLacked = presumed !== undefined && view.sizes.has(presumed)
  return known ?? (wasLacked ? undefined : presumed)
}

/** Whether a reply about the kind shows at most `most` runs, as far as that is known. */
const showsAtMost = ({ sizes, list }: View, kind: string, most: number): boolean =>
  (sizes.get(kind) ?? 0) <= most && (list === undefined || (countsOf(list.value).get(kind) ?? 0) <= most)

const counts = new WeakMap<StatusList, ReadonlyMap<string, number>>()

function countsOf(list: StatusList): ReadonlyMap<string, number> {
  let count = counts.get(list)
  if (count === undefined) {
    const next = new Map<string, number>()
    list.each(({ kind }) => next.set(kind, (next.get(kind) ?? 0) + 1))
    count = next
    counts.set(list, count)
  }
  return count
}
