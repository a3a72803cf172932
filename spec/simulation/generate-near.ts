import { pick, type Random } from '../../lib/emulator/cluster/random.ts'
import type { FaultClass } from './plan.ts'

/** Whether a plan has a class. */
export type Has = (one: FaultClass) => boolean

/** Every limit of the code, in milliseconds. */
const LIMITS = [100, 500, 2_000, 2_007, 10_000, 15_000, 20_000, 30_000, 35_000, 60_000]

/** A limit, or a millisecond below or above it. */
export const near = (random: Random): number => Math.max(1, pick(random, LIMITS) + pick(random, [-1, 0, 1]))
