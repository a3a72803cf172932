import { fractionOf } from './random.ts'
import type { Target } from './state.ts'

/** The target that holds an object: the one with the highest number for it, as in rendezvous hashing. */
export const ownerOf = <T extends Pick<Target, 'id'>>(targets: readonly T[], object: string): T | undefined => {
  let owner: T | undefined
  let best = -1
  for (const target of targets) {
    const weight = fractionOf(`${object}|${target.id}`)
    if (weight > best) [owner, best] = [target, weight]
  }
  return owner
}
