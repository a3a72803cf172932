import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { createCluster, addBucket } from '../../lib/emulator/cluster/create.ts'
import type { Timing } from '../../lib/emulator/cluster/timing.ts'
import type { Cluster } from '../../lib/emulator/cluster/state.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Answer } from '../../lib/emulator/http/exchange.ts'
import type { Capture, Exchange } from './capture.ts'

/** How a scenario is set up before its first exchange, and what happens beside its exchanges. */
export interface Stage {
  readonly proxies?: number
  readonly targets?: number
  readonly token?: string
  /** The ports of the recorded proxies in the order of ours, where that is not their own. */
  readonly proxyOrder?: readonly number[]
  /** Exchanges of which only status and type can be compared, and why. */
  readonly onlyStatus?: Readonly<Record<number, string>>
  /** How quick it is; as the recorded one where its jobs worked. */
  readonly objectsPerSecond?: number
  readonly timing?: Partial<Timing>
  /** Before the recording began, at time 0; the recording begins an hour later unless said. */
  readonly before?: (cluster: Cluster) => void
  readonly beganMs?: number
  /** What was done outside the recorded requests. */
  readonly events?: readonly {
    readonly t_ms: number
    /** The id that the recording has for the job that is started. */
    readonly id?: string
    readonly act: (cluster: Cluster, now: number) => unknown
  }[]
}

const jwt = (head: object, claims: object): string =>
  [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.c2lnbmF0dXJl'

/** What stood where the recording has a placeholder. */
const TOKENS: Readonly<Record<string, string>> = {
  expired: jwt({ alg: 'HS256' }, { exp: 1 }),
  unsigned: jwt({ alg: 'none' }, {}),
  'signed-with-another-key': jwt({ alg: 'HS256' }, {}),
}

/** The id of the cluster that holds the remote bucket. */
export const REMOTE = 'FPgPW4XJ-e'

/** The buckets of the recorded cluster. */
const BUCKETS = 'big cptest cp1 ra nolru fb mir ec shard tco dl0'.split(' ').map((name) => `cap-${name}`)

/** Plays the requests of a recording to an emulated cluster at their recorded times. */
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

  /** The recorded exchange, asked again. */
  play(exchange: Exchange, atMs: number = exchange.t_ms): Answer {
    const { events = [], beganMs = 3_600_000, token } = this.stage
    for (const event of events.slice(this.done)) {
      if (event.t_ms > atMs) break
      this.done++
      const started = event.act(this.cluster, beganMs + event.t_ms)
      if (event.id !== undefined && typeof started === 'string') this.ids.set(event.id, started)
    }
    const { method, path, query = '', request_body: body = '', request_headers: headers = {} } = exchange
    // The id of a listing is in its packed pages, which the recording leaves out: the next request tells it.
    const listing = /"list".*"uuid": ?"([^"]+)"/.exec(body)?.[1]
    if (listing !== undefined && !this.ids.has(listing))
      this.ids.set(listing, this.listed.replace(/[^A-Za-z0-9].*$/s, ''))
    const given = headers['authorization']
    const authorization = given?.replace(/<token:([^>]*)>/, (_all, what: string) => TOKENS[what] ?? what)
    const request = {
      method,
      path,
      // Where a remote cluster had a name of its own, its id stands here.
      query: query.replace('%40rem%23', `%40${REMOTE}%23`),
      body: this.here(body),
      headers: { authorization },
      remote: '127.0.0.1:45942',
    }
    const reply = answer(this.cluster, { ...request, node: this.nodeAt(exchange.to) }, beganMs + atMs, token)
    if (reply.bytes && path.startsWith('/v1/buckets')) this.listed = Buffer.from(reply.bytes).toString('latin1', 7, 17)
    if (method !== 'GET' && reply.status === 200) this.ids.set(exchange.response_body ?? '', reply.body)
    if (reply.status === 202) this.ids.set(exchange.response_body ?? '', reply.body)
    // A job that nobody started is found by its kind.
    this.pair(exchange.response_body ?? '', reply.body)
    return reply
  }

  /** Learns the ids of jobs that nobody started: in equal lists one by one, in others the first. */
  private pair(recorded: string, body: string): void {
    const [there = [], here = []] = [recorded, body].map((text) =>
      [...text.matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id),
    )
    const pairs = there.length === here.length ? there.length : Math.min(1, there.length, here.length)
    for (let i = 0; i < pairs; i++) this.ids.set(there[i] ?? '', here[i] ?? '')
  }

  /** A recorded text with the ids of this cluster. */
  private here(text: string): string {
    let translated = text
    for (const [recorded, id] of [...this.ids, ...this.nodes]) {
      if (recorded.length > 1) translated = translated.replaceAll(recorded, id)
    }
    return translated
  }

  /** True where the node that the exchange went to is dead. */
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

  /** Pairs the recorded nodes with those here: the lowest port is the primary, the others in the order of their ports. */
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
