import { expect } from 'chai'
import type { Failing } from '../../../lib/emulator/cluster/state.ts'
import { total, World, ZERO } from '../world.ts'

// `failing` makes all jobs of a kind fail halfway: with an error of one target, or with an abort. `World` is an
// emulated cluster with a clock that the spec moves.

describe('emulated cluster, a kind whose jobs fail', () => {
  const worldWhere = (failing: Failing): World => {
    const world = new World()
    world.cluster.failing.set('rechunk', failing)
    return world
  }
  const startRechunk = (world: World): string => world.start('rechunk', { Bck: { name: 'b' } })
  /** Each target has 1,000 objects and does 1,000 a second. */
  const [BEFORE_MS, AFTER_MS, LATE_MS] = [400, 600, 60_000]

  it('should show an error of one target after half of its work, and continue to the end', () => {
    const world = worldWhere({ error: 'bad disk', aborts: false })
    const id = startRechunk(world)
    const errorsAt = (ms: number): readonly string[] => {
      world.now = ms
      return world.snaps({ id }).map(({ err }) => err)
    }
    expect(errorsAt(BEFORE_MS).join('')).to.equal('')
    expect([...errorsAt(AFTER_MS)].sort()).to.deep.equal(['', '', 'bad disk'])
    expect(world.status({ id })).to.include({ end_time: 0, err: '' })
    world.now = LATE_MS
    expect(world.snaps({ id }).every((snap) => !snap.aborted && snap['end-time'] !== ZERO)).to.equal(true)
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(3_000)
    expect(world.status({ id })).to.include({ aborted: false, err: 'bad disk' })
  })

  it('should abort the job on all targets when half of the work is done', () => {
    const world = worldWhere({ error: 'no space', aborts: true })
    const id = startRechunk(world)
    world.now = BEFORE_MS
    expect(world.snaps({ id }).some(({ aborted }) => aborted)).to.equal(false)
    world.now = LATE_MS
    for (const snap of world.snaps({ id })) expect(snap).to.include({ aborted: true, 'abort-err': 'no space' })
    expect(total(world.snaps({ id }), 'loc-objs')).to.be.within(1_200, 1_800)
    expect(world.status({ id })).to.include({ aborted: true })
  })

  it('should leave jobs of other kinds alone', () => {
    const world = worldWhere({ error: 'bad disk', aborts: false })
    const id = world.start('lru', {})
    world.now = LATE_MS
    expect(world.snaps({ id }).map(({ err }) => err)).to.deep.equal(['', '', ''])
  })
})
