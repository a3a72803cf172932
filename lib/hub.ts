import {
  Subject,
  catchError,
  concat,
  defer,
  filter,
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
import { shortestOf, type Shortest } from './hub/shortest.ts'
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
  /** Of what the cadences of all members say. */
  readonly waits: Shortest
  /** The wait is another now. */
  readonly changed: Subject<void>
  /** Nobody finds it any more. */
  readonly drop: () => void
  newest?: { readonly value: A; readonly atMs: number }
  repliedAtMs: number
  /** How many questions were asked. */
  asked: number
  /** How many have come since the last of them who must not hear its reply. */
  hungry: number
  /** By what the last wait was reckoned. */
  tick?: Tick
  /** The wait under way; absent while a question is. */
  wait?: { readonly ms: number; readonly dueAtMs: number } | undefined
}

/** How one of those who share a poll takes part, and how its values read. */
export interface Sharing<A> {
  /**
   * Takes no reply to a question that was asked before it came; makes up for that by being asked for at once, or as soon
   * as another question is allowed. For who waits; who watches takes what is there.
   */
  readonly fresh?: boolean
  /** Where in a value the Either stands that tells failure; default: the value itself. */
  readonly resultOf?: (value: A) => unknown
}

/**
 * Shares one poll among all who ask the same of one cluster.
 *
 * The first to come starts it; the last to leave aborts its request and stops its timer. The fastest cadence of those
 * who share rules, from the moment they join. Who joins gets the newest value if that is not older than one wait, by the
 * cadence that rules from then on. A cadence that throws ends the stream of its owner alone.
 *
 * @param key what is asked: the same key must mean the same question, and the same `resultOf`
 * @param open makes the question of a new poll
 */
export const shared = <A>(
  env: Internals,
  key: string,
  open: () => Observable<A>,
  cadence: Cadence | Observable<Cadence>,
  { fresh = false, resultOf = (value) => value }: Sharing<A> = {},
): Observable<A> =>
  defer(() => {
    const polls = env.shared.polls as Map<string, Poll<A>>
    const one = polls.get(key) ?? pollOf(env, polls, key, open, resultOf)
    polls.set(key, one)
    const since = fresh ? one.asked : undefined
    const heard = defer(() =>
      since === undefined ? concat(newestOf(env, one), one.values) : one.values.pipe(filter(() => one.asked > since)),
    )
    return merge(joined(env, one, cadence, since), of(heard)).pipe(
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
    waits: shortestOf(),
    changed: new Subject(),
    drop,
    repliedAtMs: scheduler.now(),
    asked: 0,
    hungry: 0,
    values: defer(() => {
      const question = open()
      return defer(() => {
        one.wait = undefined
        one.asked += 1
        one.hungry = 0
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
const joined = <A>(
  env: Internals,
  one: Poll<A>,
  cadence: Cadence | Observable<Cadence>,
  since: number | undefined,
): Observable<never> =>
  defer(() => {
    const me: Member = { cadence: constant(Infinity), waitMs: Infinity, defect: new Subject() }
    one.members.add(me)
    if (since !== undefined) one.hungry += 1
    one.waits.add(me.waitMs)
    // Before an Observable has told its first, it says nothing of the wait; who is to be asked for at once must be all the same.
    const said = (isObservable(cadence) ? cadence.pipe(startWith(me.cadence)) : of(cadence)).pipe(
      tap((mine) => {
        me.cadence = mine
        if (one.tick !== undefined) setWait(one, me, bounded(mine(one.tick)))
        retime(env, one)
      }),
    )
    return merge(me.defect, said).pipe(
      finalize(() => {
        one.members.delete(me)
        if (since === one.asked) one.hungry -= 1
        one.waits.remove(me.waitMs)
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
    for (const member of one.members) ask(one, member, tick)
  }
  const ms = waitMsOf(one)
  const leftMs = Math.max(SHORTEST_MS, ms - sinceReply(env, one))
  one.wait = { ms, dueAtMs: env.scheduler.now() + leftMs }
  return leftMs
}

/** Who has come since the last question has heard nothing yet, and is asked for as soon as may be. */
const waitMsOf = <A>({ hungry, waits }: Poll<A>): number => (hungry > 0 ? SHORTEST_MS : waits.get())

function ask<A>(one: Poll<A>, member: Member, tick: Tick): void {
  try {
    setWait(one, member, bounded(member.cadence(tick)))
  } catch (defect) {
    member.defect.error(defect)
  }
}

/**
 * Only where it matters, since the new timer of a poll takes 100 ms at least: people who come and go faster than that
 * must not put the question off.
 */
function retime<A>(env: Internals, one: Poll<A>): void {
  const ms = waitMsOf(one)
  if (one.wait === undefined || one.wait.ms === ms) return
  const leftMs = ms - sinceReply(env, one)
  const dueMs = one.wait.dueAtMs - env.scheduler.now()
  if (leftMs > dueMs ? leftMs >= SHORTEST_MS : Math.max(leftMs, SHORTEST_MS) < dueMs) one.changed.next()
}

function setWait<A>({ waits }: Poll<A>, member: Member, ms: number): void {
  waits.remove(member.waitMs)
  waits.add(ms)
  member.waitMs = ms
}

/** A clock that is set back runs on from there. */
function sinceReply<A>({ scheduler }: Internals, one: Poll<A>): number {
  one.repliedAtMs = Math.min(one.repliedAtMs, scheduler.now())
  return scheduler.now() - one.repliedAtMs
}

/** As in a poll of its own, a cadence that makes no sense asks as often as is allowed. */
const bounded = (ms: number): number => Math.max(SHORTEST_MS, ms) || SHORTEST_MS

const newestOf = <A>({ scheduler }: Internals, one: Poll<A>): Observable<A> =>
  one.newest !== undefined && scheduler.now() - one.newest.atMs <= one.waits.get() ? of(one.newest.value) : concat()
