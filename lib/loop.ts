import { Observable, Subject, groupBy, interval, map, mergeMap, switchMap, take, type Subscriber } from 'rxjs'
import { isLeft } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { Flight, flightsOf } from './request/flight.ts'
import { requester } from './requester.ts'
import type { SingleFlight } from './view/desk.ts'
import type { Evidence, Query } from './view/evidence.ts'

/** Waits until something is due, and sends queries. */
export interface Loop {
  /** Sets when to wake, as a reading of the environment's clock; replaces what was set before. */
  readonly wakeAt: (dueMs: number) => void
  readonly ask: (query: Query) => void
  /** Cancels the requests about one run. */
  readonly cut: (id: string) => void
  /** Cancels the requests that were sent before a reading of the environment's clock. */
  readonly cutBefore: (ms: number) => void
  /** Sends the next request for a list to another member of the Information Center. */
  readonly turn: () => void
  /** Ends every request and every timer. */
  readonly end: () => void
  readonly isOver: () => boolean
}

const MAP = { what: 'map' } as const

/** The concurrency limit of each source: requests about many runs go one at a time, those about one run are small. */
const CONCURRENT = { list: 1, targets: 1, map: 1, newest: Infinity, status: 16, snapshots: 16 } as const

function sourceOf(query: Query): keyof typeof CONCURRENT {
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
 * Starts a loop: an `interval` whose `switchMap` ends the wait early if something is due earlier, and one stream of
 * requests for each source, which no timer cancels.
 *
 * @param due called at the time that was set last
 * @param reply called with each reply
 */
export function startLoop(
  cluster: ClusterLike,
  env: Environment,
  singleFlight: SingleFlight,
  { due, reply }: { readonly due: () => void; readonly reply: (evidence: Evidence) => void },
): Loop {
  const { send, mayLearn, turn } = requester(cluster, env)
  const [due$, query$] = [new Subject<number>(), new Subject<Query>()]
  const flights = flightsOf()
  const ticks = due$.pipe(
    switchMap((dueMs) =>
      interval(Math.max(0, dueMs - env.now()), env.timers).pipe(
        take(1),
        map(() => dueMs),
      ),
    ),
  )
  const replies = query$.pipe(
    groupBy(sourceOf),
    mergeMap((source) => source.pipe(mergeMap((query) => ask(query), CONCURRENT[source.key]))),
  )

  /** Sends a query, unless it was cancelled while it was queued. */
  const ask = (query: Query): Observable<Evidence> =>
    new Observable((subscriber) => (singleFlight.isAdmitted(query) ? fly(query, subscriber) : subscriber.complete()))

  function fly(query: Query, subscriber: Subscriber<Evidence>): void {
    const flight = new Flight(query, env.now(), subscriber, landed)
    flights.add(flight)
    // Once it is answered, the same query may be in flight again.
    subscriber.add(() => {
      if (flights.remove(flight)) singleFlight.cancelled(query)
    })
    subscriber.add(send(query).subscribe(flight))
  }

  function landed(flight: Flight): number {
    flights.remove(flight)
    return env.now()
  }

  function cut(isCut: (flight: Flight) => boolean): void {
    for (const flight of flights.all()) if (isCut(flight)) flight.complete()
  }

  const running = replies.subscribe((evidence) => {
    singleFlight.replied(evidence)
    if (!isLeft(evidence.result) && evidence.query.what !== 'map') learnMap()
    reply(evidence)
  })

  /** Asks for the cluster map once, so that other proxies are known when the given endpoints die. */
  function learnMap(): void {
    if (mayLearn() && singleFlight.admit(MAP, env.now()) === 'admitted') query$.next(MAP)
  }

  /** Replies to one-shot questions are evidence too; a map that came so need not be asked for again at once. */
  const witness = (evidence: Evidence): void => {
    if (evidence.query.what === 'map') singleFlight.repliedElsewhere(evidence)
    reply(evidence)
  }
  env.shared.witnesses.add(witness)
  running.add(() => env.shared.witnesses.delete(witness))
  running.add(
    ticks.subscribe((dueMs) => {
      env.reached(dueMs)
      due()
    }),
  )
  return {
    wakeAt: (dueMs) => due$.next(dueMs),
    ask: (query) => query$.next(query),
    cut: (id) => {
      cut(({ query }) => 'id' in query && query.id === id)
      // Those that are still queued, too.
      singleFlight.cancelledRun(id)
    },
    cutBefore: (ms) => cut(({ askedMs }) => askedMs < ms),
    turn,
    end: () => running.unsubscribe(),
    isOver: () => running.closed,
  }
}
