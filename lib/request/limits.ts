import type { SchedulerLike } from 'rxjs'
import type { Environment } from '../environment.ts'
import { sharedTimers } from '../operators/shared-timers.ts'

/** The scheduler for time limits. Ten thousand may run at once, so limits that end together share a timer. */
export const sharedLimits = ({ shared, timers, now }: Environment): SchedulerLike =>
  (shared.limits ??= sharedTimers(timers, now))
