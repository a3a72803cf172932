import { agendaOf } from '#platform/view/agenda'
import { Observable, isObservable, type Subscriber, type Subscription } from 'rxjs'
import type { Cadence } from './cadence.ts'
import { isLeft } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { startLoop, type Loop } from './loop.ts'
import { coalesce } from './view/coalesce.ts'
import { singleFlightOf } from './view/single-flight.ts'
import type { Evidence, Query } from './view/evidence.ts'
import { follow, forget, sweep } from './view/follow.ts'
import { delayedQueries, type DelayedQuery } from './view/delayed-queries.ts'
import { lacksOpenRun } from './view/ic-report.ts'
import type { Interest } from './view/interest.ts'
import { Member, planFor, setCadence, acceptsRecent, notify, type Moment } from './view/member.ts'
import type { Need } from './view/need.ts'
import { ALL_SOURCES, sourceBit } from './view/plan.ts'
import { SHORTEST_MS } from './view/pace.ts'
import { poolOf, type NextList } from './view/pool.ts'
import { readyOf } from './view/ready.ts'
import { recentReplies } from './view/recent.ts'
import { withLeap } from './view/patience.ts'
import { reduce } from './view/reduce.ts'
import { memberIndexOf, type Unfollowed } from './view/member-index.ts'
import { EMPTY_VIEW, runOf, type View } from './view/view.ts'

/**
 * Observes the view of a cluster on behalf of an interest.
 *
 * Each cluster value has one loop, shared by all subscribers; it sends only the queries that are due for them. When the
 * last subscriber leaves, all requests and timers are cancelled.
 *
 * @param interest what the subscriber needs to learn, and which values the stream emits
 * @param cadence how long to wait between the ticks of this subscriber
 */
export function observe<A>(
  cluster: ClusterLike,
  env: Environment,
  interest: Interest<A>,
  cadence: Cadence | Observable<Cadence>,
): Observable<A> {
  return new Observable((subscriber) => {
    if (!observers.has(env.shared)) observers.set(env.shared, createObserver(cluster, env))
    observers.get(env.shared)?.join(interest, cadence, subscriber)
  })
}

/** How many subscribers, requests and runs are in memory for a cluster; 0 while it has no subscriber. */
export function resourceCount(env: Environment): number {
  return observers.get(env.shared)?.size() ?? 0
}

const observers = new WeakMap<object, Observer>()

interface Observer {
  readonly join: (interest: Interest, cadence: Cadence | Observable<Cadence>, subscriber: Subscriber<unknown>) => void
  readonly size: () => number
}

const LIST: Query = Object.freeze({ what: 'statuses' })

function createObserver(cluster: ClusterLike, env: Environment): Observer {
  const agenda = agendaOf<Member | DelayedQuery | NextList>()
  const members = memberIndexOf<Member>()
  const singleFlight = singleFlightOf()
  const delayed = delayedQueries(agenda, singleFlight)
  const pool = poolOf(agenda)
  const ready = readyOf()
  const recent = recentReplies()
  const pendingEvidence: Evidence[] = []
  let view: View = EMPTY_VIEW
  /** When the timer fires: Infinity if it is not set, -Infinity if it fires at once. */
  let armedMs = Infinity
  /** Whether `pump` or `learn` runs. A subscriber that is notified may call it again; that call leaves the work to it. */
  let pumping = false
  let learning = false
  let loop: Loop | undefined
  const moment = (nowMs: number = env.now()): Moment => ({ nowMs, random: env.random })

  /** Drops everything, after the last member has left. */
  function stop(): void {
    loop?.end()
    loop = undefined
    armedMs = Infinity
    view = EMPTY_VIEW
    pendingEvidence.length = 0
    for (const index of [singleFlight, members, delayed, pool, ready, recent]) index.clear()
  }

  /** Sets the timer if something is due earlier than the timer would fire. */
  function arm(): void {
    pool.setAfter(singleFlight.isInFlight(LIST) ? undefined : view.listTry?.atMs)
    const nowMs = env.now()
    const earliest = ready.isEmpty() ? agenda.earliest() : nowMs
    // If the clock was set forward, `armedMs` has passed, but the timer may fire much later. So it is set again. A
    // timer that was due when it was set (-Infinity) fires at once.
    if (earliest >= armedMs && (armedMs > nowMs || armedMs === -Infinity)) return
    armedMs = earliest > nowMs ? earliest : -Infinity
    loop?.wakeAt(earliest)
  }

  /** Called when the timer fires. */
  function wake(): void {
    view = withLeap(view, armedMs, env.now())
    armedMs = Infinity
    pump()
  }

  /** Sends all queries that are due, including those that become due meanwhile, and sets the timer for the others. */
  function pump(): void {
    if (pumping) return
    pumping = true
    while (members.all.size > 0 && (!ready.isEmpty() || agenda.earliest() <= env.now()))
      for (const query of dueQueries(env.now())) loop?.enqueue(query)
    pumping = false
    arm()
  }

  /** The fewest queries that cover all needs that are due. */
  function dueQueries(nowMs: number): readonly Query[] {
    const due: Need[] = []
    const now = moment(nowMs)
    agenda.take(nowMs).forEach((item) => wakeItem(item, nowMs, due))
    ready.take().forEach((member) => plan(member, now, due))
    // If the last member has just left, nothing may be sent: a query that is marked as in flight now would stay so for
    // ever.
    if (due.length === 0 || members.all.size === 0) return []
    const queries = coalesce(view, due, { followed: members.size(), isUnusable, isInFlight: singleFlight.isInFlight })
    return queries.filter((query) => delayed.maySend(query, nowMs))
  }

  const isUnusable = (query: Query): boolean => singleFlight.isUnusable(query, env.now())

  /** Handles an entry of the agenda whose time has come. */
  function wakeItem(item: Member | DelayedQuery | NextList, nowMs: number, due: Need[]): void {
    if ('isList' in item) due.push({ of: 'query', query: LIST, dueMs: nowMs })
    else if ('query' in item) release(item)
    else {
      if (nowMs >= item.wakeMs) notifyMember(item, nowMs)
      ready.add(item)
    }
  }

  /** Ends the delay of a query. The members compute their needs again, since the query may no longer be needed. */
  function release({ query }: DelayedQuery): void {
    delayed.release(query)
    ready.addParked(sourceBit(query))
    if ('id' in query)
      for (const member of members.followersOf(query.id, runOf(view, query.id)?.kind)) ready.add(member)
  }

  /** Reduces one piece of evidence at a time, because a subscriber that is notified may cause further evidence. */
  function learn(evidence: Evidence): void {
    pendingEvidence.push(evidence)
    if (learning) return
    learning = true
    for (let next = pendingEvidence.shift(); next !== undefined; next = pendingEvidence.shift()) learnOne(next)
    learning = false
    pump()
  }

  /** Reduces one piece of evidence into the view, and notifies the members that it concerns. */
  function learnOne(evidence: Evidence): void {
    const { query, atMs } = evidence
    view = withLeap(view, armedMs, atMs)
    view = sweep(reduce(view, evidence), members.followed, atMs)
    if (query.what === 'statuses' && lacksOpenRun(view)) loop?.rotateIc()
    const { affected, recipients } = members.affectedBy(evidence, view)
    if (recipients.size > 0) recent.keep(evidence)
    affected.forEach((member) => notifyMember(member, atMs, recipients.has(member) ? evidence : undefined))
    affected.forEach(ready.add)
    ready.addParked(sourceBit(query))
    if (query.what === 'statuses' && isLeft(evidence.result)) emptyPool()
  }

  const notifyMember = (member: Member, nowMs: number, evidence?: Evidence): void =>
    notify(member, { view, nowMs, isWatched: members.isWatched, evidence })

  /** Adds the needs of a member that are due now, and schedules its later ones. */
  function plan(member: Member, now: Moment, due: Need[]): void {
    const planned = member.isGone ? undefined : planFor(member, view, now, due)
    if (planned === undefined) return
    ready.park(member, planned.awaitedSources)
    // Members share their ticks only while lists come: not alone, not before the first list, not after one that was unusable.
    const mayJoinPool = members.size() > 1 && view.listTry !== undefined && !singleFlight.isUnusable(LIST, now.nowMs)
    agenda.set(member, pool.dueFor(member, planned, now.nowMs, mayJoinPool))
  }

  /** After a list that failed, each member of the pool computes its own needs. */
  function emptyPool(): void {
    if (!pool.isEmpty()) for (const member of members.all) if (member.pooledMs !== undefined) ready.add(member)
  }

  /** Adds a subscriber, and starts the loop for the first one. */
  function join(interest: Interest, cadence: Cadence | Observable<Cadence>, subscriber: Subscriber<unknown>): void {
    const nowMs = env.now()
    view = withLeap(view, armedMs, nowMs)
    const member = new Member(interest, subscriber, isObservable(cadence) ? undefined : cadence, nowMs, leave)
    const isFirst = members.all.size === 0
    loop ??= startLoop(cluster, env, singleFlight, { due: wake, reply: learn })
    if (interest.isUrgent === true) {
      loop.cancelBefore(nowMs - SHORTEST_MS)
      ready.addParked(ALL_SOURCES)
    }
    members.add(member)
    view = follow(view, interest)
    subscriber.add(member)
    if (isObservable(cadence)) subscriber.add(followCadence(member, cadence))
    replay(member, nowMs)
    ready.add(member)
    // Members that join at the same time share their requests.
    if (isFirst) pump()
    else arm()
  }

  /** Follows the cadences that an Observable of the user emits. */
  function followCadence(member: Member, cadence: Observable<Cadence>): Subscription {
    return cadence.subscribe({
      next: (given) => {
        if (setCadence(member, given, moment())) ready.add(member)
        arm()
      },
      error: (defect: unknown) => member.subscriber.error(defect),
    })
  }

  /**
   * Notifies a new member of the present view, and delivers recent replies that are not older than one wait of its
   * cadence.
   */
  function replay(member: Member, nowMs: number): void {
    const { wantsReply, everything } = member.interest
    // An interest in the replies themselves derives nothing from the view.
    if (wantsReply === undefined || everything === true) notifyMember(member, nowMs)
    for (const evidence of recent.all())
      if (acceptsRecent(member, evidence, view, moment(nowMs))) notifyMember(member, nowMs, evidence)
  }

  /** Removes a subscriber, and stops the loop after the last one. */
  function leave(member: Member): void {
    const unfollowed = members.remove(member)
    if (unfollowed === undefined) return
    member.isGone = true
    member.interest.left?.(view)
    pool.drop(member)
    ready.drop(member)
    agenda.set(member, Infinity)
    if (members.all.size === 0) stop()
    else drop(unfollowed)
  }

  /** Drops the runs and kinds that nobody follows any more, and cancels the requests about them. */
  function drop({ runs, kind, everything }: Unfollowed): void {
    recent.prune(members.hasReplyRecipients(), runs)
    for (const id of runs)
      if (singleFlight.isRunInFlight(id) && members.isUnfollowed(id, runOf(view, id)?.kind)) loop?.cancelRun(id)
    // A single member shares its ticks with nobody, so it computes its own needs.
    if (members.size() < 2) emptyPool()
    if (runs.length > 0 || kind || everything) view = forget(view, members.followed(), runs)
  }

  return { join, size: () => members.all.size + members.size() + singleFlight.size() + delayed.size() }
}
