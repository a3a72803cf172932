import { TestScheduler } from 'rxjs/testing'
import { mergeMap, timer, type Observable } from 'rxjs'
import { isRight } from '../../lib/common/either.ts'
import type { Cluster } from '../../lib/cluster.ts'
import { environmentOf, type ClusterOptions, type Environment } from '../../lib/environment.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { clusterMap, type MapOptions } from './fake-cluster/replies.ts'
import type { Recorded } from './recorded.ts'
import { clusterOf, scripted, type Reply, type Scripted } from './scripted.ts'

// Several proxies of one cluster in virtual time. The reply of each is a function of the request and its time.

export type ProxyMap = Omit<MapOptions, 'proxies' | 'targets'>

/** A cluster map of these proxies. */
export const mapOf = (proxies: readonly string[], options: ProxyMap = {}): HttpResponse =>
  clusterMap({ ...options, proxies })

export interface ProxyRun {
  readonly sent: Scripted
  /** The host, query and time of each request, for example `p1 smap@5`. */
  readonly requestLog: readonly string[]
  /** The result of each act, in order. */
  readonly values: readonly (readonly unknown[])[]
  readonly env: Environment
}

/** Runs each act at its time, in milliseconds, until nothing is scheduled. */
export function play(
  script: (request: Recorded) => Reply,
  acts: readonly (readonly [atMs: number, act: (cluster: Cluster, env: Environment) => Observable<unknown>])[],
  options: Omit<ClusterOptions, 'transport'> = {},
  endpoint: string | readonly string[] = 'http://p1',
): ProxyRun {
  const scheduler = new TestScheduler(() => undefined)
  const sent = scripted(script, scheduler)
  const cluster = clusterOf(sent, { scheduler, ...options }, endpoint)
  const env = envOf(cluster)
  const values: unknown[][] = acts.map(() => [])
  scheduler.run(() => {
    acts.forEach(([ms, act], nth) => {
      timer(ms, scheduler)
        .pipe(mergeMap(() => act(cluster, env)))
        .subscribe((value) => values[nth]?.push(value))
    })
  })
  return { sent, requestLog: sent.requests.map(lineOf), values, env }
}

/** A request as a text, such as `p1 status@100`. */
const lineOf = ({ host, query, atMs }: Recorded): string => `${host} ${query.replace(/^what=|&.*/g, '')}@${atMs}`

/** The environment of a cluster value, which functions inside the library take. */
export function envOf(cluster: Cluster): Environment {
  const internals = environmentOf(cluster)
  if (!isRight(internals)) throw new Error('wrong arguments')
  return internals.right
}
