// Angular: a signal of the jobs, in the constructor of a component or a service. It ends with its injector.
import type { Injector, Signal } from '@angular/core'
import { toSignal } from '@angular/core/rxjs-interop'
import { explain, rights, watchJobs, type ClusterLike, type JobTable } from 'aistore-rx'

export const jobsSignal = (cluster: ClusterLike, injector?: Injector): Signal<JobTable> =>
  toSignal(watchJobs(cluster).pipe(rights({ onLeft: (error) => console.warn(explain(error)) })), {
    initialValue: {},
    ...(injector === undefined ? {} : { injector }),
  })
