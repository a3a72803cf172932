import type { SchedulerLike } from 'rxjs'
import { requireArgument } from '../error.ts'

/** Throws AisError with InvalidArgument if a value cannot hold options. */
export const requireOptions = (options: unknown): void =>
  requireArgument('options', options, typeof options === 'object' && options !== null, 'an object')

/** Throws AisError with InvalidArgument if a value is no scheduler. */
export const requireScheduler = (scheduler: unknown): void =>
  requireArgument('scheduler', scheduler, isScheduler(scheduler), 'a scheduler of RxJS')

/** Whether a value has what this library needs of a scheduler. */
export function isScheduler(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { now, schedule } = value as Partial<SchedulerLike>
  return typeof now === 'function' && typeof schedule === 'function'
}
