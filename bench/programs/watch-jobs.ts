// Watches all jobs of a cluster: records the replies of the cluster, then replays them from memory in virtual time.
import * as library from 'aistore-rx'
import { constant, createCluster, fetchTransport, type Cluster, type HttpRequest, type Transport } from 'aistore-rx'
import { VirtualAction, VirtualTimeScheduler, of, take, tap, type Observable } from 'rxjs'
import { costOf } from './cost.ts'
import { listen, say } from './lines.ts'

export interface WatchOrder {
  readonly endpoint: string
  readonly ticks: number
}

export interface WatchReport {
  readonly cpuMs: number
  /** JSON.parse of the same replies. */
  readonly parseMs: number
  readonly values: number
  readonly replies: number
  readonly megabytes: number
}

const TICK_MS = 200
const REPETITIONS = 5

type WatchJobs = (cluster: Cluster) => Observable<unknown>
const { watchJobs } = library as { readonly watchJobs?: WatchJobs }

const keyOf = ({ method, url, body = '' }: HttpRequest): string => `${method} ${new URL(url).search} ${body}`

/** The replies of a cluster during so many ticks of `watchJobs`. */
const recordReplies = (
  endpoint: string,
  ticks: number,
  watch: WatchJobs,
): Promise<ReadonlyMap<string, readonly string[]>> =>
  new Promise((resolve) => {
    const replies = new Map<string, string[]>()
    const send = fetchTransport()
    const transport: Transport = (request) =>
      send(request).pipe(
        tap(({ body }) => {
          replies.set(keyOf(request), [...(replies.get(keyOf(request)) ?? []), body])
        }),
      )
    watch(createCluster(endpoint, { transport, cadence: constant(TICK_MS) }))
      .pipe(take(ticks))
      .subscribe({ complete: () => resolve(replies) })
  })

/** The cost of `watchJobs` on recorded replies, in virtual time. */
async function playReplies(
  replies: ReadonlyMap<string, readonly string[]>,
  ticks: number,
  watch: WatchJobs,
): Promise<WatchReport> {
  const scheduler = new VirtualTimeScheduler(VirtualAction, Infinity)
  const next = new Map<string, number>()
  const served: string[] = []
  const transport: Transport = (request) => {
    const key = keyOf(request)
    const all = replies.get(key) ?? []
    const at = next.get(key) ?? 0
    next.set(key, at + 1)
    const body = all[Math.min(at, all.length - 1)] ?? ''
    served.push(body)
    return of({ status: 200, headers: { 'content-type': 'application/json' }, body })
  }
  let values = 0
  const cluster = createCluster('http://127.0.0.1:1', { transport, scheduler, cadence: constant(TICK_MS) })
  const ours = await costOf(() => {
    watch(cluster)
      .pipe(take(ticks))
      .subscribe(() => values++)
    scheduler.flush()
  })
  const theirs = await costOf(() => served.map((body): unknown => JSON.parse(body)).length)
  const megabytes = served.reduce((sum, body) => sum + body.length, 0) / 2 ** 20
  return { cpuMs: ours.cpuMs, parseMs: theirs.cpuMs, values, replies: served.length, megabytes }
}

listen(({ endpoint, ticks }: WatchOrder) => {
  if (watchJobs === undefined) {
    say({ results: [] })
    return
  }
  void recordReplies(endpoint, ticks, watchJobs).then(async (replies) => {
    const results: WatchReport[] = []
    // The first run includes the compilation.
    for (let i = 0; i <= REPETITIONS; i++) results.push(await playReplies(replies, ticks, watchJobs))
    say({ results: results.slice(1) })
  })
})
say({ ready: true })
