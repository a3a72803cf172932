import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { putObjects } from '../../lib/emulator/cluster/put-objects.ts'
import { createCluster, seedBucket, type ClusterOptions } from '../../lib/emulator/cluster/create.ts'
import type { Cluster } from '../../lib/emulator/cluster/state.ts'
import { defaultTiming } from '../../lib/emulator/cluster/timing.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Answer } from '../../lib/emulator/http/exchange.ts'

/** The members of a snapshot that the specs read. */
export interface Snap {
  readonly id: string
  readonly kind: string
  readonly 'start-time': string
  readonly 'end-time': string
  readonly 'abort-err': string
  readonly err: string
  readonly ctlmsg?: string
  readonly stats: Readonly<Record<string, string>>
  readonly aborted: boolean
  readonly is_idle: boolean
}

/** The members of a status that the specs read. */
export interface Status {
  readonly kind: string
  readonly uuid: string
  readonly err: string
  readonly end_time: number
  readonly aborted: boolean
}

export const ZERO = '0001-01-01T00:00:00Z'

/** A cluster with a bucket `b` of 3,000 objects, a settable clock, and helpers that send requests. */
/** Just before the proxies first poll the targets about a job that began at 0. */
export const BEFORE_POLL_MS = defaultTiming.notifyMs - 1_000

/** Just after that. */
export const AFTER_POLL_MS = defaultTiming.notifyMs + 1_000

/** Long after the end of a job on the bucket `b` that began at 0. */
export const LONG_AFTER_MS = 30_000

export class World {
  now = 0
  readonly cluster: Cluster

  constructor(options: ClusterOptions = {}) {
    this.cluster = createCluster({ objectsPerSecond: 500, ...options })
    seedBucket(this.cluster, 'b', { objects: 3_000 }, 0)
  }

  get targetIds(): readonly string[] {
    return this.cluster.targets.map(({ id }) => id)
  }

  /** Headers of all requests. */
  headers: Readonly<Record<string, string>> = {}

  /** Sends a request to a node. */
  atNode(node: string, method: string, path: string, bytes: Uint8Array = Buffer.of()): Answer {
    const [pathname = '', query = ''] = path.split(/\?(.*)/s)
    const body = Buffer.from(bytes).toString()
    const request = { node, method, path: pathname, query, headers: this.headers, body, bytes, remote: '127.0.0.1:5' }
    return answer(this.cluster, request, this.now)
  }

  /** Sends a request to a proxy, and follows its redirect to a target. */
  follow(method: string, path: string, body: string | Uint8Array | object = ''): Answer {
    const isText = typeof body === 'string' || body instanceof Uint8Array
    const bytes = isText ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
    const first = this.atNode(this.cluster.proxies[0]?.id ?? '', method, path, bytes)
    if (first.status !== 301 && first.status !== 307) return first
    const to = new URL(first.headers['location'] ?? '')
    const target = this.cluster.targets.find(({ url }) => url === to.origin)
    return this.atNode(target?.id ?? '', method, `${to.pathname}${to.search}`, bytes)
  }

  send(method: string, path: string, body: unknown = '', proxy: number = 0, token?: string): Answer {
    const [pathname = '', query = ''] = path.split('?')
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const node = this.cluster.proxies[proxy]?.id ?? ''
    return answer(
      this.cluster,
      { node, method, path: pathname, query, headers: this.headers, body: text, remote: '127.0.0.1:5' },
      this.now,
      token,
    )
  }

  /** Starts a job and returns its id. */
  start(kind: string, value: object = {}, proxy: number = 0): string {
    const reply = this.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: kind, ...value } }, proxy)
    if (reply.status !== 200) throw new Error(reply.body)
    return reply.body
  }

  copy(from: string = 'b', to: string = 'c'): string {
    const reply = this.send('POST', `/v1/buckets/${from}?provider=ais&bck_to=${encodeURIComponent(`ais/@#/${to}/`)}`, {
      action: 'copy-bck',
      value: {},
    })
    if (reply.status !== 200) throw new Error(reply.body)
    return reply.body
  }

  put(objects: number, bucket: string = 'm'): void {
    putObjects(this.cluster, bucketName(bucket), objects, undefined, this.now)
  }

  stop(value: object): Answer {
    return this.send('PUT', '/v1/cluster', { action: 'stop', value })
  }

  statusReply(body: object, proxy: number = 0): Answer {
    return this.send('GET', '/v1/cluster?what=status', body, proxy)
  }

  status(body: object, proxy: number = 0): Status {
    const reply = this.statusReply(body, proxy)
    if (reply.status !== 200) throw new Error(reply.body)
    return JSON.parse(reply.body) as Status
  }

  statuses(body: object = {}, query: string = ''): readonly Status[] | null {
    return JSON.parse(this.send('GET', `/v1/cluster?what=status_all${query}`, body).body) as readonly Status[] | null
  }

  snapshotsReply(body: object): Answer {
    return this.send('GET', '/v1/cluster?what=qryxstats', body)
  }

  snapshots(body: object): Readonly<Record<string, readonly Snap[]>> {
    const reply = this.snapshotsReply(body)
    if (reply.status !== 200) throw new Error(reply.body)
    return JSON.parse(reply.body) as Record<string, readonly Snap[]>
  }

  /** The selected snapshots of all targets in one list. */
  snaps(body: object): readonly Snap[] {
    return Object.values(this.snapshots(body)).flat()
  }

  running(body: object = {}): readonly string[] {
    return JSON.parse(this.send('GET', '/v1/cluster?what=running_all', body).body) as readonly string[]
  }
}

/** The sum of a counter over snapshots. */
export const total = (snaps: readonly Snap[], counter: string): number =>
  snaps.reduce((sum, { stats }) => sum + Number(stats[counter]), 0)
