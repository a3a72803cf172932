import { expect } from 'chai'
import { freezeTarget, killTarget, restartTarget, thawTarget } from '../../../lib/emulator/cluster/nodes.ts'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { objectsOf } from '../../../lib/emulator/store/of-bucket.ts'
import { total, World } from '../world.ts'

// The download API of the emulator. Links to loopback addresses fail; other links work unless a spec breaks them.

/** Four links to a loopback address, where nothing listens. */
const RANGE = { type: 'range', bucket: { name: 'b' }, template: 'http://127.0.0.1:9/f-{08..11}.bin' }

/** Starts a download; returns its id. */
const startDownload = (world: World, body: object = RANGE): string =>
  (JSON.parse(world.send('POST', '/v1/download', body).body) as { id: string }).id

interface Shown {
  readonly id: string
  readonly xaction_id: string
  readonly finished_time: string
  readonly finished_cnt: number
  readonly skipped_cnt: number
  readonly scheduled_cnt: number
  readonly error_cnt: number
  readonly total: number
  readonly aborted: boolean
  readonly current_tasks?: readonly { readonly name: string; readonly downloaded: string }[]
  readonly finished_tasks?: readonly { readonly name: string; readonly downloaded: string }[]
  readonly download_errors?: readonly { readonly name: string; readonly error: string }[]
}

/** The status of a download, as the download API reports it. */
const statusOf = (world: World, body: object): Shown =>
  JSON.parse(world.send('GET', '/v1/download', body).body) as Shown

describe('emulator, the download API', () => {
  it('should have its own ids, which are unknown to snapshots, and its own kinds in statuses', () => {
    const world = new World()
    const id = startDownload(world)
    expect(id).to.match(/^dnl-/)
    expect(world.status({ id })).to.include({ kind: 'range', end_time: 0 })
    expect(world.statusReply({ id, kind: 'download' }).status).to.equal(400)
    expect(world.snapshotsReply({ id }).status).to.equal(404)
    expect(world.snaps({ kind: 'download' })).to.have.length(3)
  })

  it('should share one job on the targets among all downloads', () => {
    const world = new World()
    const jobs = [startDownload(world), startDownload(world)].map((id) => statusOf(world, { id }).xaction_id)
    expect(jobs[0]).to.equal(jobs[1])
    expect(world.running()).to.deep.equal([`download[${jobs[0] ?? ''}]`])
  })

  it('should create a bucket of the cluster, and refuse one of a cloud that does not exist, or an invalid name', () => {
    const world = new World()
    const start = (bucket: object, type = 'single') =>
      world.send('POST', '/v1/download', { type, bucket, link: 'http://h/a' })
    const errorOf = ({ body }: { readonly body: string }): object => JSON.parse(body) as object
    expect(start({ name: 'made' }).status).to.equal(200)
    expect(world.cluster.buckets.has('ais://made')).to.equal(true)
    expect(errorOf(start({ name: 'x', provider: 'gcp' }))).to.include({ status: 404, tcode: 'ErrRemoteBckNotFound' })
    expect(errorOf(start({ name: 'x', provider: 'gcp' }, 'backend'))).to.include({ status: 404 })
    const elsewhere = { name: 'x', provider: 'ais', namespace: { uuid: 'FqG3gf8Af', name: '' } }
    expect(errorOf(start(elsewhere))).to.include({ status: 404 })
    expect(errorOf(start({ name: 'no name' }))).to.include({ status: 400 })
    expect(errorOf(start({ name: 'b' }, 'backend'))).to.include({
      status: 400,
      message: 'Error starting download: bucket download requires a remote bucket',
    })
    expect([...world.cluster.buckets.keys()].filter((uri) => uri.endsWith('/x'))).to.deep.equal([])
  })

  it('should fetch the files of a frozen target only after it thaws', () => {
    const world = new World()
    const body = { type: 'range', bucket: { name: 'held' }, template: 'http://h/f-{0..29}' }
    const id = startDownload(world, body)
    world.now = 500
    const before = statusOf(world, { id }).finished_cnt
    for (const { id: target } of world.cluster.targets) freezeTarget(world.cluster, target, world.now)
    world.now = 60_000
    for (const { id: target } of world.cluster.targets) thawTarget(world.cluster, target, world.now)
    const shown = statusOf(world, { id })
    expect(shown.finished_cnt).to.equal(before)
    expect(shown.finished_time).to.equal('1970-01-01T00:00:00Z')
    expect(shown.current_tasks).to.have.length(3)
    const bucket = world.cluster.buckets.get('ais://held')
    expect(bucket && objectsOf(bucket).count).to.equal(before)
    world.now = 70_000
    expect(statusOf(world, { id }).finished_cnt).to.equal(30)
    expect(bucket && objectsOf(bucket).count).to.equal(30)
  })

  it('should fail each link to a loopback address, and report this only in its own replies', () => {
    const world = new World()
    const id = startDownload(world)
    world.now = 2_000
    const shown = statusOf(world, { id })
    expect(shown).to.include({ error_cnt: 4, total: 4 })
    expect(shown.finished_tasks?.map(({ name }) => name)).to.deep.equal([
      'f-08.bin',
      'f-09.bin',
      'f-10.bin',
      'f-11.bin',
    ])
    expect(shown.download_errors?.[0]?.error).to.contain('dload: egress blocked: 127.0.0.1 (tcp4)')
    expect(world.status({ id })).to.include({ err: '', aborted: false })
  })

  it('should end a download a second after its last file', () => {
    const world = new World()
    const id = startDownload(world)
    world.now = 700
    expect(statusOf(world, { id }).finished_time).to.equal('1970-01-01T00:00:00Z')
    world.now = 1_300
    expect(statusOf(world, { id }).finished_time).to.match(/^2026-/)
  })

  it('should omit ended tasks and downloads from queries for active ones', () => {
    const world = new World()
    const id = startDownload(world)
    const list = () =>
      JSON.parse(world.send('GET', '/v1/download', { only_active_tasks: true }).body) as readonly Shown[]
    expect(list().map((one) => one.id)).to.deep.equal([id])
    expect(statusOf(world, { id, only_active_tasks: true })).to.not.have.property('finished_tasks')
    world.now = 2_000
    expect(list()).to.deep.equal([])
    expect(JSON.parse(world.send('GET', '/v1/download', {}).body)).to.have.length(1)
  })

  it('should list the downloads whose descriptions match a pattern', () => {
    const world = new World()
    const [id] = ['daily', 'weekly'].map((description) => startDownload(world, { ...RANGE, description }))
    const listed = JSON.parse(world.send('GET', '/v1/download', { regex: '^da' }).body) as readonly Shown[]
    expect(listed.map((one) => one.id)).to.deep.equal([id])
  })

  it('should abort a download by its own request, but not by a stop', () => {
    const world = new World()
    const id = startDownload(world)
    world.stop({ ID: id })
    world.now = 10
    expect(statusOf(world, { id }).aborted).to.equal(false)
    expect(world.status({ id }).end_time).to.equal(0)
    world.now = 3_000
    expect(world.status({ id }).aborted).to.equal(false)
    world.now = 10
    expect(world.send('DELETE', '/v1/download/abort', { id })).to.include({ status: 200, body: '' })
    expect(statusOf(world, { id })).to.include({ aborted: true, finished_time: '1970-01-01T00:00:00Z' })
  })

  describe('with links that work', () => {
    const PUBLIC = { type: 'range', bucket: { name: 'b' }, template: 'https://example.com/f-{00..19}.bin' }

    it('should fetch one file after the other on each target', () => {
      const world = new World()
      const id = startDownload(world, PUBLIC)
      world.now = 1_000
      const shown = statusOf(world, { id })
      // About half of the 20 files are there, and each of the three targets fetches at most one.
      expect(shown.finished_cnt).to.be.within(6, 15)
      expect(shown).to.include({ error_cnt: 0, scheduled_cnt: 20, total: 20 })
      expect(shown.current_tasks?.length).to.be.within(1, 3)
      world.now = 10_000
      expect(statusOf(world, { id })).to.include({ finished_cnt: 20, error_cnt: 0 })
      expect(statusOf(world, { id }).finished_time).to.match(/^2026-/)
      expect(statusOf(world, { id })).to.not.have.any.keys('current_tasks', 'download_errors')
    })

    it('should fail the links that are broken, and name them', () => {
      const world = new World()
      world.cluster.brokenLinks.push({ breaks: (link) => /f-0[37]/.test(link), error: 'gone' })
      const id = startDownload(world, PUBLIC)
      world.now = 10_000
      const shown = statusOf(world, { id })
      expect(shown).to.include({ finished_cnt: 18, error_cnt: 2 })
      expect(shown.download_errors).to.deep.equal([
        { name: 'f-03.bin', error: 'gone' },
        { name: 'f-07.bin', error: 'gone' },
      ])
      expect(shown.finished_tasks).to.have.length(20)
      expect(world.status({ id })).to.include({ err: '', aborted: false })
    })

    it('should keep the files that had arrived before an abort', () => {
      const world = new World()
      const id = startDownload(world, PUBLIC)
      world.now = 1_000
      const before = statusOf(world, { id }).finished_cnt
      world.send('DELETE', '/v1/download/abort', { id })
      world.now = 10_000
      expect(statusOf(world, { id })).to.include({ finished_cnt: before, aborted: true, error_cnt: 0 })
      expect(statusOf(world, { id }).finished_time).to.match(/^2026-/)
      expect(world.status({ id })).to.include({ aborted: true })
    })

    it('should shrink the counters when a target restarts', () => {
      const world = new World()
      const id = startDownload(world, PUBLIC)
      world.now = 500
      restartTarget(world.cluster, world.targetIds[0] ?? '', world.now)
      expect(statusOf(world, { id }).scheduled_cnt).to.be.within(1, 19)
      world.now = 10_000
      const { finished_cnt, scheduled_cnt, finished_time } = statusOf(world, { id })
      expect(finished_cnt).to.equal(scheduled_cnt)
      expect(finished_time).to.match(/^2026-/)
    })

    it('should refuse queries while a target is dead, and abort the download when the map drops the target', () => {
      const world = new World()
      const id = startDownload(world, { ...PUBLIC, template: 'https://example.com/f-{000..999}.bin' })
      world.now = 500
      killTarget(world.cluster, world.targetIds[0] ?? '', world.now)
      expect(world.send('GET', '/v1/download', { id }).status).to.equal(400)
      world.now = 40_000
      expect(statusOf(world, { id })).to.include({ aborted: true })
    })

    it('should wake the job that all downloads share, or start it without a bucket, by a request about one download', () => {
      const world = new World()
      const id = startDownload(world, PUBLIC)
      const shared = (): readonly unknown[] =>
        [...world.cluster.jobs.values()].filter(({ kind }) => kind === 'download')
      world.now = 1_000_000
      statusOf(world, { id })
      expect(shared()).to.have.lengthOf(2)
      expect(shared()[1]).to.deep.include({ startMs: 1_000_000 }).and.have.nested.property('bck.name', '')
      world.now += 5_000
      statusOf(world, { id })
      world.send('GET', '/v1/download', {})
      expect(shared()).to.have.lengthOf(2)
      expect(shared()[1]).to.have.property('requests', 2)
    })

    it('should not know the number of the objects of a remote bucket', () => {
      const world = new World()
      const bucket = { name: 'r', provider: 'gcp' }
      seedBucket(world.cluster, 'r', { objects: 0, provider: 'gcp' }, 0)
      const id = startDownload(world, { type: 'backend', bucket, prefix: 'x' })
      expect(statusOf(world, { id })).to.include({ total: -3 })
    })

    it('should remove only a download that has ended', () => {
      const world = new World()
      const id = startDownload(world, PUBLIC)
      expect(world.send('DELETE', '/v1/download/remove', { id }).status).to.equal(400)
      world.now = 10_000
      expect(world.send('DELETE', '/v1/download/remove', { id }).status).to.equal(200)
      expect(world.send('GET', '/v1/download', { id }).status).to.equal(404)
    })

    it('should redirect requests for one download to the Information Center', () => {
      const world = new World({ proxies: 4 })
      const id = startDownload(world, PUBLIC)
      const reply = world.send('GET', '/v1/download', { id }, 3)
      expect(reply.status).to.equal(307)
      expect(reply.headers['location']).to.match(/^http:\/\/127\.0\.0\.1:8080\/v1\/download\?pid=.{3}p8083&utm=/)
      expect(world.send('GET', '/v1/download', {}, 3).status).to.equal(200)
    })
  })

  describe('and the objects of a bucket', () => {
    const PUBLIC = { type: 'range', bucket: { name: 'd' }, template: 'https://example.com/f-{00..19}.bin' }

    interface Entry {
      readonly name: string
      readonly size: string
    }

    const objectsIn = (world: World, bucket: string): readonly Entry[] => {
      const reply = world.send('GET', `/v1/buckets/${bucket}?provider=ais`, {
        action: 'list',
        value: { props: 'name,size' },
      })
      expect(reply.status).to.equal(200)
      return (JSON.parse(reply.body) as { entries: readonly Entry[] | null }).entries ?? []
    }

    const namesIn = (world: World, bucket: string): readonly string[] =>
      objectsIn(world, bucket).map(({ name }) => name)

    it('should put each file into the bucket when it has arrived, and no file whose link failed', () => {
      const world = new World()
      world.cluster.brokenLinks.push({ breaks: (link) => /f-0[37]/.test(link), error: 'gone' })
      const id = startDownload(world, PUBLIC)
      expect(namesIn(world, 'd')).to.deep.equal([])
      world.now = 1_000
      const { finished_cnt, finished_tasks = [], download_errors = [] } = statusOf(world, { id })
      const errors = new Set(download_errors.map(({ name }) => name))
      const arrived = finished_tasks.map(({ name }) => name).filter((name) => !errors.has(name))
      expect(arrived).to.have.length(finished_cnt)
      expect(namesIn(world, 'd')).to.have.members(arrived)
      world.now = 10_000
      const names = namesIn(world, 'd')
      expect(names).to.have.length(18)
      expect(names).to.include('f-00.bin')
      expect(names).to.not.include.oneOf(['f-03.bin', 'f-07.bin'])
      const { downloaded } = statusOf(world, { id }).finished_tasks?.find(({ name }) => name === 'f-00.bin') ?? {}
      expect(objectsIn(world, 'd')[0]).to.include({ name: 'f-00.bin', size: downloaded })
    })

    it('should serve what has arrived, marked with its link', () => {
      const world = new World()
      startDownload(world, PUBLIC)
      world.now = 10_000
      const { bytes, headers } = world.follow('GET', '/v1/objects/d/f-00.bin?provider=ais')
      expect(Buffer.from(bytes ?? []).toString()).to.match(/^https:\/\/example\.com\/f-00\.bin\n/)
      expect(headers['ais-custom-md']).to.contain('orig_url=https://example.com/f-00.bin')
    })

    it('should put no file into the bucket after an abort, and no file of a target that restarted', () => {
      const world = new World()
      const id = startDownload(world, PUBLIC)
      world.now = 500
      restartTarget(world.cluster, world.targetIds[0] ?? '', world.now)
      world.now = 1_000
      const before = namesIn(world, 'd')
      expect(before).to.have.length.within(3, 15)
      world.send('DELETE', '/v1/download/abort', { id })
      world.now = 10_000
      expect(namesIn(world, 'd')).to.deep.equal(before)
    })

    it('should skip the files that the bucket has, and fetch them again from another link', () => {
      const world = new World()
      startDownload(world, PUBLIC)
      world.now = 10_000
      const again = startDownload(world, PUBLIC)
      world.now = 12_000
      expect(statusOf(world, { id: again })).to.include({ finished_cnt: 20, skipped_cnt: 20, error_cnt: 0 })
      expect(statusOf(world, { id: again })).to.not.have.property('finished_tasks')
      const other = startDownload(world, { ...PUBLIC, template: 'https://example.org/f-{00..19}.bin' })
      world.now = 20_000
      expect(statusOf(world, { id: other })).to.include({ finished_cnt: 20, skipped_cnt: 0 })
    })

    it('should count the files in the job that all downloads share', () => {
      const world = new World()
      startDownload(world, PUBLIC)
      world.now = 10_000
      const snaps = world.snaps({ kind: 'download' })
      const bytes = objectsIn(world, 'd').reduce((sum, { size }) => sum + Number(size), 0)
      expect(total(snaps, 'loc-objs')).to.equal(20)
      expect(Math.abs(total(snaps, 'loc-bytes') - bytes)).to.be.below(10)
    })

    it('should abort a download when its bucket is destroyed', () => {
      const world = new World()
      const id = startDownload(world, PUBLIC)
      world.now = 500
      world.send('DELETE', '/v1/buckets/d?provider=ais', { action: 'destroy-bck' })
      world.now = 10_000
      expect(statusOf(world, { id }).aborted).to.equal(true)
      expect(world.cluster.buckets.has('ais://d')).to.equal(false)
    })

    it('should bring the objects of a cloud bucket into the cluster, and skip those that it holds', () => {
      const world = new World()
      const bucket = { name: 'r', provider: 'gcp' }
      const remote = seedBucket(world.cluster, 'r', { objects: 30, provider: 'gcp' }, 0)
      const present = (): number =>
        objectsOf(remote)
          .all()
          .filter((object) => object.present).length
      const id = startDownload(world, { type: 'backend', bucket, prefix: 'obj-0000' })
      expect(statusOf(world, { id })).to.include({ scheduled_cnt: 10, total: -3 })
      world.now = 10_000
      expect(statusOf(world, { id })).to.include({ finished_cnt: 10, skipped_cnt: 0 })
      expect(present()).to.equal(10)
      const all = startDownload(world, { type: 'backend', bucket, suffix: '5' })
      world.now = 20_000
      expect(statusOf(world, { id: all })).to.include({ finished_cnt: 3, skipped_cnt: 1 })
      expect(present()).to.equal(12)
    })
  })

  for (const [what, method, path, body, status] of [
    ['an unknown id', 'GET', '/v1/download', { id: 'dnl-nosuch12' }, 404],
    ['an abort without an id', 'DELETE', '/v1/download/abort', {}, 400],
    ['an abort of an unknown id', 'DELETE', '/v1/download/abort', { id: 'dnl-nosuch12' }, 404],
    ['an unknown type', 'POST', '/v1/download', { type: 'x', bucket: { name: 'b' } }, 400],
    ['a request without a bucket', 'POST', '/v1/download', { type: 'single', link: 'http://a/b' }, 400],
    ['a request without a body', 'POST', '/v1/download', '', 400],
  ] as const) {
    it(`should refuse ${what}`, () => expect(new World().send(method, path, body).status).to.equal(status))
  }
})
