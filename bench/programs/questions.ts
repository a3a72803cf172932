// Sends the same request repeatedly, 64 at a time: with the library, and with the transports below it.
import { request as send } from 'node:http'
import { createCluster, fetchTransport, isRight, status, type Cluster } from 'aistore-rx'
import { Agent as UndiciAgent } from 'undici'
import { EMPTY, lastValueFrom, mergeMap, range, defaultIfEmpty } from 'rxjs'
import { undiciTransport } from '../../examples/undici-transport.ts'
import { poolFor } from '../../lib/transport/pool.ts'
import { costOf, type Cost } from './cost.ts'
import { listen, say } from './lines.ts'

/** The client: the library over its default transport or over undici, that transport alone, or bare http with its agent. */
export type Client = 'ours' | 'ours over undici' | 'transport' | 'http'

export interface QuestionsOrder {
  readonly endpoint: string
  readonly client: Client
  readonly count: number
}

const IN_FLIGHT = 64
const ID = 'zOCwz4iJS'
const BODY = JSON.stringify({ id: ID })
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' }

/** Keeps a fixed number of requests in flight. */
const inLanes = async (count: number, one: () => Promise<unknown>): Promise<void> => {
  let remaining = count
  const lane = async (): Promise<void> => {
    while (remaining-- > 0) await one()
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

const queryByStream = (cluster: Cluster, count: number): Promise<unknown> =>
  lastValueFrom(
    range(count).pipe(
      mergeMap(() => status(cluster, { id: ID }), IN_FLIGHT),
      mergeMap((result) => {
        if (!isRight(result)) throw new Error(JSON.stringify(result))
        return EMPTY
      }),
      defaultIfEmpty(undefined),
    ),
  )

const agent = poolFor({}).agentFor(false, '', false)
const transport = fetchTransport()

const queryByTransport = (endpoint: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const url = `${endpoint}/v1/cluster?what=status`
    transport({ method: 'GET', url, headers: HEADERS, body: BODY, maxReplyBytes: 2 ** 26 }).subscribe({
      next: ({ body }) => resolve(JSON.parse(body)),
      error: reject,
    })
  })

const queryByHttp = (endpoint: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const headers = { ...HEADERS, 'content-length': BODY.length }
    const one = send(`${endpoint}/v1/cluster?what=status`, { method: 'GET', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(JSON.parse(text)))
    })
    one.on('error', reject)
    one.end(BODY)
  })

const clusters = new Map<string, Cluster>()
const clusterOf = (endpoint: string, client: Client): Cluster => {
  const cluster =
    clusters.get(client) ??
    createCluster(
      endpoint,
      client === 'ours' ? {} : { transport: undiciTransport(new UndiciAgent({ connections: IN_FLIGHT })) },
    )
  clusters.set(client, cluster)
  return cluster
}

listen(({ endpoint, client, count }: QuestionsOrder) => {
  const work = (): Promise<unknown> => {
    switch (client) {
      case 'ours':
      case 'ours over undici':
        return queryByStream(clusterOf(endpoint, client), count)
      case 'transport':
        return inLanes(count, () => queryByTransport(endpoint))
      case 'http':
        return inLanes(count, () => queryByHttp(endpoint))
    }
  }
  void costOf(work).then((cost) => say(cost satisfies Cost))
})
say({ ready: true })
