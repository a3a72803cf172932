import { isObservable } from 'rxjs'
import type { InvalidArgument } from '../error.ts'
import { cadenceFault } from './invalid-cadence.ts'

/** Why an argument is neither a cadence nor an Observable of them; undefined if it is one. */
export const checkCadence = (cadence: unknown): InvalidArgument | undefined =>
  isObservable(cadence) ? undefined : cadenceFault(cadence)
