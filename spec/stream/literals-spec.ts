import { deepStrictEqual } from 'node:assert'
import { expect } from 'chai'
import { take } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../lib/cadence.ts'
import type { Cluster } from '../../lib/cluster.ts'
import { rights } from '../../lib/operators/rights.ts'
import { watchJobs } from '../../lib/jobs.ts'
import { progress } from '../../lib/progress.ts'
import { clusterMap, details } from '../../lib/queries.ts'
import { conditions } from '../../lib/view/conditions.ts'
import { waitUntil } from '../../lib/wait.ts'
import { watchDetails } from '../../lib/watch.ts'
import { ID, allTargetsShow, mapOf, snap, statusIs } from '../helpers/fake-cluster/replies.ts'
import { virtual } from '../helpers/observe.ts'
import { clusterOf } from '../helpers/scripted.ts'

// Values are plain objects: they equal a literal even for a comparer that checks prototypes.

const theJob = { id: ID, kind: 'copy-bck' }
const targets = ['t1', '__proto__', 'constructor']

/** The first value of a stream that is no Left. */
function firstOf(stream: (cluster: Cluster) => ReturnType<typeof details>): unknown {
  const scheduler = new TestScheduler(() => undefined)
  const seen: unknown[] = []
  scheduler.run(() => {
    const world = virtual(
      { status: () => statusIs(), snapshots: () => allTargetsShow(snap({}), targets), map: () => mapOf(targets) },
      scheduler,
    )
    stream(clusterOf(world, { scheduler, cadence: constant(1000) }))
      .pipe(rights(), take(1))
      .subscribe((value) => seen.push(value))
  })
  return seen[0]
}

/** A literal with the same members. A record has a member named `__proto__`. */
const literal = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(literal)
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, literal(member)]))
    : value
}

const streams: Readonly<Record<string, (cluster: Cluster) => ReturnType<typeof details>>> = {
  details: (cluster) => details(cluster, theJob),
  watchDetails: (cluster) => watchDetails(cluster, theJob),
  clusterMap: (cluster) => clusterMap(cluster) as never,
  progress: (cluster) => progress(cluster, theJob) as never,
  watchJobs: (cluster) => watchJobs(cluster) as never,
  waitUntil: (cluster) =>
    waitUntil(cluster, theJob, (job) => (conditions.started(job) === undefined ? undefined : job.targets)) as never,
}

for (const [name, stream] of Object.entries(streams))
  describe(`a value of ${name}`, () => {
    it('equals a literal for the strictest comparer', () => {
      const value = firstOf(stream)
      expect(value).to.be.an('object')
      deepStrictEqual(value, literal(value))
    })

    if (name !== 'watchJobs')
      it('keeps a target called __proto__', () => {
        const value = firstOf(stream) as { targets?: object }
        const record = name === 'clusterMap' || name === 'progress' ? value.targets : value
        expect(Object.keys(record ?? {})).to.include.members(targets)
        expect(Object.getPrototypeOf(record)).to.equal(Object.prototype)
      })
  })
