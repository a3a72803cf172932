import { expect } from 'chai'
import type { Failing } from '../../../lib/emulator/cluster/state.ts'
import { total, World, ZERO } from '../world.ts'

describe('emulated cluster, a kind whose jobs fail', () => {
  const world = (failing: Failing): World => {
    const world = new World()
    world.cluster.failing.set('rechunk', failing)
    return world
  }
  const start = (world: World): string => world.start('rechunk', { Bck: { name: 'b' } })
  /** Each target has 1,000 objects and does 1,000 a second. */
  const [BEFORE_MS, AFTER_MS, LATE_MS] = [400, 600, 60_000]

  it('should show an error of one target after half of its work, and continue to the end', () => {
    const w = world({ error: 'bad disk', aborts: false })
    const id = start(w)
    const errorsAt = (ms: number): readonly string[] => {
      w.now = ms
      return w.snaps({ id }).map(({ err }) => err)
    }
    expect(errorsAt(BEFORE_MS).join('')).to.equal('')
    expect([...errorsAt(AFTER_MS)].sort()).to.deep.equal(['', '', 'bad disk'])
    expect(w.status({ id })).to.include({ end_time: 0, err: '' })
    w.now = LATE_MS
    expect(w.snaps({ id }).every((snap) => !snap.aborted && snap['end-time'] !== ZERO)).to.equal(true)
    expect(total(w.snaps({ id }), 'loc-objs')).to.equal(3_000)
    expect(w.status({ id })).to.include({ aborted: false, err: 'bad disk' })
  })

  it('should abort the job on all targets when half of the work is done', () => {
    const w = world({ error: 'no space', aborts: true })
    const id = start(w)
    w.now = BEFORE_MS
    expect(w.snaps({ id }).some(({ aborted }) => aborted)).to.equal(false)
    w.now = LATE_MS
    for (const snap of w.snaps({ id })) expect(snap).to.include({ aborted: true, 'abort-err': 'no space' })
    expect(total(w.snaps({ id }), 'loc-objs')).to.be.within(1_200, 1_800)
    expect(w.status({ id })).to.include({ aborted: true })
  })

  it('should leave jobs of other kinds alone', () => {
    const w = world({ error: 'bad disk', aborts: false })
    const id = w.start('lru', {})
    w.now = LATE_MS
    expect(w.snaps({ id }).map(({ err }) => err)).to.deep.equal(['', '', ''])
  })
})
