import { expect } from 'chai'
import { World } from '../world.ts'

const RANGE = { type: 'range', bucket: { name: 'b' }, template: 'http://127.0.0.1:9/f-{08..11}.bin' }

const begin = (w: World, body: object = RANGE): string =>
  (JSON.parse(w.send('POST', '/v1/download', body).body) as { id: string }).id

interface Shown {
  readonly id: string
  readonly xaction_id: string
  readonly finished_time: string
  readonly error_cnt: number
  readonly total: number
  readonly aborted: boolean
  readonly finished_tasks?: readonly { readonly name: string }[]
  readonly download_errors?: readonly { readonly name: string; readonly error: string }[]
}

const show = (w: World, body: object): Shown => JSON.parse(w.send('GET', '/v1/download', body).body) as Shown

describe('emulator, the download API', () => {
  it('should have its own ids, which are unknown to snapshots, and its own kinds in statuses', () => {
    const w = new World()
    const id = begin(w)
    expect(id).to.match(/^dnl-/)
    expect(w.status({ id })).to.include({ kind: 'range', end_time: 0 })
    expect(w.statusReply({ id, kind: 'download' }).status).to.equal(400)
    expect(w.snapshotsReply({ id }).status).to.equal(404)
    expect(w.snaps({ kind: 'download' })).to.have.length(3)
  })

  it('should share one job on the targets', () => {
    const w = new World()
    const jobs = [begin(w), begin(w)].map((id) => show(w, { id }).xaction_id)
    expect(jobs[0]).to.equal(jobs[1])
    expect(w.running()).to.deep.equal([`download[${jobs[0] ?? ''}]`])
  })

  it('should fail each file, and report this only in its own replies', () => {
    const w = new World()
    const id = begin(w)
    w.now = 2_000
    const shown = show(w, { id })
    expect(shown).to.include({ error_cnt: 4, total: 4 })
    expect(shown.finished_tasks?.map(({ name }) => name)).to.deep.equal([
      'f-08.bin',
      'f-09.bin',
      'f-10.bin',
      'f-11.bin',
    ])
    expect(shown.download_errors?.[0]?.error).to.contain('dload: egress blocked: 127.0.0.1 (tcp4)')
    expect(w.status({ id })).to.include({ err: '', aborted: false })
  })

  it('should end a second after its last file', () => {
    const w = new World()
    const id = begin(w)
    w.now = 700
    expect(show(w, { id }).finished_time).to.equal('1970-01-01T00:00:00Z')
    w.now = 1_300
    expect(show(w, { id }).finished_time).to.match(/^2026-/)
  })

  it('should omit ended tasks and downloads from queries for active ones', () => {
    const w = new World()
    const id = begin(w)
    const list = () => JSON.parse(w.send('GET', '/v1/download', { only_active_tasks: true }).body) as readonly Shown[]
    expect(list().map((one) => one.id)).to.deep.equal([id])
    expect(show(w, { id, only_active_tasks: true })).to.not.have.property('finished_tasks')
    w.now = 2_000
    expect(list()).to.deep.equal([])
    expect(JSON.parse(w.send('GET', '/v1/download', {}).body)).to.have.length(1)
  })

  it('should abort a download by its own request, but not by a stop', () => {
    const w = new World()
    const id = begin(w)
    w.stop({ ID: id })
    w.now = 10
    expect(show(w, { id }).aborted).to.equal(false)
    expect(w.status({ id }).end_time).to.equal(0)
    w.now = 3_000
    expect(w.status({ id }).aborted).to.equal(false)
    w.now = 10
    expect(w.send('DELETE', '/v1/download/abort', { id })).to.include({ status: 200, body: '' })
    expect(show(w, { id }).aborted).to.equal(true)
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
