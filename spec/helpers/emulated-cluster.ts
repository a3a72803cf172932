import { defer, delay, of } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import type { Observable } from 'rxjs'
import { constant } from '../../lib/cadence.ts'
import { createCluster, type Cluster } from '../../lib/cluster.ts'
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { addBucket, createCluster as createEmulated } from '../../lib/emulator/cluster/create.ts'
import type { Cluster as Emulated } from '../../lib/emulator/cluster/state.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Transport } from '../../lib/transport/transport.ts'

/** The emulated cluster as a transport, in virtual time and without sockets; and its state. */
export interface InEmulator {
  readonly cluster: Cluster
  readonly state: Emulated
  /** The requests, as `METHOD /path?query`. */
  readonly lines: readonly string[]
}

const BUCKETS = [
  bucketName('src'),
  bucketName('dst'),
  bucketName('data', 'gcp'),
  bucketName('rb', 'ais', 'FqG3gf8Af'),
] as const

/** Runs a stream against the emulator and returns all that it emits. */
export function runInEmulator<A>(streamOf: (emulated: InEmulator) => Observable<A>): readonly A[] {
  const scheduler = new TestScheduler(() => undefined)
  const values: A[] = []
  const state = createEmulated({ seed: 7, proxies: 2, objectsPerSecond: 400 })
  for (const bck of BUCKETS) addBucket(state, bck, { objects: 120 }, 0)
  const nodes = new Map([...state.proxies, ...state.targets].map(({ id, url }) => [new URL(url).host, id]))
  const lines: string[] = []
  const transport: Transport = ({ url, method, headers, body = '' }) =>
    defer(() => {
      const { host, pathname, search } = new URL(url)
      lines.push(`${method} ${pathname}${search}`)
      const request = { node: nodes.get(host) ?? '', path: pathname, query: search.slice(1), remote: '10.0.0.9:4711' }
      const reply = answer(state, { ...request, method, headers, body }, scheduler.now())
      const { status, headers: replied, body: text, delayMs } = reply
      return of({ status, headers: replied, body: text }).pipe(delay(delayMs + 5, scheduler))
    })
  scheduler.run(() => {
    const endpoints = state.proxies.map(({ url }) => url)
    const cluster = createCluster(endpoints, { transport, scheduler, cadence: constant(1_000), random: () => 0.5 })
    streamOf({ cluster, state, lines }).subscribe((value) => values.push(value))
  })
  return values
}
