import type { Left } from 'fp-ts/lib/Either.js'
import { misuseOf, type Cadence } from '../cadence.ts'
import { invalidArgument, type InvalidArgument } from '../error.ts'
import { show } from './text.ts'

const refused = (got: string): InvalidArgument =>
  invalidArgument('cadence', `got ${got}; takes a cadence such as constant(1000), or an Observable of them`)

/** Why a value is not a cadence; undefined if it is one. */
export function cadenceFault(cadence: unknown): InvalidArgument | undefined {
  if (typeof cadence !== 'function') return refused(show(cadence))
  const misuse = misuseOf(cadence as Cadence)
  return misuse === undefined ? undefined : refused(misuse)
}

/** Thrown when a cadence turns out to be invalid while its stream runs. The stream then ends with this Left. */
export class InvalidCadence extends TypeError {
  readonly left: Left<InvalidArgument>

  constructor(invalid: InvalidArgument) {
    super(invalid.message)
    this.left = { _tag: 'Left', left: invalid }
  }
}

/** Returns a valid cadence. Throws for any other value: an Observable of cadences may emit anything. */
export function validCadence(cadence: Cadence): Cadence {
  const invalid = cadenceFault(cadence)
  if (invalid !== undefined) throw new InvalidCadence(invalid)
  return cadence
}

/**
 * Returns the interval that a cadence has returned. Throws if the interval is not a number: it may be a promise or a text.
 */
export function validInterval(ms: unknown): number {
  if (typeof ms === 'number') return ms
  throw new InvalidCadence(refused(`a cadence that returned ${show(ms)}`))
}
