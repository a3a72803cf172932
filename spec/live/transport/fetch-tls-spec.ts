import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import type { TLSSocket } from 'node:tls'
import { isCertificateError } from '../../../lib/transport/failure.ts'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import { failure, question, reply } from './helpers/ask.ts'
import { closeServers, startServer } from './helpers/recording-server.ts'

const pem = (name: string): string =>
  readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), { encoding: 'utf8' })
const key = pem('key')
const cert = pem('self-signed')

describe('fetchTransport, TLS', () => {
  afterEach(closeServers)

  for (const [what, name, code, trusted] of [
    ['self-signed', 'self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', false],
    ['for another host', 'other-name', 'ERR_TLS_CERT_ALTNAME_INVALID', true],
    ['expired', 'expired', 'CERT_HAS_EXPIRED', true],
  ] as const) {
    it(`should refuse a certificate that is ${what}, and send nothing`, async () => {
      const server = await startServer(undefined, { key, cert: pem(name) })
      const transport = fetchTransport(trusted ? { tls: { ca: pem(name) } } : {})

      const error = await failure(transport, question(server.url, { headers: { authorization: 'Bearer t' } }))

      expect(error.code).to.equal(code)
      expect(isCertificateError(error.code)).to.equal(true)
      expect(server.requests).to.have.length(0)
    })
  }

  for (const [form, ca] of [
    ['a text', cert],
    ['bytes', new TextEncoder().encode(cert)],
    ['a list', [pem('other-name'), new TextEncoder().encode(cert)]],
  ] as const) {
    it(`should accept an authority given as ${form}`, async () => {
      const server = await startServer(undefined, { key, cert })
      const transport = fetchTransport({ tls: { ca } })

      await reply(transport, question(server.url, { body: '{}' }))
      await reply(transport, question(server.url, { body: '{}' }))

      const seen = server.requests.map(({ method, body, connection }) => ({ method, body, connection }))
      const expected = { method: 'GET', body: '{}', connection: 1 }
      expect(seen).to.deep.equal([expected, expected])
    })
  }

  it('should accept anything if told so', async () => {
    const server = await startServer(undefined, { key, cert: pem('expired') })

    expect(await reply(fetchTransport({ tls: { rejectUnauthorized: false } }), question(server.url))).to.include({
      status: 200,
    })
  })

  it('should show its own certificate', async () => {
    const options = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true }
    const server = await startServer((response) => {
      response.end((response.socket as TLSSocket).getPeerCertificate().subject.CN)
    }, options)

    const known = await reply(fetchTransport({ tls: { ca: cert, cert, key } }), question(server.url))
    const unknown = await failure(fetchTransport({ tls: { ca: cert } }), question(server.url))

    expect(known.body).to.equal('aistore-rx spec')
    expect(unknown.code).to.be.oneOf(['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ECONNRESET'])
    expect(server.requests).to.have.length(1)
  })

  it('should fail for good where the key is no key', async () => {
    const server = await startServer(undefined, { key, cert })

    const { code } = await failure(fetchTransport({ tls: { cert, key: 'no key' } }), question(server.url))

    expect(code).to.match(/^ERR_OSSL_/)
    expect(isCertificateError(code)).to.equal(true)
  })

  it('should tell a server that does not speak TLS', async () => {
    const server = await startServer()

    const { code, message } = await failure(fetchTransport(), question(server.url.replace('http:', 'https:')))

    expect(code).to.be.oneOf(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'])
    expect(isCertificateError(code)).to.equal(true)
    expect(message).to.include('TLS')
  })

  it('should hint at https where a server that speaks TLS hangs up', async () => {
    const server = await startServer(undefined, { key, cert })

    const { code, message } = await failure(fetchTransport(), question(server.url.replace('https:', 'http:')))

    expect(code).to.equal('ECONNRESET')
    expect(message).to.include('https')
  })
})
