import type { HttpResponse, Transport } from 'aistore-rx'
import { Observable } from 'rxjs'
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { createCluster } from '../../lib/emulator/cluster/create.ts'
import { launch } from '../../lib/emulator/cluster/launch.ts'
import { createRandom, next } from '../../lib/emulator/cluster/random.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { JobName } from './serve-waits.ts'

/** A cluster in memory whose jobs never end and never change. */
export interface RunningCluster {
  readonly endpoint: string
  readonly jobs: readonly JobName[]
  /** Replies from prepared texts if the request is about many jobs. */
  readonly transport: Transport
}

const KIND = 'prefetch-listrange'
const LATENCY_MS = 20
const BODIES = ['{}', JSON.stringify({ kind: KIND })]
/** A socket never delivers the same string twice, so replies alternate between equal copies. */
const COPIES: Readonly<Record<string, number>> = { status_all: 3, running_all: 1, qryxstats: 1 }

export interface RunningOptions {
  readonly count: number
  /** Whether each list has another order, as in a real cluster. */
  readonly shuffled: boolean
}

/** Starts `count` jobs. Calls `onRequest` with the query of each request, such as `status_all`. */
export function runningCluster({ count, shuffled }: RunningOptions, onRequest: (what: string) => void): RunningCluster {
  const cluster = createCluster({ seed: 1 })
  const bck = bucketName('cloud', 'aws')
  const jobs = Array.from({ length: count }, () => {
    const job = launch(cluster, 0, { kind: KIND, bck, objects: 300, objectSize: 4_096 })
    for (const run of job.runs) run.endMs = Infinity
    return { id: job.id, kind: job.kind }
  })
  const [{ id: node, url: endpoint } = { id: '', url: '' }] = cluster.proxies

  const replyTo = (query: string, body: string): HttpResponse => {
    const request = { node, method: 'GET', path: '/v1/cluster', query, headers: {}, body, remote: '' }
    if (shuffled) shuffle(cluster.jobs)
    const reply = answer(cluster, request, 1_000)
    // One flat string, like a transport's decoder returns.
    return { status: reply.status, headers: reply.headers, body: Buffer.from(reply.body).toString('latin1') }
  }
  const written = new Map<string, HttpResponse[]>()
  for (const [what, copies] of Object.entries(COPIES))
    for (const body of BODIES)
      written.set(
        `what=${what} ${body}`,
        Array.from({ length: copies }, () => replyTo(`what=${what}`, body)),
      )
  const nextReply = (query: string, body: string): HttpResponse => {
    const replies = written.get(`${query} ${body}`)
    const reply = replies?.shift()
    if (replies === undefined || reply === undefined) return replyTo(query, body)
    replies.push(reply)
    return reply
  }
  const transport: Transport = ({ url, body = '' }) =>
    new Observable((subscriber) => {
      const query = new URL(url).search.slice(1)
      onRequest(query.slice('what='.length))
      const timer = setTimeout(() => {
        subscriber.next(nextReply(query, body))
        subscriber.complete()
      }, LATENCY_MS)
      return () => clearTimeout(timer)
    })
  return { endpoint, jobs, transport }
}

/** Shuffles a map. A list has the jobs in the order of the map. */
function shuffle<K, V>(map: Map<K, V>): void {
  const random = createRandom(map.size)
  const entries = [...map].map((entry) => [next(random), entry] as const).sort(([a], [b]) => a - b)
  map.clear()
  for (const [, [key, value]] of entries) map.set(key, value)
}
