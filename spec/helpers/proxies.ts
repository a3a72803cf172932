import { expect } from 'chai'
import { TestScheduler } from 'rxjs/testing'
import { mergeMap, timer, type Observable } from 'rxjs'
import { isRight } from '../../lib/common/either.ts'
import type { Cluster } from '../../lib/cluster.ts'
import { environmentOf, type ClusterOptions, type Environment } from '../../lib/environment.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { clusterOf, json, scripted, type Recorded, type Reply, type Scripted } from './scripted.ts'

// Several proxies of one cluster in virtual time: what each says is a function of the request and its millisecond.

export interface ProxyOptions {
  readonly ic?: readonly string[]
  readonly primary?: string
  readonly version?: number
  readonly uuid?: string
  readonly flags?: Readonly<Record<string, number>>
  /** Where it is not `http://<id>`. */
  readonly urls?: Readonly<Record<string, string>>
}

/** A map of these proxies. */
export function mapOf(
  ids: readonly string[],
  { ic = [], primary = ids[0] ?? '', version = 1, uuid = 'u', flags = {}, urls = {} }: ProxyOptions = {},
): HttpResponse {
  const node = (id: string): object => ({
    daemon_id: id,
    public_net: { direct_url: urls[id] ?? `http://${id}` },
    flags: (flags[id] ?? 0) | (ic.includes(id) ? 2 : 0),
  })
  const pmap = Object.fromEntries(ids.map((id) => [id, node(id)]))
  return json({ uuid, version: String(version), proxy_si: node(primary), pmap, tmap: {} })
}

export interface Happened {
  readonly sent: Scripted
  /** `p1 smap@5`: host, question and millisecond of each request. */
  readonly asked: readonly string[]
  /** What came of each act, in order. */
  readonly values: readonly (readonly unknown[])[]
  readonly env: Environment
}

/** Does something at each of these milliseconds, and runs until nothing is left to happen. */
export function play(
  script: (request: Recorded) => Reply,
  acts: readonly (readonly [number, (c: Cluster, env: Environment) => Observable<unknown>])[],
  options: Omit<ClusterOptions, 'transport'> = {},
  endpoint: string | readonly string[] = 'http://p1',
): Happened {
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
  return { sent, asked: sent.requests.map(named), values, env }
}

const named = ({ origin, query, atMs }: Recorded): string =>
  `${origin.replace(/^https?:\/\//, '')} ${query.replace(/^what=|&.*/g, '')}@${atMs}`

export function envOf(cluster: Cluster): Environment {
  const internals = environmentOf(cluster)
  expect(internals._tag).to.equal('Right')
  if (!isRight(internals)) throw new Error('wrong arguments')
  return internals.right
}
