import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { killTarget, restartTarget } from '../../../lib/emulator/cluster/nodes.ts'
import { World } from '../world.ts'

interface Body {
  readonly message: string
  readonly node: string
}

/** Advances the clock until the fastest target has ended its run. Returns how many targets have then ended theirs. */
const untilOneIsDone = (w: World, id: string): number => {
  for (; w.now < 60_000; w.now += 1) {
    const done = w.snaps({ id }).filter((snap) => snap.is_idle).length
    if (done > 0) return done
  }
  throw new Error('no target ended its run')
}

const startRechunk = (w: World, bucket = 'b') =>
  w.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'rechunk', Bck: { name: bucket } } })

describe('emulated cluster, a second start while a job of the kind runs', () => {
  for (const [kind, value] of [
    ['lru', {}],
    ['cleanup-store', {}],
    ['load-lom-cache', { Bck: { name: 'b' } }],
  ] as const) {
    it(`should assign ${kind} an id that no target runs`, () => {
      const w = new World()
      w.start(kind, value)
      w.now = 2
      const id = w.start(kind, value)
      expect(w.snapshotsReply({ id }).status).to.equal(404)
      w.now = 29_000
      expect(w.snapshotsReply({ id }).status).to.equal(404)
      expect(w.status({ id })).to.include({ end_time: 0, aborted: false, err: '' })
      w.now = 31_000
      expect(w.status({ id })).to.include({ aborted: true })
    })

    it(`should report a target that does not run ${kind}, and one more target with each poll`, () => {
      const w = new World()
      w.start(kind, value)
      const id = w.start(kind, value)
      const [target = ''] = w.targetIds
      const missing = `t[${target}]: nl-${kind}[${id}] at t[${target}] does not exist`
      w.now = 31_000
      const errors = [1, 2, 3, 4].map(() => w.status({ id }).err)
      expect(errors).to.deep.equal([
        missing,
        `${missing} (and 1 more error)`,
        `${missing} (and 2 more errors)`,
        `${missing} (and 2 more errors)`,
      ])
      expect(w.status({ id }, 1).err).to.equal(missing)
    })
  }

  it('should poll the targets for a list of statuses only with `frc`', () => {
    const w = new World()
    w.start('cleanup-store')
    const id = w.start('cleanup-store')
    w.now = 31_000
    expect(w.statuses({ id })?.[0]?.err).to.equal('')
    expect(w.statuses({ id }, '&frc=true')?.[0]?.err).to.match(/does not exist$/)
    expect(w.statuses({ id }, '&frc=true')?.[0]?.err).to.match(/\(and 1 more error\)$/)
    expect(w.status({ kind: 'cleanup-store', id }).err).to.match(/\(and 2 more errors\)$/)
  })

  it('should run on the targets whose first run has ended, and report their number', () => {
    const w = new World()
    const first = w.start('cleanup-store')
    const done = untilOneIsDone(w, first)
    const id = w.start('cleanup-store')
    expect(Object.keys(w.snapshots({ id }))).to.have.length(done)
    w.now += 29_000
    expect(w.status({ id })).to.include({ end_time: 0, aborted: false })
    w.now += 2_000
    expect(w.status({ id })).to.include({ aborted: true })
    expect(w.status({ id }).err).to.include(`nl-cleanup-store[${id}](cnt=${done}/3) at t[`)
  })

  it('should run on all targets after the end of the first job', () => {
    const w = new World()
    const first = w.start('cleanup-store')
    w.now = 30_000
    const id = w.start('cleanup-store')
    expect(id).to.not.equal(first)
    w.now = 60_000
    expect(w.status({ id })).to.include({ aborted: false, err: '' })
    expect(w.snaps({ id })).to.have.length(3)
  })

  it('should run a warm-up of another bucket at the same time', () => {
    const w = new World()
    seedBucket(w.cluster, 'c', { objects: 3_000 }, 0)
    w.start('load-lom-cache', { Bck: { name: 'b' } })
    const id = w.start('load-lom-cache', { Bck: { name: 'c' } })
    w.now = 31_000
    expect(w.status({ id })).to.include({ aborted: false, err: '' })
  })

  it('should name the bucket of a job that a restarted target has lost', () => {
    const w = new World()
    const id = w.send('POST', '/v1/buckets/b?provider=ais', { action: 'rechunk', value: {} }).body
    const [target = ''] = w.targetIds
    w.now = 100
    killTarget(w.cluster, target, w.now)
    restartTarget(w.cluster, target, w.now)
    w.now = 31_000
    const missing = `t[${target}]: nl-rechunk[${id}]-ais://b(cnt=2/3) at t[${target}] does not exist`
    expect(w.status({ id })).to.include({ aborted: true, err: missing })
    expect(w.status({ id }).err).to.equal(missing)
  })
})

describe('emulated cluster, a second rechunk of a bucket', () => {
  it('should be refused by a target, whose message names the first job', () => {
    const w = new World({ originNs: 1_795_461_485_000_000_000n })
    const id = w.start('rechunk', { Bck: { name: 'b' } })
    w.now = 300
    const reply = startRechunk(w)
    expect(reply.status).to.equal(400)
    const body = JSON.parse(reply.body) as Body
    expect(body).to.include({ tcode: 'ErrXactUsePrev', url_path: '/v1/xactions', caller: `p[${w.cluster.primary}]` })
    const [, name = '', time = ''] = /^(.*)-([\d:.]+) is already running - not starting$/.exec(body.message) ?? []
    expect(name).to.equal(`x-rechunk[${id}]-ais://b`)
    expect(time).to.match(/^19:18:05\.00\d{4}$/)
    const target = w.targetIds.find((known) => body.node === `t[${known}]`) ?? ''
    expect(w.snapshots({ id })[target]?.[0]?.['start-time']).to.include(`T${time}`)
  })

  it('should not affect the first job', () => {
    const w = new World()
    const id = w.start('rechunk', { Bck: { name: 'b' } })
    startRechunk(w)
    expect(w.running()).to.deep.equal([`rechunk[${id}]`])
    w.now = 30_000
    expect(w.status({ id })).to.include({ aborted: false, err: '' })
    expect(startRechunk(w).status).to.equal(200)
  })

  it('should run under an unreported id on the targets whose first run has ended', () => {
    const w = new World()
    const first = w.start('rechunk', { Bck: { name: 'b' } })
    const done = untilOneIsDone(w, first)
    expect(startRechunk(w).status).to.equal(400)
    const others = w.snaps({ kind: 'rechunk' }).filter(({ id }) => id !== first)
    expect(others).to.have.length(done)
    expect(w.statusReply({ id: others[0]?.id }).status).to.equal(404)
  })

  it('should also be refused as a request to the bucket', () => {
    const w = new World()
    w.start('rechunk', { Bck: { name: 'b' } })
    const reply = w.send('POST', '/v1/buckets/b?provider=ais', { action: 'rechunk', value: {} })
    expect(reply.status).to.equal(400)
    expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrXactUsePrev', url_path: '/v1/buckets/b' })
  })

  it('should be accepted for another bucket', () => {
    const w = new World()
    seedBucket(w.cluster, 'c', { objects: 300 }, 0)
    w.start('rechunk', { Bck: { name: 'b' } })
    expect(startRechunk(w, 'c').status).to.equal(200)
  })
})
