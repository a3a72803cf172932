import { expect } from 'chai'
import { timeText } from '../../../lib/emulator/cluster/time-text.ts'
import { isValidId } from '../../../lib/emulator/cluster/job-id.ts'
import { share } from '../../../lib/emulator/cluster/share.ts'
import { selectionOf, templateSize } from '../../../lib/emulator/http/selection.ts'
import { World } from '../world.ts'

describe('emulator, the form of its replies', () => {
  it('should write an end time as a number of nanoseconds that no double can represent', () => {
    const world = new World()
    const id = world.start('lru')
    world.now = 60_000
    const [, digits = ''] = /"end_time":(\d+),/.exec(world.statusReply({ id }).body) ?? []
    expect(digits).to.have.length(19)
    expect(BigInt(Number(digits)).toString()).to.not.equal(digits)
  })

  it('should write counters as strings', () => {
    const world = new World()
    const id = world.copy()
    world.now = 1_000
    for (const counter of Object.values(world.snaps({ id })[0]?.stats ?? {})) expect(counter).to.match(/^\d+$/)
  })

  it('should end an error body with a newline and send `nosniff`', () => {
    const reply = new World().send('GET', '/v1/cluster?what=nosuch', {})
    expect(reply.body.endsWith('}\n')).to.equal(true)
    expect(reply.headers).to.deep.equal({ 'content-type': 'application/json', 'x-content-type-options': 'nosniff' })
  })

  it('should include the request, its client and the node in an error', () => {
    const world = new World()
    const body = JSON.parse(world.send('GET', '/v1/cluster?what=nosuch', {}).body) as Record<string, unknown>
    expect(body).to.deep.equal({
      message: 'unexpected query [what=nosuch]',
      method: 'GET',
      url_path: '/v1/cluster',
      remote_addr: '127.0.0.1:5',
      caller: '',
      node: `p[${world.cluster.primary}]`,
      status: 400,
    })
  })

  it('should put the error of a HEAD into a header', () => {
    const reply = new World().send('HEAD', '/v1/buckets/nosuch?provider=ais')
    expect(reply).to.include({ status: 404, body: '' })
    expect(JSON.parse(reply.headers['hdr-error'] ?? '')).to.include({ tcode: 'ErrBckNotFound', status: 404 })
  })

  it('should require a token for everything but health', () => {
    const world = new World()
    expect(world.send('GET', '/v1/health', '', 0, 'a.b.c').status).to.equal(200)
    for (const path of ['/v1/cluster?what=smap', '/v1/daemon?what=smap', '/v1/cluster?what=status_all']) {
      expect(world.send('GET', path, {}, 0, 'a.b.c').status).to.equal(401)
    }
  })

  it('should mark at most three IC members with flag 2 in the map', () => {
    const world = new World({ proxies: 5 })
    const map = JSON.parse(world.send('GET', '/v1/daemon?what=smap').body) as {
      pmap: Record<string, { flags: number }>
      proxy_si: { daemon_id: string }
      version: unknown
    }
    const members = Object.entries(map.pmap).filter(([, { flags }]) => flags === 2)
    expect(members).to.have.length(3)
    expect(members.map(([id]) => id)).to.include(map.proxy_si.daemon_id)
    expect(map.version).to.be.a('string')
  })

  const times = [
    [0n, '1970-01-01T00:00:00Z'],
    [1_795_427_154_572_988_356n, '2026-11-23T09:45:54.572988356Z'],
    [1_795_427_154_500_000_000n, '2026-11-23T09:45:54.5Z'],
    [1_795_427_154_000_000_001n, '2026-11-23T09:45:54.000000001Z'],
  ] as const
  for (const [ns, text] of times) it(`should write ${ns} ns as ${text}`, () => expect(timeText(ns)).to.equal(text))

  const ids = {
    V7Bc1dasbT: true,
    g3: true,
    'g-1': true,
    x5: true,
    '12': true,
    'tco-IYDYicXwmc': true,
    'S_McXl4iR-t': true,
  }
  const noIds = { bad: false, '': false, 'a/b c de fg': false, 'endsWith-_': false }
  for (const [id, valid] of Object.entries({ ...ids, ...noIds, 'V7Bc1dasbT,bad': false })) {
    it(`should ${valid ? 'accept' : 'refuse'} ${JSON.stringify(id)} as an id`, () =>
      expect(isValidId(id)).to.equal(valid))
  }

  it('should distribute all objects nearly evenly, and equally each time', () => {
    const parts = share(1_000, ['a', 'b', 'c'], 'bucket')
    expect(parts.reduce((sum, part) => sum + part, 0)).to.equal(1_000)
    for (const part of parts) expect(part).to.be.closeTo(333, 20)
    expect(share(1_000, ['a', 'b', 'c'], 'bucket')).to.deep.equal(parts)
  })

  const templates = { 'o-{000..299}': 300, 'o-{0..9..3}': 4, 'a{1..3}b{1..4}': 12, plain: 1 }
  for (const [template, size] of Object.entries(templates)) {
    it(`should count ${size} names in ${template}`, () => expect(templateSize(template)).to.equal(size))
  }

  it('should treat an empty selection as all objects', () => {
    expect(selectionOf({})).to.deep.equal({ text: '' })
    expect(selectionOf({ ObjNames: ['a', 'b'] })).to.include({ objects: 2 })
  })
})
