import { expect } from 'chai'
import { admit, isOurs, type Admission } from '../../../lib/relay/admit.ts'
import { forwardedClient, headersOf, type Incoming } from '../../../lib/relay/incoming.ts'

// The relay stands between web pages and a cluster. `admit` decides, by the head of a request alone, whether it is
// accepted; otherwise it returns an HTTP status.

const ADMISSION: Admission = {
  prefix: '/ais',
  hosts: undefined,
  origins: undefined,
  trustProxy: false,
  takesCommands: false,
}
const HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['Host', 'localhost:3000'],
  ['X-HTTP-Method-Override', 'GET'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Origin', 'http://localhost:3000'],
  ['Content-Type', 'application/json'],
]

interface Change extends Partial<Omit<Incoming, 'headers'>> {
  /** Headers in place of those of the same name; an empty list drops the header. */
  readonly set?: Readonly<Record<string, readonly string[]>>
}

/** A request of the relay's own page, with some changes. */
function incoming({ set = {}, ...more }: Change = {}): Incoming {
  const kept = HEADERS.filter(([name]) => !Object.keys(set).some((one) => one.toLowerCase() === name.toLowerCase()))
  const added = Object.entries(set).flatMap(([name, values]) => values.map((value) => [name, value] as const))
  return {
    method: 'POST',
    target: '/ais/v1/cluster?what=status',
    secure: false,
    port: 3000,
    client: '127.0.0.1',
    headers: headersOf([...kept, ...added]),
    ...more,
  }
}

/** The status with which the request is refused, or what it is accepted as. */
const statusOf = (change: Change, admission: Partial<Admission> = {}): number | string => {
  const result = admit({ ...ADMISSION, ...admission }, incoming(change))
  return typeof result === 'string' ? result : result.status
}

describe('the admission of the relay', () => {
  it('accepts a query of its own page', () => {
    expect(statusOf({})).to.equal('query')
  })

  it('accepts a query of a program, which sends neither Origin nor Sec-Fetch-Site', () => {
    expect(statusOf({ set: { Origin: [], 'Sec-Fetch-Site': [] } })).to.equal('query')
  })

  it('accepts a page on plain http under an IP address, where browsers leave Sec-Fetch-Site out', () => {
    const set = { Host: ['10.1.2.3:3000'], Origin: ['http://10.1.2.3:3000'], 'Sec-Fetch-Site': [] }
    expect(statusOf({ set })).to.equal('query')
  })

  describe('of the download API', () => {
    const target = '/ais/v1/download'
    const abort = `${target}/abort`
    const set = { 'X-HTTP-Method-Override': [] }
    const takesCommands = true

    it('accepts queries on their path, and refuses every other method', () => {
      expect(statusOf({ target })).to.equal('query')
      for (const method of ['POST', 'PUT', 'DELETE', 'GET'])
        expect(statusOf({ target, method, set }, { takesCommands })).to.equal(405)
      expect(statusOf({ target: `${target}?what=smap`, method: 'GET', set })).to.equal(405)
    })

    it('accepts an abort on its path if the relay accepts commands, and refuses every other request', () => {
      expect(statusOf({ target: abort, method: 'DELETE', set }, { takesCommands })).to.equal('command')
      expect(statusOf({ target: abort, method: 'DELETE', set })).to.equal(405)
      expect(statusOf({ target: abort }, { takesCommands })).to.equal(405)
      for (const method of ['POST', 'PUT', 'GET'])
        expect(statusOf({ target: abort, method, set }, { takesCommands })).to.equal(405)
      expect(statusOf({ target: abort, method: 'DELETE' }, { takesCommands })).to.equal(405)
      expect(statusOf({ target: `${abort}?what=smap`, method: 'GET', set }, { takesCommands })).to.equal(405)
    })

    it('refuses an abort of another origin, or in another content type', () => {
      const sent = (headers: Change['set']) =>
        statusOf({ target: abort, method: 'DELETE', set: { ...set, ...headers } }, { takesCommands })
      expect(sent({ Origin: ['http://evil.example'] })).to.equal(403)
      expect(sent({ 'Sec-Fetch-Site': ['cross-site'] })).to.equal(403)
      expect(sent({ Host: ['evil.example:3000'] })).to.equal(403)
      expect(sent({ 'Content-Type': ['text/plain'] })).to.equal(415)
    })

    it('does not handle any other path', () => {
      for (const other of [`${target}/remove`, `${abort}/`, `${target}/`, '/ais/__proto__', '/ais/constructor'])
        expect(statusOf({ target: other, method: 'DELETE', set }, { takesCommands }), other).to.equal(404)
    })
  })

  describe('refuses with 404 the target', () => {
    for (const target of [
      'http://169.254.169.254/ais/v1/cluster',
      '//169.254.169.254/v1/cluster',
      '/\\169.254.169.254/v1/cluster',
      '/ais/v1/cluster/',
      '/ais/v1/cluster#x',
      '/ais/v1/cluster;x',
      '/ais/v1/daemon',
      '/ais/v1/../v1/cluster',
      '/ais/%2e%2e/v1/cluster',
      '/ais/%252e/v1/cluster',
      '/ais%2fv1/cluster',
      '/ais/v1%5ccluster',
      '/ais/v1/cluster%00',
      '/AIS/v1/cluster',
      `/ais/${'x'.repeat(8192)}`,
      '',
    ])
      it(target.slice(0, 60) || '(empty)', () => {
        expect(statusOf({ target })).to.equal(404)
      })
  })

  describe('refuses with 403 the host', () => {
    for (const host of [
      'evillocalhost:3000',
      'localhost.evil:3000',
      '127.0.0.1.nip.io:3000',
      'localhost.:3000',
      'LOCALHOST:3000',
      'user:pass@localhost:3000',
      'localhost:3001',
      'evil.example:3000',
      'localhost:3000, evil.example',
      '',
    ])
      it(host || '(empty)', () => {
        expect(statusOf({ set: { Host: [host], Origin: [`http://${host}`] } })).to.equal(403)
      })

    it('that HTTP/1.0 leaves out', () => {
      expect(statusOf({ set: { Host: [] } })).to.equal(403)
    })
  })

  it('names the option that allows a host', () => {
    const result = admit(ADMISSION, incoming({ set: { Host: ['evil.example:3000'] } }))
    expect(result).to.have.property('body').that.includes('hosts')
  })

  for (const host of ['a.localhost:3000', '127.0.0.1:3000', '[::1]:3000', '[2001:db8::1]:3000', 'localhost'])
    it(`accepts by default the host ${host}`, () => {
      expect(statusOf({ set: { Host: [host], Origin: [`http://${host}`] } })).to.equal('query')
    })

  it('accepts only listed hosts if there is a list, each with any port or with its own', () => {
    const hosts = ['app.example.com', 'other.example.com:8443']
    const status = (host: string) => statusOf({ set: { Host: [host], Origin: [`http://${host}`] } }, { hosts })
    expect(status('app.example.com')).to.equal('query')
    expect(status('app.example.com:1')).to.equal('query')
    expect(status('other.example.com:8443')).to.equal('query')
    expect(status('other.example.com')).to.equal(403)
    expect(status('localhost:3000')).to.equal(403)
  })

  describe('refuses with 405', () => {
    for (const [method, override] of [
      ['GET', []],
      ['GET', ['GET']],
      ['OPTIONS', ['GET']],
      ['HEAD', []],
      ['POST', []],
      ['POST', ['get']],
      ['POST', ['GET, PUT']],
      ['POST', ['PUT']],
      ['POST', ['DELETE']],
      ['POST', ['GET', 'PUT']],
      ['PUT', []],
      ['PUT', ['GET']],
      ['DELETE', []],
      ['PATCH', []],
      ['CONNECT', []],
    ] as const)
      it(`${method} with the override ${JSON.stringify(override)}`, () => {
        expect(statusOf({ method, set: { 'X-HTTP-Method-Override': override } })).to.equal(405)
      })
  })

  it('accepts a plain GET for the cluster map only', () => {
    const set = { 'X-HTTP-Method-Override': [], 'Content-Type': [] }
    const status = (query: string, more: Change = {}) =>
      statusOf({ method: 'GET', target: `/ais/v1/cluster${query}`, set, ...more })
    expect(status('?what=smap')).to.equal('map')
    expect(status('?what=smap&what=smap')).to.equal(405)
    expect(status('?what=config?what=smap')).to.equal(405)
    expect(status('')).to.equal(405)
    expect(status('?what=status')).to.equal(405)
    expect(status('?what=smap', { set: { ...set, 'Sec-Fetch-Site': ['cross-site'] } })).to.equal(403)
    expect(status('?what=smap', { set: { ...set, Host: ['evil.example:3000'] } })).to.equal(403)
  })

  it('ignores other override headers', () => {
    const set = { 'X-HTTP-Method-Override': [], 'X-HTTP-Method': ['GET'], 'X-Method-Override': ['GET'] }
    expect(statusOf({ set })).to.equal(405)
  })

  it('treats a PUT without an override as a command if the operator allows commands', () => {
    const change = { method: 'PUT', set: { 'X-HTTP-Method-Override': [] } }
    expect(statusOf(change, { takesCommands: true })).to.equal('command')
    expect(statusOf({ method: 'PUT' }, { takesCommands: true })).to.equal(405)
  })

  for (const [name, values] of [
    ['Host', ['localhost:3000', 'evil.example']],
    ['Origin', ['http://localhost:3000', 'http://localhost:3000']],
    ['X-HTTP-Method-Override', ['GET', 'GET']],
    ['Sec-Fetch-Site', ['same-origin', 'same-origin']],
    ['Content-Type', ['application/json', 'text/plain']],
    ['Content-Length', ['2', '3']],
  ] as const)
    it(`refuses with 400 two headers ${name}`, () => {
      expect(statusOf({ set: { [name]: values } })).to.equal(400)
    })

  for (const site of ['cross-site', 'same-site', 'none', '', 'same-origin, same-origin'])
    it(`refuses with 403 Sec-Fetch-Site: ${site || '(empty)'}`, () => {
      expect(statusOf({ set: { 'Sec-Fetch-Site': [site] } })).to.equal(403)
    })

  for (const origin of [
    'null',
    'http://evil.example',
    'https://localhost:3000',
    'http://localhost:3001',
    'http://a.localhost:3000',
    'http://localhost:3000/',
    '',
  ])
    it(`refuses with 403 Origin: ${origin || '(empty)'}`, () => {
      expect(statusOf({ set: { Origin: [origin] } })).to.equal(403)
    })

  it('accepts exactly the listed origins if there is a list', () => {
    const origins = ['https://app.example.com']
    expect(statusOf({ set: { Origin: origins } }, { origins })).to.equal('query')
    expect(statusOf({}, { origins })).to.equal(403)
  })

  it('believes forwarded headers only behind a trusted proxy', () => {
    const set = {
      Host: ['10.0.0.1:3000'],
      'X-Forwarded-Host': ['app.example.com'],
      'X-Forwarded-Proto': ['https'],
      Origin: ['https://app.example.com'],
    }
    expect(statusOf({ set })).to.equal(403)
    expect(statusOf({ set }, { trustProxy: true, hosts: ['app.example.com'] })).to.equal('query')
  })

  it('takes the last address that was forwarded for the client, since the client can send others', () => {
    const clientOf = (...values: readonly string[]): string | undefined =>
      forwardedClient(incoming({ set: { 'X-Forwarded-For': values } }))
    expect(clientOf('10.1.1.1')).to.equal('10.1.1.1')
    expect(clientOf('1.2.3.4, 10.1.1.1')).to.equal('10.1.1.1')
    expect(clientOf('1.2.3.4', '10.1.1.1')).to.equal('10.1.1.1')
    expect(clientOf()).to.equal(undefined)
    expect(clientOf('1.2.3.4, ')).to.equal(undefined)
  })

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', ''])
    it(`refuses with 415 Content-Type: ${type || '(empty)'}`, () => {
      expect(statusOf({ set: { 'Content-Type': [type] } })).to.equal(415)
    })

  it('takes a hundred headers, and refuses more with 431', () => {
    const filled = (count: number): Change => ({ set: { 'X-A': Array.from({ length: count }, () => 'b') } })
    expect(statusOf(filled(95))).to.equal('query')
    expect(statusOf(filled(96))).to.equal(431)
  })

  it('refuses with 501 a transfer encoding other than chunked', () => {
    expect(statusOf({ set: { 'Transfer-Encoding': ['Chunked'] } })).to.equal('query')
    expect(statusOf({ set: { 'Transfer-Encoding': ['gzip, chunked'] } })).to.equal(501)
  })

  it('refuses with 415 a body with a content encoding', () => {
    expect(statusOf({ set: { 'Content-Encoding': ['gzip'] } })).to.equal(415)
  })

  it('leaves paths outside of its prefix to other handlers', () => {
    const ours = (target: string): boolean => isOurs('/ais', incoming({ target }))
    expect(['/ais', '/ais/x', '/ais/v1/cluster?what=status', '/aisle', '/', '/x/ais'].map(ours)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
