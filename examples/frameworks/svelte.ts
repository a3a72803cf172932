// Svelte: a store, which a component shows as $lines. It has a subscription to the jobs only while somebody reads it.
import { readable, type Readable } from 'svelte/store'
import { explain, rights, watchJobs, type ClusterLike } from 'aistore-rx'
import { map } from 'rxjs'

export const linesOf = (cluster: ClusterLike): Readable<readonly string[]> =>
  readable<readonly string[]>([], (set) => {
    const lines = watchJobs(cluster).pipe(
      rights({ onLeft: (error) => console.warn(explain(error)) }),
      map((jobs) => Object.values(jobs).map(({ kind, state }) => `${kind} ${state}`)),
    )
    const subscription = lines.subscribe(set)
    return () => subscription.unsubscribe()
  })
