import { planOf } from '../generate.ts'
import { nth } from './explore.ts'
import { failureOf, run, type Failure } from './run.ts'

// scripts/mutants.mjs starts this for each mutant: it runs seeds until one fails, and prints the result as one line of
// JSON. The arguments are the first seed, the number of seeds, and the seeds to skip, since they fail without any mutant and
// prove nothing. To find those, the third argument is `all`: it skips none, and does not stop at a failure.
const [seed = '1', count = '2000', skip = ''] = process.argv.slice(2)
const findsAll = skip === 'all'
const skipped = new Set(findsAll || skip === '' ? [] : skip.split(',').map(Number))
const most = findsAll ? Infinity : 1
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
