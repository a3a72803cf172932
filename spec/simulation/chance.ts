/** What is drawn, if it is not a fault of the plan, which has its index there. */
export const DRAW = { jitter: 7, cutPlace: 99 } as const

/**
 * A number in [0, 1) that depends only on its arguments: removing a fault from a plan changes no other draw.
 *
 * @param nth the number of the request, or of the draw
 * @param what the index of a fault of the plan, or one of {@link DRAW}
 */
export function chance(seed: number, nth: number, what: number): number {
  // A hash of the three, with constants and shifts that spread each bit of them.
  let mixed =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(nth + 0x7f4a7c15, 0xc2b2ae35) ^ Math.imul(what + 1, 0x27d4eb2f)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000
}
