import { fractionOf } from './random.ts'

/**
 * The number of objects that each target holds. Shares differ slightly, and are the same for the same bucket.
 *
 * The shares add up to `objects`, unless there are no targets.
 */
export const share = (objects: number, targets: readonly string[], bucket: string): readonly number[] => {
  const weights = targets.map((target) => 0.97 + 0.06 * fractionOf(`${bucket}|${target}`))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const parts = weights.map((weight) => Math.floor((objects * weight) / total))
  let rest = objects - parts.reduce((sum, part) => sum + part, 0)
  return parts.map((part) => (rest-- > 0 ? part + 1 : part))
}
