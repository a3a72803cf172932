import { keyOf, type Query } from '../../../../lib/view/evidence.ts'
import type { Need } from '../../../../lib/view/need.ts'
import { runOf, type View } from '../../../../lib/view/view.ts'

/**
 * Whether the reply to a query satisfies a need: the rules of `coalesce`, written a second time.
 *
 * A reply about a kind covers a run of that kind. If the view does not know the kind of the run, the kind in the need
 * counts.
 */
export function covers(query: Query, need: Need, view: View): boolean {
  if (need.of === 'query') return keyOf(need.query) === keyOf(query)
  const { id } = need
  const kind = (id === undefined ? undefined : runOf(view, id)?.kind) ?? need.kind
  const hasSnapshots =
    query.what === 'snapshots' &&
    query.onlyRunning !== true &&
    (query.id === undefined ? query.kind === undefined || query.kind === kind : query.id === id)
  const hasStatus = (query.what === 'status' && query.id === id) || query.what === 'statuses'
  switch (need.of) {
    case 'ic':
      return hasStatus
    case 'any':
      return hasStatus || hasSnapshots
    case 'status':
      return query.what === 'status' && query.id === id
    case 'snapshots':
      return hasSnapshots
    case 'running':
      return query.what === 'running'
    case 'map':
      return query.what === 'map'
    case 'wake':
      return true
  }
}
