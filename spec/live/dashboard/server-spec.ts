import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import type { Allowed } from '../../../lib/dashboard/config.ts'
import { startDashboard, type Dashboard } from '../../../lib/dashboard/server.ts'
import { createCluster } from '../../../lib/index.ts'

// The HTTP server of the dashboard: its files, its token and its launches.

const assets = new Map([['/', { type: 'text/html', text: '<!doctype html>' }]])

describe('the server of the dashboard', () => {
  let dashboard: Dashboard
  let port: number
  let token: string

  const serve = async (host: string, ...allow: readonly Allowed[]): Promise<void> => {
    dashboard = await startDashboard(createCluster('http://127.0.0.1:1'), {
      host,
      port: 0,
      allow,
      endpoint: 'cluster',
      assets,
    })
    const { port: given, hash } = new URL(dashboard.url)
    port = Number(given)
    token = hash.replace('#token=', '')
  }
  afterEach(() => dashboard.close())

  /** Sends a request as text, and returns the reply as text. */
  const send = async (head: readonly string[], body = ''): Promise<string> => {
    const socket = connect(port, '127.0.0.1')
    // A half-closed connection would end a reply that takes time.
    socket.write(`${[...head, `Content-Length: ${body.length}`, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`)
    let reply = ''
    socket.on('data', (chunk: Buffer) => (reply += chunk.toString()))
    await once(socket, 'close')
    return reply
  }
  const statusOf = (reply: string): number => Number(reply.split(' ')[1])
  const get = (path: string, ...more: readonly string[]): Promise<string> =>
    send([`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...more])
  const postToken = (given: string, ...more: readonly string[]): Promise<string> =>
    send(
      ['POST /session HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Content-Type: text/plain;charset=UTF-8', ...more],
      given,
    )

  it('sends a policy that names what default-src does not cover', async () => {
    await serve('127.0.0.1')
    expect(await get('/'))
      .to.include("default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'")
      .and.include('x-frame-options: DENY')
      .and.include('referrer-policy: no-referrer')
      .and.not.match(/access-control/i)
  })

  it('sends only the files of the page, whatever the path', async () => {
    await serve('127.0.0.1')
    for (const path of [
      '/package.json',
      '/../package.json',
      '/%2e%2e/package.json',
      '//etc/passwd',
      '/package.json?/',
      'http://evil/',
    ])
      expect(statusOf(await get(path)), path).to.equal(404)
  })

  it('sends a page also if the address has a query, and its headers alone as the reply to a HEAD', async () => {
    await serve('127.0.0.1')
    const page = await get('/')
    expect(await get('/?utm_source=chat')).to.equal(page)
    const head = await send(['HEAD / HTTP/1.1', `Host: 127.0.0.1:${port}`])
    expect(head.trimEnd()).to.equal(page.split('\r\n\r\n')[0])
  })

  it('requires no token on this machine if it accepts no command', async () => {
    await serve('127.0.0.1')
    expect(token).to.equal('')
    expect(await get('/config.json')).to.match(/^HTTP\/1.1 200[\s\S]*"allow":\[\]/)
  })

  it('requires a token with commands, and exchanges it for a cookie that scripts and other sites cannot use', async () => {
    await serve('127.0.0.1', 'stop')
    expect(token).to.have.length(43)
    expect(statusOf(await get('/'))).to.equal(200)
    expect(statusOf(await get('/config.json'))).to.equal(401)
    expect(statusOf(await get('/ais/v1/cluster?what=smap'))).to.equal(401)
    const entered = await postToken(token)
    expect(entered).to.match(/^HTTP\/1.1 204/)
    const [, cookie = '', attributes] = /set-cookie: ([^;]+)(.*)/i.exec(entered) ?? []
    expect(attributes).to.equal('; HttpOnly; SameSite=Strict; Path=/\r'.trimEnd())
    expect(cookie)
      .to.match(new RegExp(`^aistore-rx-${port}=`))
      .and.not.include(token)
    expect(statusOf(await get('/config.json', `Cookie: other=1; ${cookie}`))).to.equal(200)
    expect(statusOf(await get('/config.json', `Cookie: ${cookie}x`))).to.equal(401)
  })

  it('requires a token if other machines can reach it', async () => {
    await serve('0.0.0.0')
    expect(token).to.have.length(43)
    expect(statusOf(await get('/config.json'))).to.equal(401)
  })

  it('refuses more than ten wrong tokens in a minute', async () => {
    await serve('127.0.0.1', 'stop')
    for (let i = 0; i < 10; i++) expect(statusOf(await postToken('wrong'))).to.equal(401)
    expect(await postToken(token)).to.match(/^HTTP\/1.1 429[\s\S]*retry-after: 60/)
  })

  it('accepts a token from its own page only', async () => {
    await serve('127.0.0.1', 'stop')
    expect(statusOf(await postToken(token, 'Sec-Fetch-Site: cross-site'))).to.equal(403)
    expect(statusOf(await postToken(token, 'Origin: http://evil.example'))).to.equal(403)
    expect(statusOf(await postToken(token, 'Origin: null'))).to.equal(403)
    expect(statusOf(await get('/session'))).to.equal(405)
  })

  it('refuses a host name that another site could own', async () => {
    await serve('127.0.0.1')
    for (const host of ['evil.example', '127.0.0.1.nip.io', 'localhost.evil', 'evillocalhost', `127.0.0.1:${port + 1}`])
      for (const path of ['/', '/config.json', '/session'])
        expect(statusOf(await send([`GET ${path} HTTP/1.1`, `Host: ${host}`])), host).to.equal(403)
    expect(statusOf(await send(['GET /config.json HTTP/1.1', `Host: localhost:${port}`]))).to.equal(200)
  })

  describe('for launches', () => {
    const body = '{"launch":"mirror","options":{"bucket":{"name":"b"},"copies":2}}'
    const sessionCookie = async (): Promise<string> =>
      `Cookie: ${/set-cookie: ([^;]+)/i.exec(await postToken(token))?.[1] ?? ''}`
    const postLaunch = async (more: readonly string[], sent = body, method = 'POST'): Promise<string> =>
      send([`${method} /launch HTTP/1.1`, `Host: 127.0.0.1:${port}`, await sessionCookie(), ...more], sent)
    const JSON_TYPE = 'Content-Type: application/json'

    it('requires a session', async () => {
      await serve('127.0.0.1', 'start')
      expect(statusOf(await send(['POST /launch HTTP/1.1', `Host: 127.0.0.1:${port}`, JSON_TYPE], body))).to.equal(401)
      expect(statusOf(await postLaunch([JSON_TYPE]))).to.equal(502)
    })

    it('requires that the dashboard may start jobs', async () => {
      await serve('127.0.0.1', 'stop')
      expect(statusOf(await postLaunch([JSON_TYPE]))).to.equal(404)
    })

    it('accepts only JSON, and only from its own page', async () => {
      await serve('127.0.0.1', 'start')
      expect(statusOf(await postLaunch([JSON_TYPE, 'Sec-Fetch-Site: cross-site']))).to.equal(403)
      expect(statusOf(await postLaunch([JSON_TYPE, 'Origin: http://evil.example']))).to.equal(403)
      expect(statusOf(await postLaunch(['Content-Type: text/plain']))).to.equal(415)
      expect(statusOf(await postLaunch([JSON_TYPE], body, 'PUT'))).to.equal(405)
      expect(statusOf(await postLaunch([JSON_TYPE], ' '.repeat(65_537)))).to.equal(413)
    })

    for (const wrong of [
      '',
      '[]',
      '{"launch":"evictBucket","options":{}}',
      '{"launch":"constructor","options":{}}',
      '{"launch":"mirror"}',
      '{"launch":"mirror","options":{"bucket":{"name":"b"},"copies":0}}',
      '{"launch":"mirror","options":{"bucket":{"name":"b"},"copies":2,"x":1}}',
      '{"launch":"mirror","options":{"bucket":"b","copies":2},"x":1}',
      '{"launch":"evictObjects","options":{"bucket":{"name":"b","provider":"aws"},"what":{"prefix":""}}}',
    ])
      it(`refuses ${wrong || 'an empty body'}`, async () => {
        await serve('127.0.0.1', 'start')
        expect(statusOf(await postLaunch([JSON_TYPE], wrong))).to.equal(400)
      })
  })

  it('sends its settings to its own page only', async () => {
    await serve('127.0.0.1')
    expect(statusOf(await get('/config.json', 'Sec-Fetch-Site: same-site'))).to.equal(403)
  })
})
