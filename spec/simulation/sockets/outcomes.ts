import type { Either } from 'fp-ts/lib/Either.js'
import type { JobError } from '../../../lib/error.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import { netOf } from '../net.ts'
import { isWatcher, type SimPlan } from '../plan.ts'
import type { Probe } from '../probe.ts'
import { SimTime } from '../time.ts'
import { usersOf } from '../users.ts'
import { worldOf } from '../world.ts'

/** What must be the same in both worlds: how each wait and command ended, not when. */
export type Outcomes = readonly string[]

/** What each user of a plan got; watchers get what there is when they look, which is no outcome. */
export function outcomesOf({ users }: SimPlan, { stays }: Probe): Outcomes {
  return users.map(({ type }, index) => {
    const { how, seen } = stays[index]!
    if (isWatcher({ type })) return how === 'error' ? 'an error' : 'watched'
    return how === 'complete' ? said(seen[seen.length - 1]?.value) : how
  })
}

function said(value: unknown): string {
  const result = value as Either<JobError, WaitResult | undefined>
  if (result._tag === 'Left') return `Left ${result.left._tag}`
  const { outcome, success, aborted } = result.right ?? {}
  return outcome === undefined ? 'done' : `${outcome} success ${success} aborted ${aborted}`
}

/** A plan in virtual time, without an oracle. */
export function simulated(plan: SimPlan): Outcomes {
  const time = new SimTime(plan)
  const probe: Probe = { stays: [], exchanges: [], leaks: [] }
  const world = worldOf(plan, time)
  usersOf(
    plan,
    time,
    world,
    netOf(plan, time, world, probe, () => undefined),
    probe,
    () => undefined,
  )
  time.flush()
  return outcomesOf(plan, probe)
}

/** How much later than planned things may happen over sockets, in milliseconds of the plan. */
const LATE_MS: readonly number[] = [1, 60, 150, 400]

/**
 * Whether a plan is far from every edge: nobody's outcome may change where the net is as much slower as sockets and
 * shrunken timers may make it, or where other requests meet a fault that meets but some. What does change is decided by
 * milliseconds, of which sockets have none to spare.
 */
export function isSteady(plan: SimPlan, outcomes: Outcomes): boolean {
  const same = (other: SimPlan): boolean => simulated(other).join() === outcomes.join()
  return (
    LATE_MS.every((lateMs) => same({ ...plan, latencyMs: plan.latencyMs + lateMs })) &&
    [1, 2, 3].every((nth) => same(shifted(plan, 35 * nth))) &&
    [1, 2, 3].every((nth) => same({ ...plan, seed: (plan.seed + nth * 0x1000_0000) | 0 }))
  )
}

/** All users come later by so much: the world goes on without them. */
const shifted = (plan: SimPlan, byMs: number): SimPlan => ({
  ...plan,
  users: plan.users.map((user) => ({ ...user, atMs: user.atMs + byMs })),
})
