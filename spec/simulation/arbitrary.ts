import type { SimPlan } from './plan.ts'

/** The list without one element, and its first and second half. */
function* fewer<A>(list: readonly A[]): Iterable<readonly A[]> {
  if (list.length === 0) return
  if (list.length > 2) {
    yield list.slice(0, list.length >> 1)
    yield list.slice(list.length >> 1)
  }
  for (let i = 0; i < list.length; i++) yield [...list.slice(0, i), ...list.slice(i + 1)]
}

/** Smaller numbers, the least first. */
function* less(value: number, least: number): Iterable<number> {
  if (value <= least) return
  yield least
  for (let step = (value - least) >> 1; step > 0; step >>= 1) yield value - step
  if (value - 1 > least) yield value - 1
}

/** Plans that are a little smaller, the largest reduction first. The shrinker repeats this with each plan that still fails. */
export function* smaller(plan: SimPlan): Iterable<SimPlan> {
  for (const users of fewer(plan.users)) if (users.length > 0) yield { ...plan, users }
  for (const net of fewer(plan.net)) yield { ...plan, net }
  for (const events of fewer(plan.events)) yield { ...plan, events }
  for (const jumps of fewer(plan.jumps)) yield { ...plan, jumps }
  for (const sleeps of fewer(plan.sleeps)) yield { ...plan, sleeps }
  if (plan.jobs.length > 1) yield { ...plan, jobs: plan.jobs.slice(0, -1) }
  if (plan.tokens !== undefined) {
    const { tokens: _gone, ...rest } = plan
    _gone
    yield rest
  }
  for (const targets of less(plan.targets, 1)) yield { ...plan, targets }
  for (const proxies of less(plan.proxies, 1)) yield { ...plan, proxies, endpoints: Math.min(plan.endpoints, proxies) }
  for (const endpoints of less(plan.endpoints, 1)) yield { ...plan, endpoints }
  for (const latencyMs of less(plan.latencyMs, 2)) yield { ...plan, latencyMs }
  for (const [i, job] of plan.jobs.entries()) {
    const put = (one: typeof job): SimPlan => ({ ...plan, jobs: plan.jobs.map((other, j) => (i === j ? one : other)) })
    for (const key of ['quiet', 'lateMs', 'errKnownTo', 'errMs', 'only', 'deaf'] as const) {
      if (job[key] === undefined) continue
      const { [key]: _gone, ...rest } = job
      _gone
      yield put(rest)
    }
    for (const workMs of less(job.workMs, 0)) yield put({ ...job, workMs })
    const { links, bad = [] } = job
    if (links === undefined) continue
    for (const fewerBad of fewer(bad)) yield put({ ...job, bad: fewerBad })
    for (const fewerLinks of less(links, 1))
      yield put({ ...job, links: fewerLinks, bad: bad.filter((one) => one < fewerLinks) })
  }
  for (const [i, user] of plan.users.entries()) {
    const put = (one: typeof user): SimPlan => ({
      ...plan,
      users: plan.users.map((other, j) => (i === j ? one : other)),
    })
    for (const key of ['leaveMs', 'byKind', 'all', 'gapMs', 'confirm'] as const) {
      if (user[key] === undefined) continue
      const { [key]: _gone, ...rest } = user
      _gone
      yield put(rest)
    }
    if (user.gapMs !== undefined && user.gapMs !== 1_000) yield put({ ...user, gapMs: 1_000 })
    for (const atMs of less(user.atMs, 0)) yield put({ ...user, atMs })
    if (user.timeoutMs !== undefined) for (const timeoutMs of less(user.timeoutMs, 0)) yield put({ ...user, timeoutMs })
  }
  for (const [i, fault] of plan.net.entries()) {
    const put = (one: typeof fault): SimPlan => ({ ...plan, net: plan.net.map((other, j) => (i === j ? one : other)) })
    if (fault.rate < 1) yield put({ ...fault, rate: 1 })
    if (fault.proxy !== undefined) {
      const { proxy: _gone, ...rest } = fault
      _gone
      yield put(rest)
    }
    for (const toMs of less(fault.toMs, 1)) yield put({ ...fault, toMs })
  }
  for (const [i, event] of plan.events.entries())
    for (const atMs of less(event.atMs, 0))
      yield { ...plan, events: plan.events.map((other, j) => (i === j ? { ...event, atMs } : other)) }
}
