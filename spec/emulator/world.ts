import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { putObjects } from '../../lib/emulator/cluster/put-objects.ts'
import { createCluster, seedBucket, type ClusterOptions } from '../../lib/emulator/cluster/create.ts'
import type { Cluster } from '../../lib/emulator/cluster/state.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Answer } from '../../lib/emulator/http/exchange.ts'

/** A snapshot as the specs look at it. */
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

/** A status as the specs look at it. */
export interface Status {
  readonly kind: string
  readonly uuid: string
  readonly err: string
  readonly end_time: number
  readonly aborted: boolean
}

export const ZERO = '0001-01-01T00:00:00Z'

/** A cluster of one bucket `b` of 3,000 objects, a clock that is set by hand, and short ways to ask. */
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

  ask(method: string, path: string, body: unknown = '', proxy: number = 0, token?: string): Answer {
    const [pathname = '', query = ''] = path.split('?')
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const node = this.cluster.proxies[proxy]?.id ?? ''
    return answer(
      this.cluster,
      { node, method, path: pathname, query, headers: {}, body: text, remote: '127.0.0.1:5' },
      this.now,
      token,
    )
  }

  /** Starts a kind and gives its id. */
  start(kind: string, value: object = {}, proxy: number = 0): string {
    const reply = this.ask('PUT', '/v1/cluster', { action: 'start', value: { Kind: kind, ...value } }, proxy)
    if (reply.status !== 200) throw new Error(reply.body)
    return reply.body
  }

  copy(from: string = 'b', to: string = 'c'): string {
    const reply = this.ask('POST', `/v1/buckets/${from}?provider=ais&bck_to=${encodeURIComponent(`ais/@#/${to}/`)}`, {
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
    return this.ask('PUT', '/v1/cluster', { action: 'stop', value })
  }

  statusReply(question: object, proxy: number = 0): Answer {
    return this.ask('GET', '/v1/cluster?what=status', question, proxy)
  }

  status(question: object, proxy: number = 0): Status {
    const reply = this.statusReply(question, proxy)
    if (reply.status !== 200) throw new Error(reply.body)
    return JSON.parse(reply.body) as Status
  }

  statuses(question: object = {}, query: string = ''): readonly Status[] | null {
    return JSON.parse(this.ask('GET', `/v1/cluster?what=status_all${query}`, question).body) as readonly Status[] | null
  }

  snapshotsReply(question: object): Answer {
    return this.ask('GET', '/v1/cluster?what=qryxstats', question)
  }

  snapshots(question: object): Readonly<Record<string, readonly Snap[]>> {
    const reply = this.snapshotsReply(question)
    if (reply.status !== 200) throw new Error(reply.body)
    return JSON.parse(reply.body) as Record<string, readonly Snap[]>
  }

  /** The snapshots of one job, of all targets in one list. */
  snaps(question: object): readonly Snap[] {
    return Object.values(this.snapshots(question)).flat()
  }

  running(question: object = {}): readonly string[] {
    return JSON.parse(this.ask('GET', '/v1/cluster?what=running_all', question).body) as readonly string[]
  }
}

/** The sum of a counter over snapshots. */
export const total = (snaps: readonly Snap[], counter: string): number =>
  snaps.reduce((sum, { stats }) => sum + Number(stats[counter]), 0)
