import { startEmulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { firstValueFrom } from 'rxjs'
import { isLeft, isPermanent, type Cluster, type ClusterOptions, type InvalidArgument } from '../../../lib/index.ts'
import { right } from '../../../lib/common/either.ts'
import { running } from '../../../lib/listings.ts'
import { clusterFromEnv, type Variables } from '../../../lib/node/index.ts'
import { scriptedTransport } from '../../../lib/testing/index.ts'
import { only } from '../../helpers/scripted.ts'
import { closeServers, startServer } from '../../live/transport/helpers/recording-server.ts'

// `clusterFromEnv` reads the variables that the `ais` command line uses.

const pathOfPem = (name: string): string => fileURLToPath(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url))
const CERT = pathOfPem('self-signed')
const KEY = pathOfPem('key')
const SECRET = 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0LXBheWxvYWQ.sig-nature'
const AIS_ENDPOINT = 'http://proxy:51080'

describe('clusterFromEnv', () => {
  let home = ''
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'from-env-'))))
  afterEach(async () => {
    rmSync(home, { recursive: true, force: true })
    await closeServers()
  })

  /** Writes a file in the home directory; returns its path. */
  const writtenFile = (name: string, text: string): string => {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  const DEFAULT = join('.config', 'ais', 'cli', 'auth.token')

  /** The cluster that the environment describes, in which no text holds the secret. */
  function clusterFrom(env: Variables, options?: ClusterOptions): Cluster {
    const cluster = clusterFromEnv(env, options)
    if (isLeft(cluster)) throw new Error(inspect(cluster.left))
    expect(inspect(cluster, { depth: 9, showHidden: true })).not.to.contain(SECRET)
    return cluster.right
  }
  /** Why the environment is refused; the text holds no secret. */
  function refusalOf(env: Variables, options?: ClusterOptions): InvalidArgument {
    const cluster = clusterFromEnv(env, options)
    if (!isLeft(cluster) || cluster.left._tag !== 'InvalidArgument') throw new Error('not refused')
    expect(JSON.stringify(cluster.left)).not.to.contain('secret').and.not.to.contain('BEGIN')
    return cluster.left
  }
  /** The token that a cluster of this environment sends. */
  function tokenBy(env: Variables, options: ClusterOptions = {}): string | undefined {
    const transport = scriptedTransport([{ body: '[]' }])
    only(running(clusterFrom({ AIS_ENDPOINT, HOME: home, ...env }, { ...options, transport })))
    return transport.asked[0]?.request.headers['authorization']?.replace(/^Bearer /, '')
  }

  it('reads the address, and sends no request', () => {
    const transport = scriptedTransport([])
    expect(clusterFrom({ AIS_ENDPOINT, HOME: home }, { transport }).endpoints).to.deep.equal([AIS_ENDPOINT])
    const two = clusterFrom({ AIS_ENDPOINT: `${AIS_ENDPOINT}, http://other:8080`, HOME: home })
    expect(two.endpoints).to.deep.equal([AIS_ENDPOINT, 'http://other:8080'])
    expect(clusterFrom({ AIS_ENDPOINT: ` ${AIS_ENDPOINT}/ais/\n`, HOME: home }).endpoints).to.deep.equal([
      `${AIS_ENDPOINT}/ais`,
    ])
    transport.verify()
  })

  for (const [what, env] of [
    ['not set', {}],
    ['empty', { AIS_ENDPOINT: '' }],
    ['white space', { AIS_ENDPOINT: ' \t' }],
    ['undefined', { AIS_ENDPOINT: undefined }],
  ] as const)
    it(`refuses an environment whose AIS_ENDPOINT is ${what}`, () => {
      expect(refusalOf(env)).to.deep.equal({
        _tag: 'InvalidArgument',
        argument: 'AIS_ENDPOINT',
        message: 'is not set; takes the address of a proxy',
      })
    })

  it('names the variable or the option that is invalid', () => {
    expect(refusalOf({ AIS_ENDPOINT: 'proxy:51080', HOME: home })).to.include({ argument: 'AIS_ENDPOINT' })
    expect(refusalOf({ AIS_ENDPOINT: 'http://u:secret@proxy', HOME: home })).to.include({ argument: 'AIS_ENDPOINT' })
    const token = 'secret token'
    expect(refusalOf({ AIS_ENDPOINT, AIS_AUTHN_TOKEN: token })).to.include({ argument: 'AIS_AUTHN_TOKEN' })
    const AIS_AUTHN_TOKEN_FILE = writtenFile('t.json', JSON.stringify({ token }))
    expect(refusalOf({ AIS_ENDPOINT, AIS_AUTHN_TOKEN_FILE })).to.include({ argument: 'AIS_AUTHN_TOKEN_FILE' })
    expect(refusalOf({ AIS_ENDPOINT, HOME: home }, { token })).to.include({ argument: 'token' })
    expect(refusalOf({ AIS_ENDPOINT, HOME: home }, { requestTimeoutMs: -1 })).to.include({
      argument: 'requestTimeoutMs',
    })
  })

  it('refuses an environment or options that are not objects', () => {
    for (const [env, options, argument] of [
      [null, {}, 'env'],
      [5, {}, 'env'],
      [{ AIS_ENDPOINT }, null, 'options'],
      [{ AIS_ENDPOINT }, 'x', 'options'],
    ] as const)
      expect(refusalOf(env as unknown as Variables, options as ClusterOptions)).to.include({ argument })
  })

  it('reads the environment of the process by default', () => {
    const before = process.env['AIS_ENDPOINT']
    try {
      process.env['AIS_ENDPOINT'] = AIS_ENDPOINT
      const cluster = clusterFromEnv(undefined, { token: 'other' })
      expect(!isLeft(cluster) && cluster.right.endpoints).to.deep.equal([AIS_ENDPOINT])
    } finally {
      if (before === undefined) delete process.env['AIS_ENDPOINT']
      else process.env['AIS_ENDPOINT'] = before
    }
  })

  describe('with a token', () => {
    it('prefers an option to AIS_AUTHN_TOKEN, that to AIS_AUTHN_TOKEN_FILE, and that to the default file', () => {
      const named = writtenFile('named.json', '{"token":"from-named"}')
      writtenFile(DEFAULT, '{"token":"from-default","other":1}')
      const all = { AIS_AUTHN_TOKEN: ' from-variable ', AIS_AUTHN_TOKEN_FILE: named }
      expect(tokenBy({})).to.equal('from-default')
      expect(tokenBy({ AIS_AUTHN_TOKEN_FILE: named })).to.equal('from-named')
      expect(tokenBy(all)).to.equal('from-variable')
      expect(tokenBy({ ...all, AIS_AUTHN_TOKEN: '' })).to.equal('from-named')
      expect(tokenBy({ ...all, AIS_AUTHN_TOKEN: ' ', AIS_AUTHN_TOKEN_FILE: '' })).to.equal('from-default')
      expect(tokenBy(all, { token: 'from-option' })).to.equal('from-option')
      expect(tokenBy(all, { token: () => 'from-function' })).to.equal('from-function')
    })

    it('treats an option that is undefined like an absent one', () => {
      const options = { token: undefined, tls: undefined } as unknown as ClusterOptions
      expect(tokenBy({ AIS_AUTHN_TOKEN: 'from-variable' }, options)).to.equal('from-variable')
    })

    it('reads no file if an option gives the token', () => {
      expect(tokenBy({ AIS_AUTHN_TOKEN_FILE: join(home, 'none') }, { token: 'from-option' })).to.equal('from-option')
    })

    it('sends no token if there is no default file, and looks for that file in the home of the given environment only', () => {
      expect(tokenBy({})).to.equal(undefined)
      expect(tokenBy({ HOME: undefined })).to.equal(undefined)
      writtenFile(DEFAULT, '{"token":"from-default"}')
      expect(tokenBy({ HOME: '', USERPROFILE: home })).to.equal('from-default')
    })

    it('names the variable and the path of a file that cannot be read', () => {
      const path = join(home, 'a-long-name-'.repeat(8), 'none.json')
      expect(refusalOf({ AIS_ENDPOINT, AIS_AUTHN_TOKEN_FILE: path })).to.deep.equal({
        _tag: 'InvalidArgument',
        argument: 'AIS_AUTHN_TOKEN_FILE',
        message: `the file ${JSON.stringify(path)} cannot be read (ENOENT)`,
      })
      expect(refusalOf({ AIS_ENDPOINT, AIS_AUTHN_TOKEN_FILE: home }).message).to.contain('(EISDIR)')
      mkdirSync(join(home, DEFAULT), { recursive: true })
      expect(refusalOf({ AIS_ENDPOINT, HOME: home })).to.include({ argument: 'AIS_AUTHN_TOKEN_FILE' })
      expect(refusalOf({ AIS_ENDPOINT, AIS_AUTHN_TOKEN_FILE: 'a\0b' }).argument).to.equal('AIS_AUTHN_TOKEN_FILE')
    })

    for (const text of [
      '',
      'secret',
      '{"token":"secret',
      '{}',
      'null',
      '[]',
      '"secret"',
      '{"token":""}',
      '{"token":7}',
    ])
      it(`names a file without a token, but not its contents: ${text}`, () => {
        const path = writtenFile('t.json', text)
        expect(refusalOf({ AIS_ENDPOINT, AIS_AUTHN_TOKEN_FILE: path })).to.deep.equal({
          _tag: 'InvalidArgument',
          argument: 'AIS_AUTHN_TOKEN_FILE',
          message: `the file ${JSON.stringify(path)} holds no JSON object with a token`,
        })
      })

    it('refuses a file that is far too long for a token', () => {
      const path = writtenFile('t.json', '{"token":"one"}')
      truncateSync(path, 2 ** 24 + 1)
      expect(refusalOf({ AIS_ENDPOINT, AIS_AUTHN_TOKEN_FILE: path }).message).to.equal(
        `the file ${JSON.stringify(path)} has more than 16777216 bytes`,
      )
    })

    it('skips a byte order mark in its file', () => {
      expect(tokenBy({ AIS_AUTHN_TOKEN_FILE: writtenFile('t.json', '\ufeff{"token":"one"}\r\n') })).to.equal('one')
    })

    it('does not quote a token or key that was given instead of a path', () => {
      const pem = '-----BEGIN PRIVATE KEY----- secret'
      for (const [name, value] of [
        ['AIS_AUTHN_TOKEN_FILE', SECRET],
        ['AIS_AUTHN_TOKEN_FILE', '{"token":"secret"}'],
        ['AIS_CLIENT_CA', pem],
        ['AIS_CRT_KEY', pem],
        ['AIS_CRT', 'first secret\nsecond'],
      ] as const)
        expect(refusalOf({ AIS_ENDPOINT, HOME: home, [name]: value })).to.deep.equal({
          _tag: 'InvalidArgument',
          argument: name,
          message: 'got what looks like the contents; takes the path of a file',
        })
    })

    describe('in a file that is rotated while the cluster is in use', () => {
      let nowMs = 0
      let real: typeof performance.now
      beforeEach(() => {
        nowMs = 1_000_000
        real = performance.now.bind(performance)
        performance.now = () => nowMs
      })
      afterEach(() => (performance.now = real))

      /** A cluster that accepts only this token, and the tokens that it has received. */
      function using(path: string) {
        const state = { accepted: 'one' }
        const sent: (string | undefined)[] = []
        const transport = scriptedTransport(({ headers }) => {
          const token = headers['authorization']?.replace(/^Bearer /, '')
          sent.push(token)
          return token === state.accepted ? { body: '[]' } : { status: 401 }
        })
        const cluster = clusterFrom({ AIS_ENDPOINT, AIS_AUTHN_TOKEN_FILE: path }, { transport })
        return { state, sent, query: () => only(running(cluster)) }
      }
      const rotated = (text: string): void => void writtenFile('t.json', text)

      it('reads it again after a 401', () => {
        const { state, sent, query } = using(writtenFile('t.json', '{"token":"one"}'))
        query()
        rotated('{"token":"two"}')
        state.accepted = 'two'
        expect(query()).to.deep.equal(right([]))
        expect(query()).to.deep.equal(right([]))
        expect(sent).to.deep.equal(['one', 'one', 'two', 'two'])
      })

      it('reads it again when it has changed, before a request is refused', () => {
        const { state, sent, query } = using(writtenFile('t.json', '{"token":"one"}'))
        query()
        rotated('{"token":"token-two"}')
        state.accepted = 'token-two'
        nowMs += 1000
        expect(query()).to.deep.equal(right([]))
        expect(query()).to.deep.equal(right([]))
        expect(sent).to.deep.equal(['one', 'token-two', 'token-two'])
      })

      it('keeps the old token while the file is just being written', () => {
        const { sent, query } = using(writtenFile('t.json', '{"token":"one"}'))
        for (const text of ['', '{"tok', '{"token":"one"}']) {
          rotated(text)
          nowMs += 1000
          expect(query()).to.deep.equal(right([]))
        }
        expect(sent).to.deep.equal(['one', 'one', 'one'])
      })

      it('reports a transient refusal if the file holds no token after a 401, and recovers', () => {
        const { state, query } = using(writtenFile('t.json', '{"token":"one"}'))
        state.accepted = 'two'
        rotated('{"tok')
        const refusal = query()
        expect(refusal).to.have.nested.property('left._tag', 'Unauthorized')
        if (isLeft(refusal)) expect(isPermanent(refusal.left)).to.equal(false)
        rotated('{"token":"two"}')
        expect(query()).to.deep.equal(right([]))
      })

      it('sends a refused token at most twice if the file has not changed', () => {
        const { state, sent, query } = using(writtenFile('t.json', '{"token":"one"}'))
        state.accepted = 'other'
        expect(query()).to.have.nested.property('left.status', 401)
        expect(sent).to.deep.equal(['one', 'one'])
      })
    })

    it('never reveals a token when the cluster is inspected', () => {
      expect(tokenBy({ AIS_AUTHN_TOKEN: SECRET })).to.equal(SECRET)
    })

    it('connects to a cluster that requires the token', async () => {
      await using emulator = await startEmulator({ token: SECRET, speed: 1000 })
      const query = (env: Variables) =>
        firstValueFrom(running(clusterFrom({ AIS_ENDPOINT: emulator.endpoint, HOME: home, ...env })))
      expect(await query({})).to.have.nested.property('left._tag', 'Unauthorized')
      expect(await query({ AIS_AUTHN_TOKEN: 'another' })).to.have.nested.property('left._tag', 'Unauthorized')
      expect(await query({ AIS_AUTHN_TOKEN: SECRET })).to.deep.equal({ _tag: 'Right', right: [] })
      writtenFile(DEFAULT, JSON.stringify({ token: SECRET }))
      expect(await query({})).to.deep.equal({ _tag: 'Right', right: [] })
    })
  })

  describe('with TLS', () => {
    const query = (env: Variables, options?: ClusterOptions) =>
      firstValueFrom(running(clusterFrom({ HOME: home, ...env }, options)))
    const list = { _tag: 'Right', right: [] }
    const serve = (options: object = {}) =>
      startServer((response) => response.end('[]'), { key: readFileSync(KEY), cert: readFileSync(CERT), ...options })

    it('trusts only the authorities of AIS_CLIENT_CA', async () => {
      const { url } = await serve()
      const none = await query({ AIS_ENDPOINT: url })
      expect(none).to.have.nested.include({ 'left._tag': 'TransportError', 'left.permanent': true })
      expect(await query({ AIS_ENDPOINT: url, AIS_CLIENT_CA: CERT })).to.deep.equal(list)
      expect(await query({ AIS_ENDPOINT: url, AIS_CLIENT_CA: pathOfPem('other-name') })).to.have.property(
        '_tag',
        'Left',
      )
      expect(await query({ AIS_ENDPOINT: url, AIS_CLIENT_CA: ' ' })).to.have.property('_tag', 'Left')
    })

    it('presents the certificate of AIS_CRT and AIS_CRT_KEY to the server', async () => {
      const { url } = await serve({ ca: readFileSync(CERT), requestCert: true, rejectUnauthorized: true })
      const trust = { AIS_ENDPOINT: url, AIS_CLIENT_CA: CERT }
      expect(await query({ ...trust, AIS_CRT: CERT, AIS_CRT_KEY: KEY })).to.deep.equal(list)
      expect(await query(trust)).to.have.property('_tag', 'Left')
    })

    it('refuses a certificate without its key, and a key without its certificate', () => {
      expect(refusalOf({ AIS_ENDPOINT, HOME: home, AIS_CRT: CERT })).to.include({
        argument: 'AIS_CRT_KEY',
        message: 'is not set, but AIS_CRT is; takes both or none',
      })
      expect(refusalOf({ AIS_ENDPOINT, HOME: home, AIS_CRT: '', AIS_CRT_KEY: KEY })).to.include({ argument: 'AIS_CRT' })
    })

    for (const name of ['AIS_CLIENT_CA', 'AIS_CRT', 'AIS_CRT_KEY'])
      it(`names ${name} and its path if the file cannot be read`, () => {
        const path = join(home, 'none.pem')
        const env = { AIS_ENDPOINT, HOME: home, AIS_CRT: CERT, AIS_CRT_KEY: KEY, [name]: path }
        expect(refusalOf(env)).to.deep.equal({
          _tag: 'InvalidArgument',
          argument: name,
          message: `the file ${JSON.stringify(path)} cannot be read (ENOENT)`,
        })
      })

    for (const name of ['AIS_CLIENT_CA', 'AIS_CRT', 'AIS_CRT_KEY'])
      it(`names ${name} if its file holds something else`, () => {
        const wrong = name === 'AIS_CRT_KEY' ? CERT : KEY
        for (const path of [wrong, fileURLToPath(import.meta.url)]) {
          const env = { AIS_ENDPOINT, HOME: home, AIS_CRT: CERT, AIS_CRT_KEY: KEY, [name]: path }
          const { argument, message } = refusalOf(env)
          expect(argument).to.equal(name)
          expect(message)
            .to.contain(JSON.stringify(path))
            .and.not.match(/BEGIN|PRIVATE KEY-/)
        }
      })

    it('names AIS_CRT_KEY if the key belongs to another certificate', () => {
      const path = join(home, 'other-key.pem')
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }))
      const env = { AIS_ENDPOINT, HOME: home, AIS_CRT: CERT, AIS_CRT_KEY: path }
      expect(refusalOf(env)).to.have.property('argument', 'AIS_CRT_KEY')
    })

    it('trusts any certificate if AIS_SKIP_VERIFY_CRT or AIS_SKIP_VERIFY is set', async () => {
      const { url } = await serve({ cert: readFileSync(pathOfPem('expired')) })
      const trusts = async (env: Variables) => (await query({ AIS_ENDPOINT: url, ...env }))._tag === 'Right'
      for (const yes of ['1', 't', 'true', 'y', 'yes', 'on', 'TRUE', ' Yes '])
        expect(await trusts({ AIS_SKIP_VERIFY_CRT: yes }), yes).to.equal(true)
      for (const no of ['0', 'f', 'false', 'n', 'no', 'off', '', '2', 'truely'])
        expect(await trusts({ AIS_SKIP_VERIFY_CRT: no }), no).to.equal(false)
      expect(await trusts({ AIS_SKIP_VERIFY: 'true' })).to.equal(true)
      expect(await trusts({ AIS_SKIP_VERIFY: 'true', AIS_SKIP_VERIFY_CRT: 'false' })).to.equal(false)
    })

    it('ignores the TLS variables if there is a `tls` option', async () => {
      const { url } = await serve()
      const env = { AIS_ENDPOINT: url, AIS_CLIENT_CA: join(home, 'none'), AIS_SKIP_VERIFY_CRT: '1' }
      expect(await query(env, { tls: { ca: readFileSync(CERT) } })).to.deep.equal(list)
      expect(await query(env, { tls: {} })).to.have.property('_tag', 'Left')
    })
  })
})
