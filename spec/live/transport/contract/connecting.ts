import { expect } from 'chai'
import { failure, OK, opened, requestTo, reply, timed, until, type Case, type World } from './world.ts'

// How a transport must connect. A `Case` is a title with a check.

const PERMANENT = /^CERT_|^ERR_TLS_|^ERR_SSL_|^EPROTO$|^DEPTH_|^SELF_|^UNABLE_|^ERR_OSSL_/

/** What happens before a request is sent. */
export const connecting = (world: World): readonly Case[] => [
  [
    'reports that nothing was sent if no server listens on the port or the host name is unknown',
    async () => {
      const server = await opened(world, { script: [OK] })
      await world.servers.close(server.port)
      const refused = await failure(world.transport(), requestTo(server.url, { method: 'PUT', body: '{}' }))
      expect(refused).to.include({ code: 'ECONNREFUSED', nothingSent: true })
      const unknown = await failure(world.transport(), requestTo('http://aistore-rx.invalid/'))
      expect(unknown.code).to.be.oneOf(['ENOTFOUND', 'EAI_AGAIN'])
      expect(unknown.nothingSent).to.equal(true)
    },
  ],
  [
    'reports that nothing was sent if the TLS handshake fails, with any error code',
    async () => {
      const server = await opened(world, { script: [OK], onConnect: 'reset' })
      const url = server.url.replace('http:', 'https:')
      const error = await failure(world.transport(), requestTo(url, { method: 'PUT', body: '{}' }))
      expect(error.nothingSent).to.equal(true)
    },
  ],
  [
    'waits at most five seconds for a connection, including the TLS handshake',
    async () => {
      const server = await opened(world, { script: [OK], onConnect: 'wait' })
      const url = server.url.replace('http:', 'https:')
      const [error, tookMs] = await timed(() => failure(world.transport(), requestTo(url, { method: 'PUT', body: '' })))
      expect(error).to.include({ code: 'ETIMEDOUT', nothingSent: true })
      expect(tookMs).to.be.within(4_900, 5_900)
      await until(async () => (await server.open()) === 0, 'the socket is gone')
    },
  ],
  [
    'refuses an address with credentials, and does not quote it',
    async () => {
      for (const url of ['http://user:canary@127.0.0.1:1/', 'canary', 'http://[', 'ftp://canary/']) {
        const error = await failure(world.transport(), requestTo(url))
        expect(error).to.include({ code: 'ERR_INVALID_URL', nothingSent: true })
        expect(error.message).to.not.include('canary')
      }
    },
  ],
  ...(
    [
      ['self-signed', false],
      ['other-name', true],
      ['expired', true],
    ] as const
  ).map(([cert, isTrusted]): Case => [
    `refuses a certificate that is ${cert}, and sends nothing`,
    async () => {
      const server = await opened(world, { script: [OK], tls: { cert } })
      const ca = await world.servers.pem(cert)
      const error = await failure(world.transport(isTrusted ? { tls: { ca } } : {}), requestTo(server.url))
      expect(error.code).to.match(PERMANENT)
      expect(error.nothingSent).to.equal(true)
      expect(await server.requests()).to.have.length(0)
    },
  ]),
  [
    'trusts a certificate authority that is given as text, as bytes or in a list',
    async () => {
      const server = await opened(world, { script: [OK], tls: { cert: 'self-signed' } })
      const { pem } = world.servers
      const text = await pem('self-signed')
      const bytes = new TextEncoder().encode(text)
      for (const ca of [text, bytes, [await pem('other-name'), bytes]]) {
        const transport = world.transport({ tls: { ca } })
        for (let n = 0; n < 2; n++) await reply(transport, requestTo(server.url, { body: '{}' }))
      }
      const seen = await server.requests()
      expect(seen.map(({ method, body }) => `${method} ${body}`)).to.deep.equal(Array(6).fill('GET {}'))
      expect(await server.connections()).to.equal(2)
    },
  ],
  [
    'accepts any certificate if `rejectUnauthorized` is false',
    async () => {
      const server = await opened(world, { script: [OK], tls: { cert: 'expired' } })
      const transport = world.transport({ tls: { rejectUnauthorized: false } })
      expect(await reply(transport, requestTo(server.url))).to.include({ status: 200 })
    },
  ],
  [
    'sends a client certificate, and fails with a TLS or socket error if the server requires one and gets none',
    async () => {
      const server = await opened(world, { script: [OK], tls: { cert: 'self-signed', requiresClientCert: true } })
      const [ca, key] = [await world.servers.pem('self-signed'), await world.servers.pem('key')]
      const known = await reply(world.transport({ tls: { ca, cert: ca, key } }), requestTo(server.url))
      expect(known.status).to.equal(200)
      const error = await failure(world.transport({ tls: { ca } }), requestTo(server.url, { method: 'PUT', body: '' }))
      expect(error.code).to.match(/^ERR_SSL_|^ECONNRESET$|^EPIPE$/)
      expect(await server.requests()).to.have.length(1)
    },
  ],
  [
    'fails with different messages for HTTPS to a plain server and for HTTP to a TLS server',
    async () => {
      const plain = await opened(world, { script: [OK] })
      const secure = await opened(world, { script: [OK], tls: { cert: 'self-signed' } })
      const error = await failure(world.transport(), requestTo(plain.url.replace('http:', 'https:')))
      expect(error.code).to.match(PERMANENT)
      expect(error.message).to.include('TLS')
      const hint = await failure(world.transport(), requestTo(secure.url.replace('https:', 'http:')))
      expect(hint.message).to.match(/https|HTTP/)
    },
  ],
]
