import { Subject, interval, map, switchMap, take } from 'rxjs'
import { isLeft } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { Flight, flightsOf } from './request/flight.ts'
import { Queue } from './request/queue.ts'
import { requester } from './requester.ts'
import type { SingleFlight } from './view/single-flight.ts'
import type { Evidence, Query } from './view/evidence.ts'

/** The timer and the requests of an observer. */
export interface Loop {
  /** Sets the timer to a reading of the environment's clock, in place of the earlier setting. */
  readonly wakeAt: (dueMs: number) => void
  /** Sends a query as soon as its source has a free place. */
  readonly enqueue: (query: Query) => void
  /** Cancels the requests about one run. */
  readonly cancelRun: (id: string) => void
  /** Cancels the requests that were sent before a reading of the environment's clock. */
  readonly cancelBefore: (ms: number) => void
  /** Sends the next request for a list to another member of the Information Center. */
  readonly rotateIc: () => void
  /** Cancels all requests and timers. */
  readonly end: () => void
}

const MAP = { what: 'map' } as const

/** How many statuses, and how many snapshots, of one run may be requested at once. Requests about many runs go one at a time. */
const MOST_OF_RUNS = 16

type Source = 'list' | 'targets' | 'map' | 'newest' | 'status' | 'snapshots'

function sourceOf(query: Query): Source {
  switch (query.what) {
    case 'statuses':
      return 'list'
    case 'running':
      return 'targets'
    case 'snapshots':
      return query.id === undefined ? 'targets' : 'snapshots'
    default:
      return query.what
  }
}

/**
 * Starts a loop: an `interval` in a `switchMap`, so that a new setting replaces the timer, and one queue of queries for
 * each source. A timer never cancels a request.
 *
 * @param due called when the timer fires
 * @param reply called with the evidence from each reply
 */
export function startLoop(
  cluster: ClusterLike,
  env: Environment,
  singleFlight: SingleFlight,
  { due, reply }: { readonly due: () => void; readonly reply: (evidence: Evidence) => void },
): Loop {
  const { send, mayLearn, rotateIc } = requester(cluster, env)
  const due$ = new Subject<number>()
  const reply$ = new Subject<Evidence>()
  const flights = flightsOf({
    now: env.now,
    replied: (evidence) => reply$.next(evidence),
    cancelled: singleFlight.cancelled,
    failed: (defect) => reply$.error(defect),
  })
  const queues: Readonly<Record<Source, Queue>> = {
    list: new Queue(1, sendFrom),
    targets: new Queue(1, sendFrom),
    map: new Queue(1, sendFrom),
    newest: new Queue(Infinity, sendFrom),
    status: new Queue(MOST_OF_RUNS, sendFrom),
    snapshots: new Queue(MOST_OF_RUNS, sendFrom),
  }
  const ticks = due$.pipe(
    switchMap((dueMs) =>
      interval(Math.max(0, dueMs - env.now()), env.timers).pipe(
        take(1),
        map(() => dueMs),
      ),
    ),
  )
  /** Sends a query, unless it was cancelled while it was queued. */
  function sendFrom(query: Query, queue: Queue): boolean {
    if (!singleFlight.isAdmitted(query)) return false
    new Flight(query, queue, flights).start(send(query))
    return true
  }

  function cancelWhere(matches: (flight: Flight) => boolean): void {
    for (const flight of flights.all()) if (matches(flight)) flight.complete()
  }

  const running = reply$.subscribe((evidence) => {
    singleFlight.replied(evidence)
    if (!isLeft(evidence.result) && evidence.query.what !== 'map') learnMap()
    reply(evidence)
  })

  /** Requests the cluster map, so that other proxies are known when the given endpoints fail. */
  function learnMap(): void {
    if (mayLearn() && singleFlight.admit(MAP, env.now()) === 'admitted') queues.map.add(MAP)
  }

  /**
   * Replies to one-shot queries are evidence too. If one of them is the cluster map, the loop need not request the map
   * soon.
   */
  const onEvidence = (evidence: Evidence): void => {
    if (evidence.query.what === 'map') singleFlight.repliedElsewhere(evidence)
    reply(evidence)
  }
  env.shared.evidenceListeners.add(onEvidence)
  running.add(() => {
    env.shared.evidenceListeners.delete(onEvidence)
    for (const queue of Object.values(queues)) queue.clear()
    cancelWhere(() => true)
  })
  running.add(
    ticks.subscribe((dueMs) => {
      env.reached(dueMs)
      due()
    }),
  )
  return {
    wakeAt: (dueMs) => due$.next(dueMs),
    enqueue: (query) => queues[sourceOf(query)].add(query),
    cancelRun: (id) => {
      cancelWhere(({ query }) => 'id' in query && query.id === id)
      // Also cancels the requests that are still queued.
      singleFlight.cancelledRun(id)
    },
    cancelBefore: (ms) => cancelWhere(({ sentMs }) => sentMs < ms),
    rotateIc,
    end: () => running.unsubscribe(),
  }
}
