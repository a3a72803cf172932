// Svelte: a store, which a component shows as $lines. It has a subscription to the jobs only while somebody reads it.
import { readable, type Readable } from 'svelte/store'
import { rights, watchJobs, type ClusterLike } from 'aistore-rx'
import { map } from 'rxjs'

export const linesOf = (cluster: ClusterLike): Readable<readonly string[]> =>
  readable<readonly string[]>([], (set) => {
    const lines = watchJobs(cluster).pipe(
      rights(),
      map((jobs) => Object.values(jobs).map(({ kind, state }) => `${kind} ${state}`)),
    )
    const subscription = lines.subscribe(set)
    return () => subscription.unsubscribe()
  })
