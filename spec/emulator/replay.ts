import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { createCluster, addBucket } from '../../lib/emulator/cluster/create.ts'
import type { Timing } from '../../lib/emulator/cluster/timing.ts'
import type { Cluster } from '../../lib/emulator/cluster/state.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Answer } from '../../lib/emulator/http/exchange.ts'
import type { Capture, Exchange } from './capture.ts'

/** The set-up of a scenario, and the events that its exchanges do not contain. */
export interface Stage {
  readonly proxies?: number
  readonly targets?: number
  readonly token?: string
  /** Ports of the recorded proxies, in the order of the emulated ones. Defaults to ascending order. */
  readonly proxyOrder?: readonly number[]
  /** Exchanges whose bodies are not compared, with the reason. */
  readonly onlyStatus?: Readonly<Record<number, string>>
  /** Pace of the emulated targets, which matches that of the recorded ones. */
  readonly objectsPerSecond?: number
  readonly timing?: Partial<Timing>
  /** Runs before the recording, at time 0. */
  readonly before?: (cluster: Cluster) => void
  /** When the recording begins, in milliseconds of the emulated cluster. Defaults to one hour. */
  readonly beganMs?: number
  /** Actions during the recording that are not among the recorded requests. */
  readonly events?: readonly {
    readonly t_ms: number
    /** The recorded id of the job that the action starts. */
    readonly id?: string
    readonly act: (cluster: Cluster, now: number) => unknown
  }[]
}

/** A token without a valid signature. */
const jwt = (head: object, claims: object): string =>
  [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.c2lnbmF0dXJl'

/** The tokens for the placeholders in the recordings. */
const TOKENS: Readonly<Record<string, string>> = {
  expired: jwt({ alg: 'HS256' }, { exp: 1 }),
  unsigned: jwt({ alg: 'none' }, {}),
  'signed-with-another-key': jwt({ alg: 'HS256' }, {}),
}

/** Id of the cluster that holds the remote bucket. */
export const REMOTE = 'FPgPW4XJ-e'

/** The buckets of the recorded cluster. */
const BUCKETS = 'big cptest cp1 ra nolru fb mir ec shard tco dl0'.split(' ').map((name) => `cap-${name}`)

/** Sends the requests of a recording to an emulated cluster at their recorded times. */
export class Replay {
  readonly cluster: Cluster
  private readonly stage: Stage
  private readonly nodes = new Map<string, string>()
  private readonly ids = new Map<string, string>()
  private done = 0
  private listed = ''

  constructor(recorded: Capture, stage: Stage) {
    const [, proxies = '2'] = /(\d+) prox/.exec(recorded.server) ?? []
    const [, targets = '3'] = /(\d+) targets/.exec(recorded.server) ?? []
    this.stage = stage
    this.cluster = createCluster({
      proxies: stage.proxies ?? Number(proxies),
      targets: stage.targets ?? Number(targets),
      objectsPerSecond: stage.objectsPerSecond ?? 4_000,
      timing: stage.timing ?? {},
    })
    for (const name of [...BUCKETS, 'demo']) {
      addBucket(this.cluster, bucketName(name), { objects: 20_000, mirrored: name === 'cap-mir' }, 0)
    }
    addBucket(this.cluster, bucketName('cap-rem', 'ais', REMOTE), { objects: 3_000 }, 0)
    stage.before?.(this.cluster)
    this.learnNodes(recorded)
  }

  /** Sends the request of the recorded exchange and returns the reply. */
  play(exchange: Exchange, atMs: number = exchange.t_ms): Answer {
    const { events = [], beganMs = 3_600_000, token } = this.stage
    for (const event of events.slice(this.done)) {
      if (event.t_ms > atMs) break
      this.done++
      const started = event.act(this.cluster, beganMs + event.t_ms)
      if (event.id !== undefined && typeof started === 'string') this.ids.set(event.id, started)
    }
    const { method, path, query = '', request_body: body = '', request_headers: headers = {} } = exchange
    // Recordings lack the packed pages with the id of a listing, so take the id from the next request.
    const listing = /"list".*"uuid": ?"([^"]+)"/.exec(body)?.[1]
    if (listing !== undefined && !this.ids.has(listing))
      this.ids.set(listing, this.listed.replace(/[^A-Za-z0-9].*$/s, ''))
    const given = headers['authorization']
    const authorization = given?.replace(/<token:([^>]*)>/, (_all, what: string) => TOKENS[what] ?? what)
    const request = {
      method,
      path,
      // Replace the recorded alias of the remote cluster by its id.
      query: query.replace('%40rem%23', `%40${REMOTE}%23`),
      body: this.here(body),
      // The recordings lack this header. Clients that got MessagePack had sent it.
      headers: { authorization, accept: exchange.response_body_binary_bytes ? 'application/msgpack' : undefined },
      remote: '127.0.0.1:45942',
    }
    const reply = answer(this.cluster, { ...request, node: this.nodeAt(exchange.to) }, beganMs + atMs, token)
    if (reply.bytes && path.startsWith('/v1/buckets')) this.listed = Buffer.from(reply.bytes).toString('latin1', 7, 17)
    if (method !== 'GET' && reply.status === 200) this.ids.set(exchange.response_body ?? '', reply.body)
    if (reply.status === 202) this.ids.set(exchange.response_body ?? '', reply.body)
    // Learn the ids of jobs that no recorded request started.
    this.pair(exchange.response_body ?? '', reply.body)
    return reply
  }

  /** Pairs the ids in two replies: one by one if their numbers are equal, otherwise only the first. */
  private pair(recorded: string, body: string): void {
    const [there = [], here = []] = [recorded, body].map((text) =>
      [...text.matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id),
    )
    const pairs = there.length === here.length ? there.length : Math.min(1, there.length, here.length)
    for (let i = 0; i < pairs; i++) this.ids.set(there[i] ?? '', here[i] ?? '')
  }

  /** Replaces the recorded ids in a text by those of the emulated cluster. */
  private here(text: string): string {
    let translated = text
    for (const [recorded, id] of [...this.ids, ...this.nodes]) {
      if (recorded.length > 1) translated = translated.replaceAll(recorded, id)
    }
    return translated
  }

  /** Whether the node that received the exchange is dead. */
  isDead({ to }: Exchange): boolean {
    const node = this.nodeAt(to)
    return [...this.cluster.proxies, ...this.cluster.targets].some(({ id, state }) => id === node && state === 'dead')
  }

  private nodeAt(to: string): string {
    const port = /:(\d+)$/.exec(to)?.[1] ?? ''
    const known = [...this.nodes].find(([recorded]) => recorded.endsWith(port))
    if (known) return known[1]
    const fallback = to.startsWith('target') ? this.cluster.targets[0]?.id : this.cluster.primary
    return fallback ?? ''
  }

  /** Pairs the recorded nodes with the emulated ones in the order of their ports. The lowest port is the primary. */
  private learnNodes(recorded: Capture): void {
    const text = JSON.stringify(recorded)
    const byPort = (role: string): readonly string[] => {
      const found = new Set(text.match(new RegExp(`\\b[A-Za-z]{3}${role}\\d{4}\\b`, 'g')) ?? [])
      return [...found].sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)))
    }
    const { proxyOrder } = this.stage
    const proxies = proxyOrder
      ? proxyOrder.flatMap((port) => byPort('p').filter((id) => id.endsWith(String(port))))
      : byPort('p')
    proxies.forEach((id, i) => this.nodes.set(id, this.cluster.proxies[i]?.id ?? ''))
    byPort('t').forEach((id, i) => this.nodes.set(id, this.cluster.targets[i]?.id ?? ''))
  }
}
