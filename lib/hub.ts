import {
  NEVER,
  Subject,
  concat,
  defer,
  finalize,
  ignoreElements,
  isObservable,
  map,
  merge,
  of,
  share,
  startWith,
  tap,
  type Observable,
} from 'rxjs'
import type { Cadence, Tick } from './cadence.ts'
import type { Internals } from './environment.ts'
import { poll } from './operators/poll.ts'

/** One poll under way, and the say of all who share it. */
interface Poll<A> {
  readonly values: Observable<A>
  readonly cadences: Map<symbol, Cadence>
  /** The wait must be reckoned anew. */
  readonly changed: Subject<void>
  newest?: { readonly value: A; readonly atMs: number }
  /** The wait between two questions, and by what it was reckoned; absent while a question is under way. */
  tick?: Tick | undefined
  waitMs: number
}

/**
 * Shares one poll among all who ask the same of one cluster.
 *
 * The first to come starts it; the last to leave aborts its request and stops its timer. Who joins gets the newest value
 * if that is not older than one wait. The fastest cadence of those who share rules, from the moment they join.
 *
 * @param key what is asked: the same key must mean the same question
 * @param open makes the question of a new poll
 */
export const shared = <A>(
  env: Internals,
  key: string,
  open: () => Observable<A>,
  cadence: Cadence | Observable<Cadence>,
): Observable<A> =>
  defer(() => {
    const polls = env.shared.polls as Map<string, Poll<A>>
    const known = polls.get(key)
    const one = known ?? pollOf(env, polls, key, open)
    if (known === undefined) polls.set(key, one)
    return merge(having(one, cadence), concat(newestOf(env, one), one.values))
  })

function pollOf<A>(env: Internals, polls: Map<string, Poll<A>>, key: string, open: () => Observable<A>): Poll<A> {
  const { scheduler, random } = env
  let repliedAt = scheduler.now()
  // The wait runs from the reply, whoever comes or goes in between.
  const rule: Cadence = (tick) => {
    one.tick = tick
    one.waitMs = fastest(one.cadences, tick)
    return one.waitMs - Math.max(0, scheduler.now() - repliedAt)
  }
  // Before anybody hears of the end: who subscribes again inside of it must not find a poll that is over.
  const drop = (): void => {
    if (polls.get(key) === one) polls.delete(key)
  }
  const one: Poll<A> = {
    cadences: new Map(),
    changed: new Subject(),
    waitMs: 0,
    values: defer(() => {
      const question = open()
      return defer(() => {
        one.tick = undefined
        return question
      }).pipe(
        tap({ complete: () => (repliedAt = scheduler.now()) }),
        poll(
          one.changed.pipe(
            startWith(undefined),
            map(() => rule),
          ),
          { scheduler, random },
        ),
      )
    }).pipe(
      tap({
        next: (value) => (one.newest = { value, atMs: scheduler.now() }),
        error: drop,
        complete: drop,
        unsubscribe: drop,
      }),
      share(),
    ),
  }
  return one
}

/** Has a say in how often is asked for as long as it is subscribed; emits nothing. */
const having = <A>(one: Poll<A>, cadence: Cadence | Observable<Cadence>): Observable<never> =>
  defer(() => {
    const me = Symbol('subscriber')
    return concat(isObservable(cadence) ? cadence : of(cadence), NEVER).pipe(
      tap((mine) => {
        one.cadences.set(me, mine)
        reckon(one)
      }),
      finalize(() => {
        one.cadences.delete(me)
        reckon(one)
      }),
      ignoreElements(),
    )
  })

/** Only if it matters: a wait that began anew with each who joins would never end. */
function reckon<A>({ tick, cadences, waitMs, changed }: Poll<A>): void {
  if (tick !== undefined && cadences.size > 0 && fastest(cadences, tick) !== waitMs) changed.next()
}

/** A cadence that makes no sense asks as often as is allowed, as it does in a poll of its own. */
const fastest = (cadences: ReadonlyMap<symbol, Cadence>, tick: Tick): number => {
  let shortest = Infinity
  for (const cadence of cadences.values()) {
    const ms = cadence(tick)
    shortest = Math.min(shortest, Number.isNaN(ms) ? 0 : ms)
  }
  return shortest
}

const newestOf = <A>({ scheduler }: Internals, { newest, waitMs }: Poll<A>): Observable<A> =>
  newest !== undefined && scheduler.now() - newest.atMs <= waitMs ? of(newest.value) : concat()
