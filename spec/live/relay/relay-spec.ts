import { once } from 'node:events'
import { createServer, request as send, type RequestListener, type Server } from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { NEVER, Observable, firstValueFrom, from, of, type SchedulerLike } from 'rxjs'
import {
  AisError,
  abort,
  abortDownload,
  clusterMap,
  createCluster,
  details,
  download,
  downloads,
  downloadStatus,
  isRight,
  removeDownload,
  running,
  start,
  statuses,
  wait,
  type Cluster,
} from '../../../lib/index.ts'
import { startEmulator, type Emulator } from '../../../lib/emulator/index.ts'
import { defined } from '../../../lib/common/defined.ts'
import { toPromise } from '../../../lib/node/index.ts'
import { createRelay, type RelayOptions } from '../../../lib/relay/index.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../../lib/transport/transport.ts'

// The relay over real HTTP. `page` is the library in a web page, which reaches the cluster only through the relay.
// The operator of the relay allows commands by a predicate.

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

type Http2Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void

const HEADERS: Record<string, string> = { 'content-type': 'application/json', 'x-http-method-override': 'GET' }
const QUERY = '/ais/v1/cluster?what=running_all'

const servers: Server[] = []

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Sends a request of node:http, whose path is sent as it is. */
const fetched = (port: number, { method = 'POST', path = QUERY, headers = HEADERS, body = '{}' } = {}): Promise<Got> =>
  new Promise((resolve, reject) => {
    const sent = send({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** Sends bytes over a socket, and returns what comes back before it closes. */
async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let got = ''
  socket.on('data', (chunk: Buffer) => (got += chunk.toString()))
  socket.write(text)
  await once(socket, 'close')
  return got
}

/** A cluster whose transport is a function, with its requests. */
function scripted(reply: (request: HttpRequest) => Observable<HttpResponse>): {
  readonly cluster: Cluster
  readonly requests: HttpRequest[]
} {
  const requests: HttpRequest[] = []
  const transport = (request: HttpRequest): Observable<HttpResponse> => {
    requests.push(request)
    return reply(request)
  }
  return {
    cluster: createCluster('http://10.0.0.1:51080', { transport, token: 'relay-token', discover: false }),
    requests,
  }
}

const textReply = (status: number, body: string, headers: Record<string, string> = {}): Observable<HttpResponse> =>
  of({ status, headers, body })

const relayOf = (cluster: Cluster, options?: RelayOptions): Promise<number> => serve(createRelay(cluster, options).node)

describe('the relay', () => {
  let emulator: Emulator

  before(async () => {
    emulator = await startEmulator({ targets: 3, proxies: 2, speed: 20 })
    emulator.seedBucket('photos', { objects: 30, objectSize: 1024 })
  })

  after(async () => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
    await emulator.close()
  })

  describe('in front of a cluster', () => {
    for (const form of ['node', 'fetch'] as const)
      it(`serves queries, waits and lists of a page, as a handler of the form ${form}`, async () => {
        const relay = createRelay(createCluster(emulator.endpoint), { commands: () => true })
        // The library's requests, as a browser sends them.
        const page = createCluster('/ais', {
          transport: form === 'node' ? await overNode(relay.node) : transportOver(relay.fetch),
        })
        const job = await toPromise(start(page, { kind: 'load-lom-cache', bucket: { name: 'photos' } }))
        expect(await toPromise(wait(page, job))).to.include({ outcome: 'finished', jobId: job.id })
        expect(await toPromise(details(page, { id: job.id }))).to.have.property(
          Object.keys(await toPromise(details(page)))[0]!,
        )
        expect((await toPromise(statuses(page))).map(({ id }) => id)).to.include(job.id)
        expect(isRight(await firstValueFrom(running(page)))).to.equal(true)
      })

    it('serves waits for downloads, with the errors of their files', async () => {
      emulator.faults.breakLinks('https://example.com/b', 'gone')
      const to = { name: 'photos' }
      const what = { links: ['https://example.com/a', 'https://example.com/b'] }
      const { id } = await toPromise(download(createCluster(emulator.endpoint), { to, what }))
      const page = createCluster('/ais', {
        transport: transportOver(createRelay(createCluster(emulator.endpoint)).fetch),
      })
      const { outcome, files } = await toPromise(wait(page, { id }))
      expect({ outcome, files }).to.deep.equal({ outcome: 'failed', files: [{ name: 'b', error: 'gone' }] })
      expect((await toPromise(downloads(page))).find((one) => one.id === id)).to.include({ failed: 1, finished: 1 })
      expect(await toPromise(downloads(page, { running: true }))).to.deep.equal([])
      expect(await firstValueFrom(abortDownload(page, id))).to.have.nested.property('left.status', 405)
      emulator.faults.clear()
    })

    for (const form of ['node', 'fetch'] as const)
      it(`aborts a download only if the predicate of the operator allows it, as a handler of the form ${form}`, async () => {
        const links = { template: 'https://example.com/f-{000..999}' }
        const { id } = await toPromise(download(createCluster(emulator.endpoint), { to: { name: 'd' }, what: links }))
        const received: unknown[] = []
        let isAllowed = false
        const commands: RelayOptions['commands'] = (command) => {
          received.push(command)
          return isAllowed
        }
        const relay = createRelay(createCluster(emulator.endpoint), { commands })
        const page = createCluster('/ais', {
          transport: form === 'node' ? await overNode(relay.node) : transportOver(relay.fetch),
        })
        expect(await firstValueFrom(abortDownload(page, id))).to.have.nested.property('left.status', 403)
        expect(await toPromise(downloadStatus(page, id))).to.include({ aborted: false })
        isAllowed = true
        expect(isRight(await firstValueFrom(abort(page, { id }, { confirm: true })))).to.equal(true)
        expect(await toPromise(wait(page, { id }))).to.include({ outcome: 'aborted', jobId: id })
        expect(received).to.deep.equal([
          { action: 'stop', selector: { id } },
          { action: 'stop', selector: { id } },
        ])
        expect(await firstValueFrom(removeDownload(page, id))).to.have.nested.property('left._tag', 'NotFound')
      })

    it('refuses every command if there is no predicate', async () => {
      const relay = createRelay(createCluster(emulator.endpoint))
      const page = createCluster('/ais', { transport: transportOver(relay.fetch) })
      const before = await toPromise(details(createCluster(emulator.endpoint), { kind: 'lru' })).catch(() => ({}))
      expect(await firstValueFrom(start(page, { kind: 'lru' }))).to.have.nested.property('left.status', 405)
      expect(
        await toPromise(details(createCluster(emulator.endpoint), { kind: 'lru' })).catch(() => ({})),
      ).to.deep.equal(before)
    })
  })

  it('sends its own token, and no header of the page', async () => {
    const { cluster, requests } = scripted(() => textReply(200, '[]'))
    const port = await relayOf(cluster)
    const headers = {
      ...HEADERS,
      cookie: 'a=b',
      authorization: 'Bearer page',
      'x-forwarded-host': 'x',
      range: 'bytes=0-1',
    }
    expect(await fetched(port, { headers })).to.deep.include({ status: 200, body: '[]' })
    expect(requests).to.have.length(1)
    expect(requests[0]).to.deep.include({ method: 'GET', url: 'http://10.0.0.1:51080/v1/cluster?what=running_all' })
    expect(requests[0]?.headers).to.deep.equal({
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: 'Bearer relay-token',
    })
  })

  it('passes on no header of the cluster but Retry-After, and no inner address', async () => {
    const { cluster } = scripted(() =>
      textReply(503, '{"status":503,"message":"dial tcp 10.0.0.9:51080: refused","remote_addr":"10.0.0.8:1"}', {
        'retry-after': '7',
        'set-cookie': 'a=b',
        'access-control-allow-origin': '*',
      }),
    )
    const { status, headers, body } = await fetched(await relayOf(cluster))
    expect(status).to.equal(503)
    expect(headers).to.include({
      'retry-after': '7',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers).to.not.have.any.keys('set-cookie', 'access-control-allow-origin', 'location')
    expect(JSON.parse(body)).to.deep.equal({ tcode: '', message: 'dial tcp (address): refused', status: 503 })
  })

  for (const [what, reply, status] of [
    ['a page of HTML', textReply(200, '<script>alert(1)</script>'), 502],
    ['a redirect to a foreign host', textReply(307, '', { location: 'http://169.254.169.254/' }), 502],
    ['a refused token', textReply(401, '{"status":401,"message":"token of 10.0.0.1:1"}'), 502],
    ['an unknown job', textReply(404, '{"status":404,"message":"no such job"}'), 404],
  ] as const)
    it(`replies with ${status} if the cluster sends ${what}`, async () => {
      const { cluster, requests } = scripted(() => reply)
      const got = await fetched(await relayOf(cluster))
      expect(got.status).to.equal(status)
      expect(got.body).not.to.match(/script|169\.254|10\.0\.0/)
      expect(requests.every(({ url }) => url.startsWith('http://10.0.0.1:51080/'))).to.equal(true)
    })

  it('sends the cluster map with the ids of the nodes, and without their addresses', async () => {
    const relay = createRelay(createCluster(emulator.endpoint))
    const page = createCluster('/ais', { transport: await overNode(relay.node) })
    const known = await toPromise(clusterMap(createCluster(emulator.endpoint)))
    const got = await toPromise(clusterMap(page))
    expect(Object.keys(got.targets)).to.deep.equal(Object.keys(known.targets))
    expect(got.ic).to.deep.equal(known.ic)
    expect(Object.values({ ...got.targets, ...got.proxies }).map(({ url }) => url)).to.deep.equal(Array(5).fill(''))
  })

  it('sends a job whose texts name an address without the address', async () => {
    const status = '{"uuid":"zOCwz4iJS","kind":"lru","err":"at 10.0.0.9:51080","end_time":1,"aborted":false}'
    const { cluster } = scripted(() => textReply(200, status))
    const got = await fetched(await relayOf(cluster), {
      path: '/ais/v1/cluster?what=status',
      body: '{"id":"zOCwz4iJS"}',
    })
    expect(got.status).to.equal(200)
    expect(JSON.parse(got.body)).to.include({ uuid: 'zOCwz4iJS', err: 'at (address)' })
  })

  it('sends the cluster one request for a thousand pages that poll within maxAgeMs', async () => {
    const { cluster, requests } = scripted(() => textReply(200, '["lru[zOCwz4iJS]"]'))
    const port = await relayOf(cluster, { maxAgeMs: 60_000 })
    const replies = await Promise.all(Array.from({ length: 1_000 }, () => fetched(port)))
    expect(new Set(replies.map(({ body }) => body))).to.deep.equal(new Set(['["lru[zOCwz4iJS]"]']))
    expect(requests).to.have.length(1)
  })

  it('never gives the reply of one identity to another', async () => {
    const { cluster, requests } = scripted(() => textReply(200, '[]'))
    const port = await relayOf(cluster, {
      maxAgeMs: 60_000,
      identity: ({ headers }) => headers.get('cookie')?.[0] ?? '',
    })
    for (const cookie of ['a', 'b', 'a']) await fetched(port, { headers: { ...HEADERS, cookie } })
    expect(requests).to.have.length(2)
  })

  it('replies with 500 if `identity` throws, and goes on', async () => {
    const { cluster } = scripted(() => textReply(200, '[]'))
    const port = await relayOf(cluster, {
      identity: ({ headers }) => {
        if (headers.has('cookie')) return ''
        throw new Error('no cookie')
      },
    })
    expect((await fetched(port)).status).to.equal(500)
    expect((await fetched(port, { headers: { ...HEADERS, cookie: 'a' } })).status).to.equal(200)
  })

  it('cancels the request to the cluster when the last page leaves', async () => {
    let open = 0
    const { cluster } = scripted(
      () =>
        new Observable(() => {
          open++
          return () => open--
        }),
    )
    const port = await relayOf(cluster)
    const sockets = [0, 1].map(() => connect(port, '127.0.0.1'))
    for (const socket of sockets)
      socket.write(
        `POST ${QUERY} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\nx-http-method-override: GET\r\ncontent-length: 2\r\n\r\n{}`,
      )
    const until = async (count: number): Promise<void> => {
      while (open !== count) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await until(1)
    sockets[0]?.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(open).to.equal(1)
    sockets[1]?.destroy()
    await until(0)
  })

  it('refuses the ninth request of a client, with Retry-After', async () => {
    const { cluster } = scripted(() => NEVER)
    const port = await relayOf(cluster)
    const queryNth = (n: number): Promise<Got> =>
      fetched(port, { path: '/ais/v1/cluster?what=status', body: `{"id":"zOCwz4iJ${n}"}` })
    const open = Array.from({ length: 8 }, (_, n) => queryNth(n).catch(() => undefined))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const got = await queryNth(8)
    expect(got.status).to.equal(429)
    expect(Number(got.headers['retry-after'])).to.be.within(1, 3)
    expect(open).to.have.length(8)
  })

  describe('with predicates', () => {
    for (const [what, predicate] of [
      [
        'throws',
        () => {
          throw new Error('no')
        },
      ],
      ['returns a text', () => 'yes' as unknown as boolean],
      ['returns a promise', () => Promise.resolve(true) as unknown as boolean],
      ['returns false', () => false],
    ] as const)
      it(`refuses queries and commands if the predicate ${what}`, async () => {
        const { cluster, requests } = scripted(() => textReply(200, '[]'))
        const port = await relayOf(cluster, { allow: predicate, commands: predicate })
        expect((await fetched(port)).status).to.equal(403)
        const command = await fetched(port, {
          method: 'PUT',
          path: '/ais/v1/cluster',
          headers: { 'content-type': 'application/json' },
          body: '{"action":"start","name":"","value":{"Kind":"lru"}}',
        })
        expect(command.status).to.equal(403)
        expect(requests).to.have.length(0)
      })

    it('sends an allowed command once for each request', async () => {
      const { cluster, requests } = scripted(() => textReply(200, 'zOCwz4iJS'))
      const seen: unknown[] = []
      const port = await relayOf(cluster, {
        commands: (command) => {
          seen.push(command)
          return true
        },
      })
      const command = () =>
        fetched(port, {
          method: 'PUT',
          path: '/ais/v1/cluster',
          headers: { 'content-type': 'application/json' },
          body: '{"action":"start","name":"","value":{"Kind":"lru"}}',
        })
      expect(await Promise.all([command(), command()])).to.have.nested.property('[1].body', 'zOCwz4iJS')
      expect(requests.map(({ method }) => method)).to.deep.equal(['PUT', 'PUT'])
      expect(seen[0]).to.deep.equal({ action: 'start', options: { kind: 'lru' } })
    })
  })

  describe('over a raw socket', () => {
    const { cluster, requests } = scripted(() => textReply(200, '[]'))
    let port: number
    const head = (more: string): string =>
      `POST ${QUERY} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\nx-http-method-override: GET\r\n${more}`

    before(async () => {
      port = await relayOf(cluster)
    })
    afterEach(() => {
      expect(requests).to.have.length(0)
    })

    const attacks: readonly { readonly what: string; readonly status: number; readonly request: () => string }[] = [
      {
        what: 'an absolute-form target',
        status: 404,
        request: () => head('').replace(QUERY, `http://169.254.169.254${QUERY}`) + 'content-length: 2\r\n\r\n{}',
      },
      {
        what: 'a target with two slashes',
        status: 404,
        request: () => head('').replace(QUERY, '//169.254.169.254/v1/cluster') + 'content-length: 2\r\n\r\n{}',
      },
      { what: 'a second Host', status: 400, request: () => head(`Host: evil\r\ncontent-length: 2\r\n\r\n{}`) },
      {
        what: 'HTTP/1.0 without a Host',
        status: 403,
        request: () =>
          `POST ${QUERY} HTTP/1.0\r\ncontent-type: application/json\r\nx-http-method-override: GET\r\ncontent-length: 2\r\n\r\n{}`,
      },
      {
        what: 'two overrides',
        status: 400,
        request: () => head('x-http-method-override: GET\r\ncontent-length: 2\r\n\r\n{}'),
      },
      {
        what: 'two origins',
        status: 400,
        request: () => head(`origin: http://127.0.0.1:${port}\r\norigin: http://evil\r\ncontent-length: 2\r\n\r\n{}`),
      },
      {
        what: 'a rebound host',
        status: 403,
        request: () =>
          head('').replace(/Host: .*\r\n/, `Host: evil.example:${port}\r\norigin: http://evil.example:${port}\r\n`) +
          'content-length: 2\r\n\r\n{}',
      },
      {
        what: 'Content-Length and Transfer-Encoding',
        status: 400,
        request: () => head('content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
      },
      {
        what: 'two Content-Length',
        status: 400,
        request: () => head('content-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
      },
      {
        what: 'an obfuscated Transfer-Encoding',
        status: 400,
        request: () => head('transfer-encoding: xchunked\r\n\r\n0\r\n\r\n'),
      },
      {
        what: '64 KiB and a byte',
        status: 413,
        request: () => head(`content-length: 65537\r\n\r\n${' '.repeat(65_537)}`),
      },
      {
        what: 'chunks without an end',
        status: 413,
        request: () => head(`transfer-encoding: chunked\r\n\r\n${`8000\r\n${' '.repeat(0x8000)}\r\n`.repeat(3)}`),
      },
      {
        what: 'a compressed body',
        status: 415,
        request: () => head('content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}'),
      },
      {
        what: 'a body that is not UTF-8',
        status: 400,
        request: () => head('content-length: 9\r\nconnection: close\r\n\r\n{"id":"') + '\ufffd',
      },
      {
        what: 'a GET with a body',
        status: 405,
        request: () => head('content-length: 2\r\n\r\n{}').replace('POST', 'GET'),
      },
      {
        what: 'an origin after two thousand headers, which Node drops',
        status: 431,
        request: () => head(`${'a:b\r\n'.repeat(2_100)}origin: http://evil.example\r\ncontent-length: 2\r\n\r\n{}`),
      },
      {
        what: 'a Transfer-Encoding that Node does not decode',
        status: 501,
        request: () => head('transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'),
      },
      {
        what: 'a line that continues a header',
        status: 400,
        request: () => head(`x-a: b\r\n origin: http://evil.example\r\ncontent-length: 2\r\n\r\n{}`),
      },
      { what: 'an empty Origin', status: 403, request: () => head('origin:\r\ncontent-length: 2\r\n\r\n{}') },
      {
        what: 'an upgrade',
        status: 405,
        request: () => head('connection: upgrade\r\nupgrade: websocket\r\n\r\n').replace('POST', 'GET'),
      },
      {
        what: 'a request that follows a refused one on its connection',
        status: 404,
        request: () => {
          const second = head('content-length: 2\r\n\r\n{}')
          return `${second.replace(QUERY, '/ais/v1/daemon')}${second}`
        },
      },
      {
        what: 'a preflight',
        status: 405,
        request: () =>
          `OPTIONS ${QUERY} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\norigin: http://127.0.0.1:${port}\r\naccess-control-request-method: POST\r\n\r\n`,
      },
    ]
    for (const { what, status, request } of attacks)
      it(`refuses ${what} with ${status}, and sends the cluster nothing`, async () => {
        const got = await sendRaw(port, request().replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
        expect(got).to.match(new RegExp(`^HTTP/1\\.1 ${status} `))
        expect(got).not.to.match(/access-control/i)
      })
  })

  it('serves HTTP/2, and a refusal ends only its own stream', async () => {
    const { cluster, requests } = scripted(() => textReply(200, '[]'))
    const server = createHttp2Server(createRelay(cluster).node as unknown as Http2Listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const statusOf = async (path: string): Promise<unknown> => {
      const stream = session.request({ ...HEADERS, ':method': 'POST', ':path': path })
      stream.end('{}')
      const [head] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>]
      stream.resume()
      await once(stream, 'close')
      return head[':status']
    }
    try {
      expect(await statusOf('/ais/v1/daemon')).to.equal(404)
      expect(await statusOf(QUERY)).to.equal(200)
      expect(requests).to.have.length(1)
    } finally {
      session.close()
      server.close()
    }
  })

  it('calls `next` for a path outside of its prefix, and replies 404 for an unknown path below it', async () => {
    const { cluster } = scripted(() => textReply(200, '[]'))
    const relay = createRelay(cluster)
    const port = await serve((request, response) =>
      relay.node(request, response, () => {
        response.end('next')
      }),
    )
    expect(await fetched(port, { path: '/other' })).to.include({ body: 'next' })
    expect(await fetched(port, { path: '/ais/other' })).to.include({ status: 404 })
    expect(await fetched(port)).to.include({ body: '[]' })
  })

  it('times out a body after ten seconds', async function () {
    this.timeout(20_000)
    const { cluster, requests } = scripted(() => textReply(200, '[]'))
    const port = await relayOf(cluster)
    const started = Date.now()
    const got = await sendRaw(
      port,
      `POST ${QUERY} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\nx-http-method-override: GET\r\ncontent-length: 5\r\n\r\n{`,
    )
    expect(got).to.match(/^HTTP\/1\.1 408 /)
    expect(Date.now() - started).to.be.within(9_000, 15_000)
    expect(requests).to.have.length(0)
  })

  for (const [what, options] of [
    ['a prefix without a slash', { prefix: 'ais' }],
    ['a prefix with dots between slashes', { prefix: '/a/../b' }],
    ['a negative maxAgeMs', { maxAgeMs: -1 }],
    ['a trustProxy that is a text, which would turn it on', { trustProxy: 'false' as unknown as boolean }],
    ['hosts that are no list', { hosts: 'localhost' as unknown as string[] }],
    ['a scheduler that is none', { scheduler: {} as SchedulerLike }],
    ['options that are no object', null as unknown as object],
    ['a predicate that is no function', { allow: true as unknown as () => boolean }],
  ] as const)
    it(`refuses ${what} when it is created`, () => {
      expect(() => createRelay(createCluster('http://localhost:8080'), options)).to.throw(AisError, 'takes')
    })
})

/** A transport that calls a fetch handler, as a page of http://localhost does. */
const transportOver =
  (handler: (request: Request) => Promise<Response>): Transport =>
  (request) =>
    from(
      handler(
        new Request(`http://localhost${request.url}`, {
          ...sentByPage(request),
          headers: { ...sentByPage(request).headers, origin: 'http://localhost', 'sec-fetch-site': 'same-origin' },
        }),
      ).then(async (response) => ({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      })),
    )

/** Sends a request to the relay over a socket. */
async function overNode(listener: RequestListener): Promise<Transport> {
  const port = await serve(listener)
  return (request) => {
    const { method, headers, body = '' } = sentByPage(request)
    // A browser frames the body of a DELETE, and node:http does not.
    const framed = { ...headers, 'content-length': String(Buffer.byteLength(body)) }
    const sent = { method, path: request.url, headers: { ...framed, origin: `http://127.0.0.1:${port}` }, body }
    return from(
      fetched(port, sent).then(({ status, headers: got, body: text }) => ({
        status,
        headers: Object.fromEntries(Object.entries(got).map(([name, value]) => [name, String(value)])),
        body: text,
      })),
    )
  }
}

const sentByPage = ({ method, headers, body }: HttpRequest) =>
  method === 'GET' && body !== undefined
    ? { method: 'POST', headers: { ...headers, 'x-http-method-override': 'GET' }, body }
    : { method, headers: { ...headers }, ...defined({ body }) }
