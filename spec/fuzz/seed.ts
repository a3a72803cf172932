/** The seed of `npm test`. */
const FIXED = 20_261_127

/** `npm run fuzz` sets this variable for each round. */
export const SEED_VARIABLE = 'SPEC_SEED'

/** The seed of the current run of the specs. */
export function specSeed(): number {
  return Number(process.env[SEED_VARIABLE] ?? FIXED) | 0
}

/** A seed for one spec. It depends on the seed of the run and the title of the spec, not on the specs before it. */
export function seedFor(title: string): number {
  let mixed = specSeed()
  for (let at = 0; at < title.length; at++) mixed = Math.imul(mixed ^ title.charCodeAt(at), 0x01000193)
  return mixed
}

/**
 * How many cases a property runs. Under the fixed seed of `npm test`, which draws the same cases each time, a quarter of
 * `count` is enough: `npm run fuzz` runs all of them, with new seeds.
 */
export function casesOf(count: number): number {
  return process.env[SEED_VARIABLE] === undefined ? Math.ceil(count / 4) : count
}
