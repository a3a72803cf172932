import type { Either } from 'fp-ts/lib/Either.js'
import type { JobError } from '../../../lib/error.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import { netOf } from '../net.ts'
import { isWatcher, type SimPlan } from '../plan.ts'
import type { Recording } from '../recording.ts'
import { SimTime } from '../time.ts'
import { usersOf } from '../users.ts'
import { worldOf } from '../world.ts'

/** What must be the same in both worlds: how each wait and command ended, but not when. */
export type Outcomes = readonly string[]

/** What each user of a plan received; endless streams have no outcome, because their values depend on the time. */
export function outcomesOf({ users }: SimPlan, { sessions }: Recording): Outcomes {
  return users.map(({ type }, index) => {
    const { state, received } = sessions[index]!
    if (isWatcher({ type })) return state === 'error' ? 'an error' : 'watched'
    return state === 'complete' ? outcomeText(received[received.length - 1]?.value) : state
  })
}

function outcomeText(value: unknown): string {
  const result = value as Either<JobError, WaitResult | undefined>
  if (result._tag === 'Left') return `Left ${result.left._tag}`
  const { outcome, success, aborted } = result.right ?? {}
  return outcome === undefined ? 'done' : `${outcome} success ${success} aborted ${aborted}`
}

/** Runs a plan in virtual time, without an oracle. */
export function simulated(plan: SimPlan): Outcomes {
  const time = new SimTime(plan)
  const recording: Recording = { sessions: [], exchanges: [], leaks: [] }
  const world = worldOf(plan, time)
  usersOf(
    plan,
    time,
    world,
    netOf(plan, time, world, recording, () => undefined),
    recording,
    () => undefined,
  )
  time.flush()
  return outcomesOf(plan, recording)
}

/** How much later than planned things may happen over sockets, in milliseconds of the plan. */
const LATE_MS: readonly number[] = [1, 60, 150, 400]

/**
 * Whether the outcomes of a plan are robust. They must not change if the net is slower, if the users start later, or if other
 * requests meet the random faults. Otherwise milliseconds decide an outcome, and sockets with shortened timers are not that
 * precise.
 */
export function isSteady(plan: SimPlan, outcomes: Outcomes): boolean {
  const same = (other: SimPlan): boolean => simulated(other).join() === outcomes.join()
  return (
    LATE_MS.every((lateMs) => same({ ...plan, latencyMs: plan.latencyMs + lateMs })) &&
    [1, 2, 3].every((nth) => same(shifted(plan, 35 * nth))) &&
    [1, 2, 3].every((nth) => same({ ...plan, seed: (plan.seed + nth * 0x1000_0000) | 0 }))
  )
}

/** All users start later by this much; the world does not. */
const shifted = (plan: SimPlan, byMs: number): SimPlan => ({
  ...plan,
  users: plan.users.map((user) => ({ ...user, atMs: user.atMs + byMs })),
})
