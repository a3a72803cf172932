import type { SimPlan } from './plan.ts'

/** A plan with one copy, and without faults and users. */
export const PLAIN: SimPlan = {
  seed: 1,
  mode: 'clean',
  faultClasses: [],
  targets: 2,
  proxies: 1,
  endpoints: 1,
  latencyMs: 2,
  jobs: [{ kind: 'copy-bck', atMs: 1_000, workMs: 500 }],
  events: [],
  net: [],
  jumps: [],
  sleeps: [],
  users: [],
  endMs: 100_000,
}
