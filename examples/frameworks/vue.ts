// Vue: a composable. The table is replaced as a whole, so it needs no deep reactivity.
import { defineComponent, h, onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { explain, rights, watchJobs, type ClusterLike, type JobTable } from 'aistore-rx'

/** Subscribes until the component is unmounted. */
export function useJobs(cluster: ClusterLike): Readonly<ShallowRef<JobTable>> {
  const jobs = shallowRef<JobTable>({})
  const subscription = watchJobs(cluster)
    .pipe(rights({ onLeft: (error) => console.warn(explain(error)) }))
    .subscribe((table) => (jobs.value = table))
  onScopeDispose(() => subscription.unsubscribe())
  return jobs
}

export const jobList = (cluster: ClusterLike) =>
  defineComponent(() => {
    const jobs = useJobs(cluster)
    return () =>
      h(
        'ul',
        null,
        Object.values(jobs.value).map(({ id, kind, state }) => h('li', { key: id }, `${kind} ${state}`)),
      )
  })
