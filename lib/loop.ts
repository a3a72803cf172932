import {
  EMPTY,
  Subject,
  defer,
  filter,
  finalize,
  groupBy,
  interval,
  map,
  mergeMap,
  switchMap,
  take,
  takeUntil,
  tap,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs'
import { isLeft } from './common/either.ts'
import type { Environment, Internals } from './environment.ts'
import { requester } from './requester.ts'
import type { Desk } from './view/desk.ts'
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

/** Whether a request is to be cancelled. */
type Cuts = (query: Query, askedMs: number) => boolean

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
  c: Environment,
  env: Internals,
  desk: Desk,
  { due, reply }: { readonly due: () => void; readonly reply: (evidence: Evidence) => void },
): Loop {
  const { send, learn, turn } = requester(c, env)
  const [due$, query$, cut$] = [new Subject<number>(), new Subject<Query>(), new Subject<Cuts>()]
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

  function untilCut<A>(query: Query, askedMs: number): MonoTypeOperatorFunction<A> {
    return takeUntil(cut$.pipe(filter((cuts) => cuts(query, askedMs))))
  }

  function ask(query: Query): Observable<Evidence> {
    return defer(() => {
      if (!desk.isInFlight(query)) return EMPTY
      const askedMs = env.now()
      let answered = false
      return send(query).pipe(
        map((result) => ({ query, askedMs, atMs: env.now(), result }) as Evidence),
        tap(() => (answered = true)),
        // Once it is answered, the same query may be in flight again.
        finalize(() => {
          if (!answered) desk.dropped(query)
        }),
        untilCut(query, askedMs),
      )
    })
  }

  const running = replies.subscribe((evidence) => {
    desk.answered(evidence)
    if (!isLeft(evidence.result) && evidence.query.what !== 'map') learnMap()
    reply(evidence)
  })

  /** Asks for the cluster map once, so that other proxies are known when the given endpoints die. */
  function learnMap(): void {
    const askedMs = env.now()
    if (desk.admit(MAP, askedMs) !== 'asked') return
    const learning = learn()
      .pipe(untilCut(MAP, askedMs))
      .subscribe((result) => {
        const evidence: Evidence = { query: MAP, askedMs, atMs: env.now(), result }
        desk.answered(evidence)
        reply(evidence)
      })
    learning.add(() => desk.dropped(MAP))
    running.add(learning)
  }

  running.add(
    ticks.subscribe((dueMs) => {
      env.reached(dueMs)
      due()
    }),
  )
  return {
    wakeAt: (dueMs) => due$.next(dueMs),
    ask: (query) => query$.next(query),
    cut: (id) => cut$.next((query) => 'id' in query && query.id === id),
    cutBefore: (ms) => cut$.next((_, askedMs) => askedMs < ms),
    turn,
    end: () => running.unsubscribe(),
    isOver: () => running.closed,
  }
}
