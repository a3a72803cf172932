import { fractionOf } from './random.ts'

/**
 * How many of `objects` each target holds: about the same, never quite, and for one bucket always alike.
 *
 * The parts add up to `objects`, whatever the number of targets.
 */
export const share = (objects: number, targets: readonly string[], bucket: string): readonly number[] => {
  const weights = targets.map((target) => 0.97 + 0.06 * fractionOf(`${bucket}|${target}`))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const parts = weights.map((weight) => Math.floor((objects * weight) / total))
  let rest = objects - parts.reduce((sum, part) => sum + part, 0)
  return parts.map((part) => (rest-- > 0 ? part + 1 : part))
}
