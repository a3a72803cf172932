import {
  Subject,
  catchError,
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
  switchAll,
  tap,
  throwError,
  type Observable,
} from 'rxjs'
import { constant, type Cadence, type Tick } from './cadence.ts'
import type { Internals } from './environment.ts'
import { SHORTEST_MS, poll } from './operators/poll.ts'

/** One of those who share a poll. */
interface Member {
  cadence: Cadence
  /** What the cadence says of the wait. */
  waitMs: number
  /** Where its stream hears that its cadence has thrown. */
  readonly defect: Subject<never>
}

/** One poll, and all who share it. */
interface Poll<A> {
  readonly values: Observable<A>
  readonly members: Set<Member>
  /** The wait is another now. */
  readonly changed: Subject<void>
  /** Nobody finds it any more. */
  readonly drop: () => void
  newest?: { readonly value: A; readonly atMs: number }
  repliedAtMs: number
  /** By what the last wait was reckoned. */
  tick?: Tick
  /** The wait under way; absent while a question is. */
  wait?: { readonly ms: number; readonly dueAtMs: number } | undefined
}

/**
 * Shares one poll among all who ask the same of one cluster.
 *
 * The first to come starts it; the last to leave aborts its request and stops its timer. The fastest cadence of those
 * who share rules, from the moment they join. Who joins gets the newest value if that is not older than one wait, by the
 * cadence that rules from then on. A cadence that throws ends the stream of its owner alone.
 *
 * @param key what is asked: the same key must mean the same question
 * @param open makes the question of a new poll
 * @param resultOf where in a value the Either stands that tells failure; default: the value itself
 */
export const shared = <A>(
  env: Internals,
  key: string,
  open: () => Observable<A>,
  cadence: Cadence | Observable<Cadence>,
  resultOf: (value: A) => unknown = (value) => value,
): Observable<A> =>
  defer(() => {
    const polls = env.shared.polls as Map<string, Poll<A>>
    const one = polls.get(key) ?? pollOf(env, polls, key, open, resultOf)
    polls.set(key, one)
    const heard = defer(() => concat(newestOf(env, one), one.values))
    return merge(joined(env, one, cadence), of(heard)).pipe(
      // Leaves before it tells: who subscribes again inside of the error must not meet what is about to end.
      catchError((defect: unknown) => of(throwError(() => defect))),
      switchAll(),
    )
  })

function pollOf<A>(
  env: Internals,
  polls: Map<string, Poll<A>>,
  key: string,
  open: () => Observable<A>,
  resultOf: (value: A) => unknown,
): Poll<A> {
  const { scheduler, random } = env
  const drop = (): void => {
    if (polls.get(key) === one) polls.delete(key)
  }
  const one: Poll<A> = {
    members: new Set(),
    changed: new Subject(),
    drop,
    repliedAtMs: scheduler.now(),
    values: defer(() => {
      const question = open()
      return defer(() => {
        one.wait = undefined
        return question
      }).pipe(
        tap({ complete: () => (one.repliedAtMs = scheduler.now()) }),
        poll(
          one.changed.pipe(
            startWith(undefined),
            map(() => (tick: Tick) => waitOf(env, one, tick)),
          ),
          { scheduler, random, resultOf },
        ),
      )
    }).pipe(
      // Before anybody hears of it: who subscribes again inside of it must not find a poll that is over.
      tap({ next: (value) => (one.newest = { value, atMs: scheduler.now() }), error: drop }),
      share(),
    ),
  }
  return one
}

/** Has a say in how often is asked for as long as it is subscribed; emits nothing. */
const joined = <A>(env: Internals, one: Poll<A>, cadence: Cadence | Observable<Cadence>): Observable<never> =>
  defer(() => {
    const me: Member = { cadence: constant(Infinity), waitMs: Infinity, defect: new Subject() }
    one.members.add(me)
    const said = (isObservable(cadence) ? cadence : of(cadence)).pipe(
      tap((mine) => {
        me.cadence = mine
        if (one.tick !== undefined) me.waitMs = bounded(mine(one.tick))
        retime(env, one)
      }),
    )
    return merge(me.defect, said).pipe(
      finalize(() => {
        one.members.delete(me)
        if (one.members.size === 0) one.drop()
        else retime(env, one)
      }),
      ignoreElements(),
    )
  })

/** What is left of the wait, which runs from the reply, whoever comes or goes in between. */
function waitOf<A>(env: Internals, one: Poll<A>, tick: Tick): number {
  // One draw a wait: a jitter that is drawn anew with each who comes would never settle.
  if (one.wait === undefined) {
    one.tick = tick
    for (const member of one.members) ask(member, tick)
  }
  const ms = fastest(one)
  const leftMs = Math.max(SHORTEST_MS, ms - sinceReply(env, one))
  one.wait = { ms, dueAtMs: env.scheduler.now() + leftMs }
  return leftMs
}

function ask(member: Member, tick: Tick): void {
  try {
    member.waitMs = bounded(member.cadence(tick))
  } catch (defect) {
    member.defect.error(defect)
  }
}

/**
 * Only where it matters, since the new timer of a poll takes 100 ms at least: people who come and go faster than that
 * must not put the question off.
 */
function retime<A>(env: Internals, one: Poll<A>): void {
  const ms = fastest(one)
  if (one.wait === undefined || one.wait.ms === ms) return
  const leftMs = ms - sinceReply(env, one)
  const dueMs = one.wait.dueAtMs - env.scheduler.now()
  if (leftMs > dueMs ? leftMs >= SHORTEST_MS : Math.max(leftMs, SHORTEST_MS) < dueMs) one.changed.next()
}

const fastest = <A>({ members }: Poll<A>): number => {
  let shortest = Infinity
  for (const { waitMs } of members) shortest = Math.min(shortest, waitMs)
  return shortest
}

/** A clock that is set back runs on from there. */
function sinceReply<A>({ scheduler }: Internals, one: Poll<A>): number {
  one.repliedAtMs = Math.min(one.repliedAtMs, scheduler.now())
  return scheduler.now() - one.repliedAtMs
}

/** As in a poll of its own, a cadence that makes no sense asks as often as is allowed. */
const bounded = (ms: number): number => Math.max(SHORTEST_MS, ms) || SHORTEST_MS

const newestOf = <A>({ scheduler }: Internals, one: Poll<A>): Observable<A> =>
  one.newest !== undefined && scheduler.now() - one.newest.atMs <= fastest(one) ? of(one.newest.value) : concat()
