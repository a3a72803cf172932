// React: one subscription for all components that show the jobs, and only while one of them is mounted.
import { createElement, useSyncExternalStore, type ReactElement } from 'react'
import { explain, rights, watchJobs, type ClusterLike, type JobTable } from 'aistore-rx'
import { share, tap } from 'rxjs'

export interface JobStore {
  readonly subscribe: (changed: () => void) => () => void
  readonly getSnapshot: () => JobTable
}

/** Create it once, outside of components. */
export function jobStore(cluster: ClusterLike): JobStore {
  let table: JobTable = {}
  const tables = watchJobs(cluster).pipe(
    rights({ onLeft: (error) => console.warn(explain(error)) }),
    tap((next) => (table = next)),
    share(),
  )
  return {
    subscribe: (changed) => {
      const subscription = tables.subscribe(changed)
      return () => subscription.unsubscribe()
    },
    getSnapshot: () => table,
  }
}

export function Jobs({ store }: { readonly store: JobStore }): ReactElement {
  const jobs = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot)
  const items = Object.values(jobs).map(({ id, kind, state }) => createElement('li', { key: id }, `${kind} ${state}`))
  return createElement('ul', null, items)
}
