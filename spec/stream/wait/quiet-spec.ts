import { expect } from 'chai'
import { constant } from '../../../lib/cadence.ts'
import { crowd, mostAtOnce, outcomeOf } from '../../helpers/crowd.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  withoutBody,
  mapOf,
  refusal,
  runningAre,
  snapshotsAre,
  snap,
  statusesAre,
  statusRow,
} from '../../helpers/fake-cluster/replies.ts'
import { atWork, endsAt, jobsWorld } from '../../helpers/jobs-world.ts'
import { after } from '../../helpers/observe.ts'

// A wait is evaluated again only if a reply concerns its job. In these cases it must nevertheless go on.

const kind = 'copy-bck'
const [JOB_A, JOB_B, JOB_C] = ['jobAAAAAA', 'jobBBBBBB', 'jobCCCCCC'] as const

describe('waits that are not evaluated until a reply concerns them', () => {
  for (const end of ['"abc"', '"1234"', 'true', '5.0'])
    it(`survive a list with the end_time ${end}`, () => {
      const world = jobsWorld({ [JOB_A]: endsAt(5_000), [JOB_B]: endsAt(6_000) }, { latencyMs: 5 })
      const row = statusRow({ id: 'x', kind: 'lru' }).replace('"end_time":0', `"end_time":${end}`)
      const bad: World = { ...world, statuses: () => after(5, { body: `[${row}]` }) }
      const { results } = crowd(bad, [{ selector: { id: JOB_A, kind } }, { selector: { id: JOB_B, kind } }])
      expect(results.map(outcomeOf)).to.deep.equal(['finished', 'finished'])
    })

  for (const [what, reply] of Object.entries({
    garbled: { status: 200, body: '[{"kind":7}]' },
    'a 501': refusal(501, 'not supported'),
  }))
    it(`do not request the list again for a minute after its reply was ${what}, and query each run instead`, () => {
      const world = jobsWorld({ [JOB_A]: atWork, [JOB_B]: atWork, [JOB_C]: atWork }, { latencyMs: 5 })
      const { count } = crowd(
        { ...world, statuses: () => after(5, reply) },
        [JOB_A, JOB_B, JOB_C].map((id) => ({ selector: { id, kind }, timeoutMs: 30_000 })),
      )
      expect(count('statuses')).to.equal(1)
      // In 30 s, each of the three waits queries its run in each tick; a tick is a second.
      expect(count('status')).to.be.above(3 * 20)
    })

  it('have no request in flight twice if it was still queued when its wait left, and another wait needs it', () => {
    // 16 requests about single jobs may be in flight at once, so that of the last job is queued until 3 s.
    const last = 16
    const ids = Array.from({ length: last + 1 }, (_, n) => `j${n}`)
    const selectorOf = (n: number) => ({ id: `j${n}`, kind: `k${n}`, target: 't1' })
    const world = jobsWorld(Object.fromEntries(ids.map((id, n) => [id, { ...atWork, kind: `k${n}` }])), {})
    const { requests } = crowd({ ...world, snapshots: (_ms, _, reply) => after(3_000, reply) }, [
      ...ids.map((_, n) => ({ selector: selectorOf(n), timeoutMs: 9_000, ...(n === last ? { leavesMs: 1_000 } : {}) })),
      { selector: selectorOf(last), atMs: 1_500, timeoutMs: 9_000 },
    ])
    const aboutLast = requests.filter(({ body }) => (body as { readonly id?: string } | undefined)?.id === ids[last])
    expect(aboutLast.length).to.be.above(0)
    expect(mostAtOnce(aboutLast)).to.equal(1)
  })

  for (const leavesMs of [44_000, 150_000])
    // The end becomes certain between two ticks of a slow cadence, which the second wait shares for as long as it stays.
    it(`end in time if time alone makes the outcome certain, also if another wait leaves after ${leavesMs} ms`, () => {
      // The parts of the job are over, the list reports it as open, and its status request fails.
      const world: World = {
        statuses: () => after(5, statusesAre([{ id: JOB_A }, { id: JOB_B }])),
        status: () => after(5, withoutBody(503)),
        running: () => after(5, runningAre([JOB_A, JOB_B].map((id) => ({ id, kind })))),
        map: () => after(5, mapOf(['t1'])),
        snapshots: (ms, { id }) =>
          after(
            5,
            snapshotsAre({
              t1: (id === undefined ? [JOB_A, JOB_B] : [id]).map((one) =>
                snap({ id: one, ...(one === JOB_A && ms > 2_000 ? { endMs: 2_000 } : {}) }),
              ),
            }),
          ),
      }
      const cadence = constant(40_000)
      const { results } = crowd(world, [
        { selector: { id: JOB_A, kind }, cadence, timeoutMs: 200_000 },
        { selector: { id: JOB_B, kind }, cadence, timeoutMs: 200_000, leavesMs },
      ])
      expect(outcomeOf(results[0]!)).to.equal('finished')
      expect(results[0]!.atMs).to.be.within(50_000, 50_100)
    })
})
