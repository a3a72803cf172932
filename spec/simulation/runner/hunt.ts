import { planOf } from '../generate.ts'
import { nth } from './explore.ts'
import { failureOf, run, type Failure } from './run.ts'

// scripts/mutants.mjs starts this for each mutant: it runs seeds until one fails, and prints the result as one line of
// JSON. It skips seeds that fail without any mutant, since they prove nothing; `all` finds those.
const [seed = '1', count = '2000', leftOut = ''] = process.argv.slice(2)
const skipped = new Set(leftOut === '' || leftOut === 'all' ? [] : leftOut.split(',').map(Number))
const most = leftOut === 'all' ? Infinity : 1
const failures: Failure[] = []
const began = performance.now()
let seeds = 0
while (seeds < Number(count) && failures.length < most) {
  const plan = planOf(nth(Number(seed), seeds))
  seeds += 1
  const failure = skipped.has(plan.seed) ? undefined : failureOf(plan, run(plan))
  if (failure !== undefined) failures.push(failure)
}
const perSecond = (seeds * 1000) / (performance.now() - began)
const found = failures.map((failure) => ({
  seed: failure.seed,
  violations: failure.violations.map(({ invariant, text }) => ({ invariant, text: text.slice(0, 300) })),
}))
process.stdout.write(`${JSON.stringify({ seeds, perSecond, found })}\n`)
