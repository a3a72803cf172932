import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { total, World, ZERO } from '../world.ts'

const mirrored = (): World => {
  const w = new World()
  seedBucket(w.cluster, 'm', { mirrored: true }, 0)
  w.put(300)
  return w
}

const id = (w: World): string => w.snaps({ kind: 'put-copies' })[0]?.id ?? ''

const archive = (w: World, to = 'b'): string =>
  w.send('PUT', '/v1/buckets/b?provider=ais', {
    action: 'archive',
    value: { archname: 'x.tar', template: 'obj-{00000..00299}', tobck: { name: to } },
  }).body

describe('emulated cluster, a job of a kind that idles', () => {
  it('should start with the first put into a mirrored bucket', () => {
    const w = mirrored()
    w.now = 10
    expect(w.running()).to.deep.equal([`put-copies[${id(w)}]`])
  })

  it('should not start in a bucket that is not mirrored', () => {
    const w = new World()
    w.put(300, 'b')
    expect(w.running()).to.deep.equal([])
  })

  it('should have no status', () => {
    const w = mirrored()
    const reply = w.statusReply({ id: id(w) })
    expect(reply.status).to.equal(404)
    expect(reply.delayMs).to.be.closeTo(2_000, 100)
    expect(w.statuses({ id: id(w) })).to.equal(null)
  })

  it('should be idle six seconds after its last work, and still be listed as running', () => {
    const w = mirrored()
    w.now = 5_900
    expect(w.snaps({ kind: 'put-copies' }).some((snap) => snap.is_idle)).to.equal(false)
    w.now = 7_000
    for (const snap of w.snaps({ kind: 'put-copies' })) expect(snap).to.include({ is_idle: true, 'end-time': ZERO })
    expect(w.running()).to.have.length(1)
    expect(w.snaps({ kind: 'put-copies', show_active: true })).to.have.length(3)
  })

  it('should resume under the same id, and continue its counters', () => {
    const w = mirrored()
    w.now = 10_000
    const first = id(w)
    w.put(60)
    w.now = 10_010
    expect(w.snaps({ kind: 'put-copies' }).every((snap) => snap.id === first && !snap.is_idle)).to.equal(true)
    w.now = 15_000
    expect(total(w.snaps({ kind: 'put-copies' }), 'loc-objs')).to.equal(360)
  })

  it('should end when its timer finds it idle, two minutes after its start', () => {
    const w = mirrored()
    w.now = 119_000
    expect(w.snaps({ kind: 'put-copies' })[0]?.['end-time']).to.equal(ZERO)
    w.now = 120_100
    for (const snap of w.snaps({ kind: 'put-copies' })) expect(snap['end-time']).to.not.equal(ZERO)
  })

  it('should continue for two more minutes when its timer finds it at work', () => {
    const w = mirrored()
    w.now = 118_000
    w.put(60)
    w.now = 121_000
    expect(w.running()).to.have.length(1)
    w.now = 240_100
    expect(w.running()).to.have.length(0)
  })

  it('should start as a new job after its end', () => {
    const w = mirrored()
    const first = id(w)
    w.now = 130_000
    w.put(60)
    const ids = new Set(w.snaps({ kind: 'put-copies' }).map((snap) => snap.id))
    expect(ids).to.have.property('size', 2)
    expect(ids).to.include(first)
  })

  it('should be aborted by a stop', () => {
    const w = mirrored()
    w.now = 10_000
    w.stop({ ID: id(w) })
    expect(w.snaps({ kind: 'put-copies' })[0]).to.include({ aborted: true, 'abort-err': 'user abort' })
    expect(w.running()).to.deep.equal([])
  })

  it('should be shared by requests for the same buckets', () => {
    const w = new World()
    const first = archive(w)
    w.now = 1_000
    expect(archive(w)).to.equal(first)
    seedBucket(w.cluster, 'c', {}, w.now)
    expect(archive(w, 'c')).to.not.equal(first)
  })

  it('should send the objects of an archive to the one target that writes it', () => {
    const w = new World()
    const job = archive(w)
    w.now = 5_000
    const snaps = w.snaps({ id: job })
    expect(total(snaps, 'loc-objs')).to.equal(1)
    expect(total(snaps, 'out-objs')).to.equal(total(snaps, 'in-objs'))
    expect(snaps.filter(({ stats }) => stats['in-objs'] !== '0')).to.have.length(1)
  })

  it('should never end if it is an archive: its idle flag alternates, and later no list shows it and no stop ends it', () => {
    const w = new World()
    const job = archive(w)
    const flags = [110_000, 121_000, 130_000, 141_000, 150_000].map((at) => {
      w.now = at
      return w.snaps({ id: job })[0]?.is_idle
    })
    expect(flags).to.deep.equal([true, false, true, false, true])
    w.now = 260_000
    expect(w.running()).to.deep.equal([])
    w.stop({ ID: job })
    w.now = 270_000
    expect(w.snaps({ id: job })[0]).to.include({ aborted: false, 'end-time': ZERO })
  })
})
