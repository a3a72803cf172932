import { isScheduler } from '../environment.ts'
import { requireArgument } from '../error.ts'

/** Throws AisError with InvalidArgument if a value cannot hold options. */
export const requireOptions = (options: unknown): void =>
  requireArgument('options', options, typeof options === 'object' && options !== null, 'an object')

/** Throws AisError with InvalidArgument if a value is no scheduler. */
export const requireScheduler = (scheduler: unknown): void =>
  requireArgument('scheduler', scheduler, isScheduler(scheduler), 'a scheduler of RxJS')
