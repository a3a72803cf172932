import { Observable, isObservable, type Subscriber, type Subscription } from 'rxjs'
import type { Cadence } from './cadence.ts'
import { isLeft } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { startLoop, type Loop } from './loop.ts'
import { agendaOf } from './view/agenda.ts'
import { coalesce } from './view/coalesce.ts'
import { deskOf } from './view/desk.ts'
import type { Evidence, Query } from './view/evidence.ts'
import { follow, forget, sweep } from './view/follow.ts'
import { heldBack, type Held } from './view/held.ts'
import type { Interest } from './view/interest.ts'
import { memberOf, planFor, repace, takesUp, tell, type Member, type Moment } from './view/member.ts'
import type { Need } from './view/needs.ts'
import { ALL_SOURCES, sourceBit } from './view/plan.ts'
import { SHORTEST_MS } from './view/pace.ts'
import { poolOf, type NextList } from './view/pool.ts'
import { readyOf } from './view/ready.ts'
import { recentReplies } from './view/recent.ts'
import { lacksOpenRun, reduce } from './view/reduce.ts'
import { rollOf, type Gone } from './view/roll.ts'
import { EMPTY_VIEW, runOf, type View } from './view/view.ts'
import { defined } from './common/defined.ts'

/**
 * Observes the view of a cluster on behalf of an interest.
 *
 * Each cluster value has one loop, shared by all subscribers; it sends only the queries that are due for them. When the
 * last subscriber leaves, all requests and timers are cancelled.
 *
 * @param interest what the subscriber needs to learn, and which values it emits
 * @param cadence how long to wait between the ticks of this subscriber
 */
export function observe<A>(
  cluster: ClusterLike,
  env: Environment,
  interest: Interest<A>,
  cadence: Cadence | Observable<Cadence>,
): Observable<A> {
  return new Observable((subscriber) => {
    let observer = observers.get(env.shared)
    if (observer === undefined) observers.set(env.shared, (observer = createObserver(cluster, env)))
    observer.join(interest, cadence, subscriber)
  })
}

/** How many subscribers, requests and runs are in memory for a cluster; 0 while it has no subscriber. */
export function keptFor(env: Environment): number {
  return observers.get(env.shared)?.kept() ?? 0
}

const observers = new WeakMap<object, Observer>()

interface Observer {
  readonly join: (interest: Interest, cadence: Cadence | Observable<Cadence>, subscriber: Subscriber<unknown>) => void
  readonly kept: () => number
}

const LIST: Query = Object.freeze({ what: 'statuses' })

function createObserver(cluster: ClusterLike, env: Environment): Observer {
  const agenda = agendaOf<Member | Held | NextList>()
  const roll = rollOf<Member>()
  const desk = deskOf()
  const held = heldBack(agenda, desk)
  const pool = poolOf(agenda)
  const ready = readyOf()
  const recent = recentReplies()
  const unlearnt: Evidence[] = []
  let view: View = EMPTY_VIEW
  let [armedMs, pumping, learning] = [Infinity, false, false]
  let loop: Loop | undefined
  const moment = (nowMs: number = env.now()): Moment => ({ nowMs, random: env.random })

  function stop(): void {
    loop?.end()
    loop = undefined
    armedMs = Infinity
    view = EMPTY_VIEW
    unlearnt.length = 0
    for (const index of [desk, roll, held, pool, ready, recent]) index.clear()
  }

  /** Sets the timer if something is due earlier than the timer would fire. */
  function arm(): void {
    pool.setAfter(desk.isInFlight(LIST) ? undefined : view.statuses?.atMs)
    const nowMs = env.now()
    const earliest = ready.isEmpty() ? agenda.earliest() : nowMs
    // If the clock was set forward, the time of the timer has passed, but the timer may still be far from firing: then it is
    // set again. A timer that was due when it was set (-Infinity) fires at once.
    if (earliest >= armedMs && (armedMs > nowMs || armedMs === -Infinity)) return
    armedMs = earliest > nowMs ? earliest : -Infinity
    loop?.wakeAt(earliest)
  }

  function wake(): void {
    armedMs = Infinity
    pump()
  }

  /** Sends all queries that are due, including those that become due meanwhile, and sets the timer for the others. */
  function pump(): void {
    if (pumping) return
    pumping = true
    while (roll.members.size > 0 && (!ready.isEmpty() || agenda.earliest() <= env.now()))
      for (const query of dueQueries(env.now())) loop?.ask(query)
    pumping = false
    arm()
  }

  /** The fewest queries that cover all needs that are due. */
  function dueQueries(nowMs: number): readonly Query[] {
    const due: Need[] = []
    for (const item of agenda.take(nowMs)) {
      if ('isList' in item) due.push({ of: 'query', query: LIST, dueMs: nowMs })
      else if ('query' in item) release(item)
      else {
        if (nowMs >= item.wakeMs) inform(item, nowMs)
        ready.add(item)
      }
    }
    const now = moment(nowMs)
    for (const member of ready.take()) if (!member.isGone) plan(member, now, due)
    const broken = (query: Query): boolean => desk.isBroken(query, nowMs)
    const queries = coalesce(view, due, { followed: roll.size(), broken, isInFlight: desk.isInFlight })
    // If the last member has just left, nothing may be sent: a query that is marked as in flight now would stay so for ever.
    return roll.members.size === 0 ? [] : queries.filter((query) => held.mayAsk(query, nowMs))
  }

  /** Ends the delay of a query. The members compute their needs again, since the query may no longer be needed. */
  function release({ query }: Held): void {
    held.release(query)
    ready.addParked(sourceBit(query))
    if ('id' in query) for (const member of roll.whoFollow(query.id, runOf(view, query.id)?.kind)) ready.add(member)
  }

  /** Reduces one piece of evidence at a time: a subscriber that is notified of one may cause the next. */
  function learn(evidence: Evidence): void {
    unlearnt.push(evidence)
    if (learning) return
    learning = true
    for (let next = unlearnt.shift(); next !== undefined; next = unlearnt.shift()) learnOne(next)
    learning = false
    pump()
  }

  function learnOne(evidence: Evidence): void {
    const { query, atMs } = evidence
    view = sweep(reduce(view, evidence), roll.wanted, atMs)
    if (query.what === 'statuses' && lacksOpenRun(view)) loop?.rotateIc()
    const { affected, hearers } = roll.affectedBy(evidence, view)
    if (hearers.size > 0) recent.keep(evidence)
    for (const member of affected) if (!member.isGone) inform(member, atMs, hearers.has(member) ? evidence : undefined)
    affected.forEach(ready.add)
    ready.addParked(sourceBit(query))
    if (query.what === 'statuses' && isLeft(evidence.result)) emptyPool()
  }

  const inform = (member: Member, nowMs: number, evidence?: Evidence): void =>
    tell(member, { view, nowMs, isWatched: roll.isWatched, ...defined({ evidence }) })

  /** Adds the needs of a member that are due now, and schedules its later ones. */
  function plan(member: Member, now: Moment, due: Need[]): void {
    const planned = planFor(member, view, now, due)
    if (planned === undefined) return
    ready.park(member, planned.waitsFor)
    // Before the first list, the members do not share their ticks.
    const mayRest = roll.size() > 1 && view.statuses !== undefined && !desk.isBroken(LIST, now.nowMs)
    agenda.set(member, pool.dueFor(member, planned, now.nowMs, mayRest))
  }

  /** After a list that failed, each member of the pool computes its own needs. */
  function emptyPool(): void {
    if (!pool.isEmpty()) for (const member of roll.members) if (member.pooledMs !== undefined) ready.add(member)
  }

  function join(interest: Interest, cadence: Cadence | Observable<Cadence>, subscriber: Subscriber<unknown>): void {
    const nowMs = env.now()
    const member = memberOf(interest, subscriber, isObservable(cadence) ? undefined : cadence, nowMs)
    const isFirst = roll.members.size === 0
    loop ??= startLoop(cluster, env, desk, { due: wake, reply: learn })
    if (interest.isUrgent === true) {
      loop.cutBefore(nowMs - SHORTEST_MS)
      ready.addParked(ALL_SOURCES)
    }
    roll.add(member)
    view = follow(view, interest)
    subscriber.add(() => leave(member))
    if (isObservable(cadence)) subscriber.add(heed(member, cadence))
    replay(member, nowMs)
    ready.add(member)
    // Members that join at the same time share their requests.
    if (isFirst) pump()
    else arm()
  }

  function heed(member: Member, cadence: Observable<Cadence>): Subscription {
    return cadence.subscribe({
      next: (given) => {
        if (repace(member, given, moment())) ready.add(member)
        arm()
      },
      error: (defect: unknown) => member.subscriber.error(defect),
    })
  }

  /** Notifies a new member of the present view, and delivers recent replies that are not older than one wait of its cadence. */
  function replay(member: Member, nowMs: number): void {
    const { hears, everything } = member.interest
    if (hears === undefined || everything === true) inform(member, nowMs)
    for (const evidence of recent.all())
      if (takesUp(member, evidence, view, moment(nowMs))) inform(member, nowMs, evidence)
  }

  function leave(member: Member): void {
    const gone = roll.remove(member)
    if (gone === undefined) return
    member.isGone = true
    pool.drop(member)
    ready.drop(member)
    agenda.set(member, Infinity)
    if (roll.members.size === 0) stop()
    else drop(gone)
  }

  function drop({ runs, kind, everything }: Gone): void {
    recent.keepFor(roll.hasHearers(), runs)
    for (const id of runs) if (desk.isAbout(id) && roll.isUnfollowed(id, runOf(view, id)?.kind)) loop?.cut(id)
    if (roll.size() < 2) emptyPool()
    if (runs.length > 0 || kind || everything) view = forget(view, roll.wanted(), runs)
  }

  return { join, kept: () => roll.members.size + roll.size() + desk.size() + held.size() }
}
