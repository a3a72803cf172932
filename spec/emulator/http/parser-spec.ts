import { expect } from 'chai'
import { World } from '../world.ts'

// Which requests the emulator accepts, and with which message it refuses the others, as AIStore does.

const messageOf = (body: string): string => (JSON.parse(body) as { message: string }).message

describe('emulator parser, queries', () => {
  const worldWithLru = (): { world: World; id: string } => {
    const world = new World({ objectsPerSecond: 1e9 })
    const id = world.start('lru')
    world.now = 1_000
    return { world, id }
  }

  const accepted: readonly (readonly [name: string, body: (id: string) => string])[] = [
    ['keys in any case', (id) => `{"ID":"${id}","KIND":"lru"}`],
    ['unknown keys', (id) => `{"id":"${id}","nosuch":{"deep":[1,2]},"OnlyRunning":true,"DaemonID":"t"}`],
    ['null for absent members', (id) => `{"id":"${id}","kind":null,"bck":null,"show_active":null,"buckets":null}`],
    [
      'a bucket without a name',
      (id) => `{"id":"${id}","bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}}}`,
    ],
    ['a display name', (id) => `{"id":"${id}","kind":"lru-eviction"}`],
    ['an unknown kind beside an id', (id) => `{"id":"${id}","kind":"nosuch"}`],
    ['text after the first value', (id) => `{"id":"${id}"} and more`],
    ['spaces and escapes', (id) => ` { "id" :\n"${id}" , "node":"\\"\\u0041" } `],
  ]
  for (const [name, body] of accepted) {
    it(`should accept ${name}`, () => {
      const { world, id } = worldWithLru()
      const reply = world.send('GET', '/v1/cluster?what=status', body(id))
      expect(reply.status).to.equal(200)
      expect(JSON.parse(reply.body)).to.include({ uuid: id, kind: 'lru' })
    })
  }

  const refused = [
    ['', 'EOF'],
    ['   ', 'EOF'],
    ['[]', 'readObjectStart: expect { or n, but found ['],
    ['"lru"', 'readObjectStart: expect { or n, but found "'],
    ['7', 'readObjectStart: expect { or n, but found 7'],
    ['{', 'xact.QueryMsg.readFieldHash: expect ", but found \0'],
    ['{"id":7}', 'xact.QueryMsg.ID: ReadString: expects " or n, but found 7'],
    ['{"kind":{}}', 'xact.QueryMsg.Kind: ReadString: expects " or n, but found {'],
    ['{"bck":"b"}', 'xact.QueryMsg.Bck: readObjectStart: expect { or n, but found "'],
    ['{"bck":{"name":1}}', 'xact.QueryMsg.Bck: cmn.Bck.Name: ReadString: expects " or n, but found 1'],
  ] as const
  for (const [body, words] of refused) {
    it(`should refuse ${JSON.stringify(body)} with the server's message`, () => {
      const reply = worldWithLru().world.send('GET', '/v1/cluster?what=status_all', body)
      expect(reply.status).to.equal(400)
      expect(messageOf(reply.body)).to.contain(`failed to unmarshal [*xact.QueryMsg] (GET), err: ${words}`)
    })
  }

  it('should treat an unknown kind as all kinds in a snapshot query', () => {
    const { world, id } = worldWithLru()
    expect(world.snaps({ kind: 'nosuch' }).map((snap) => snap.id)).to.include(id)
  })

  it('should reply with the first known id of a list', () => {
    const { world, id } = worldWithLru()
    expect(new Set(world.snaps({ id: `Abcdefghi,${id}` }).map((snap) => snap.id))).to.deep.equal(new Set([id]))
  })

  it('should distinguish three values of show_active in a query by kind', () => {
    const world = new World()
    world.start('cleanup-store')
    world.now = 60_000
    world.start('cleanup-store')
    world.now = 60_010
    const count = (showActive: boolean | null): number =>
      world.snaps({ kind: 'cleanup-store', show_active: showActive }).length
    expect([count(true), count(false), count(null)]).to.deep.equal([3, 3, 6])
  })
})

describe('emulator parser, actions', () => {
  const sendAction = (body: string): { status: number; message: string } => {
    const reply = new World().send('PUT', '/v1/cluster', body)
    return { status: reply.status, message: reply.body.startsWith('{') ? messageOf(reply.body) : reply.body }
  }

  for (const value of ['{"Kind":"lru","nosuch":1}', '{"kind":"lru","Bck":{"name":"b"},"x":null}']) {
    it(`should refuse an unknown key in the value ${value}`, () => {
      const { status, message } = sendAction(`{"action":"start","value":${value}}`)
      expect(status).to.equal(400)
      expect(message).to.contain('failed to unmarshal start (map[string]interface {}), err: xact.ArgsMsg.')
      expect(message).to.match(/found unknown field: (nosuch|x), error found in #\d+ byte of/)
    })
  }

  it('should ignore an unknown key beside the value', () => {
    expect(sendAction('{"action":"start","value":{"Kind":"lru"},"nosuch":1}').status).to.equal(200)
  })

  it('should read every known key of a value, in any case', () => {
    const value = {
      id: 'x',
      KIND: 'lru',
      daemonid: '',
      bck: null,
      buckets: [],
      timeout: 5,
      FLAGS: 3,
      force: true,
      onlyrunning: false,
    }
    expect(sendAction(JSON.stringify({ action: 'start', value })).status).to.equal(200)
  })

  it('should assign its own id and ignore that of the request', () => {
    expect(sendAction('{"action":"start","value":{"Kind":"lru","ID":"MyOwnId12"}}').message).to.not.equal('MyOwnId12')
  })

  it('should reply with the id as bare text', () => {
    const reply = new World().send('PUT', '/v1/cluster', '{"action":"start","value":{"Kind":"lru"}}')
    expect(reply.headers).to.deep.equal({ 'content-type': 'text/plain; charset=utf-8' })
    expect(reply.body).to.match(/^[A-Za-z][A-Za-z0-9]{8,9}$/)
  })

  it('should refuse a query that is sent as POST', () => {
    const world = new World()
    expect(world.send('POST', '/v1/cluster?what=status', { kind: 'lru' }).status).to.equal(400)
  })
})
