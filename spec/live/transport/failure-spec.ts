import { expect } from 'chai'
import { inspect } from 'node:util'
import { isCertificateError } from '../../../lib/transport/certificate.ts'
import { codeOf, INVALID_HEADER } from '../../../lib/transport/failure.ts'
import { systemFailure } from '../../../lib/transport/system-failure.ts'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import { requestTo } from './contract/world.ts'
import { failure } from './helpers/ask.ts'
import { closeServers, startRaw, startServer } from './helpers/recording-server.ts'

// The errors of the default transport: their codes, their texts, and nothing secret in them.

const SECRET = 'canary-5f1d'

/** Every text that a program could log of a failure. */
function everything(error: Error): string {
  return [error.message, error.stack, String(error), inspect(error, { depth: 9, showHidden: true })].join('\n')
}

describe('TransportFailure', () => {
  const transport = fetchTransport()
  afterEach(closeServers)

  for (const value of [`${SECRET}\n`, `${SECRET}\r\nx: y`, `${SECRET}\0`, `${SECRET}€`]) {
    it(`should not quote a header that HTTP cannot carry: ${JSON.stringify(value)}`, async () => {
      const server = await startServer()

      const error = await failure(transport, requestTo(server.url, { headers: { authorization: value } }))

      expect(error.code).to.equal(INVALID_HEADER)
      expect(everything(error)).to.not.include(SECRET)
      expect(server.requests).to.have.length(0)
    })
  }

  it('should not quote the name of an illegal header either', async () => {
    const error = await failure(transport, requestTo('http://127.0.0.1:1', { headers: { [`${SECRET} `]: 'x' } }))

    expect(error.code).to.equal(INVALID_HEADER)
    expect(everything(error)).to.not.include(SECRET)
  })

  it('should not quote URL, body, header or reply of a request that failed', async () => {
    const { port } = await startRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${SECRET}\r\n\r\n${SECRET}`))
    for (const origin of [`127.0.0.1:${String(port)}`, '127.0.0.1:1', 'aistore-rx.invalid', '[']) {
      const request = requestTo(`http://user:${SECRET}@${origin}/${SECRET}?q=${SECRET}`, {
        headers: { authorization: SECRET },
        body: SECRET,
      })
      expect(everything(await failure(transport, request)), origin).to.not.include(SECRET)
    }
  })

  it('reports that nothing was sent if the server refused the certificate of the client', () => {
    for (const [code, nothingSent] of [
      ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
      ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', true],
      ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', true],
      ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', false],
      ['ECONNRESET', false],
    ] as const)
      expect(systemFailure(code).nothingSent, code).to.equal(nothingSent)
  })

  it('should have a sentence for every code, and no cause', () => {
    for (const code of ['ECONNRESET', 'CERT_HAS_EXPIRED', 'HPE_INVALID_CONSTANT', 'Z_DATA_ERROR', 'EWHATEVER']) {
      const error = systemFailure(code)
      expect(error.message, code).to.match(/^[a-z]+( \S+)+$/)
      expect(error).to.include({ name: 'TransportFailure', code }).and.to.not.have.property('cause')
    }
    for (const code of ['__proto__', 'constructor']) {
      expect(systemFailure(code).message).to.equal('the request failed')
    }
  })

  for (const [code, message] of [
    ['EAI_FAIL', /name of the host could not be looked up/],
    ['ESERVFAIL', /name of the host could not be looked up/],
    ['ENOTFOUND', /no host of this name/],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', /not valid HTTP/],
    ['HPE_HEADER_OVERFLOW', /headers of the reply are too long/],
    ['Z_BUF_ERROR', /cannot be inflated/],
    ['CERT_HAS_EXPIRED', /certificate was not accepted/],
    ['EADDRNOTAVAIL', /no free port/],
    ['EINVAL', /cannot connect to this address/],
    ['EPROTO', /older than 1\.2/],
    ['ERR_SSL_BAD_RECORD_TYPE', /the TLS connection failed/],
    ['ERR_INVALID_IP_ADDRESS', /name service/],
    ['ERR_PROXY_TUNNEL', /proxy did not open a tunnel/],
    ['EWHATEVER', /the request failed/],
  ] as const)
    it(`should say what ${code} means, without the code, which stands beside the message`, () =>
      expect(systemFailure(code).message).to.match(message).and.not.contain(code))
})

describe('the advice about a connection that was reset', () => {
  it('names the scheme that the address does not have', () => {
    expect(systemFailure('ECONNRESET').message).to.contain('should it be https instead of http?')
    expect(systemFailure('ECONNRESET', true).message).to.contain('should it be http instead of https?')
    expect(systemFailure('ECONNRESET', false, true).message).to.equal(
      'the connection was closed before a reply arrived',
    )
  })
})

describe('isCertificateError', () => {
  for (const code of [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'EPROTO',
  ]) {
    it(`should be true of ${code}`, () => expect(isCertificateError(code)).to.equal(true))
  }

  for (const code of ['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EUNKNOWN', 'REPLY_TOO_LARGE', 'NOT_CERT_', '']) {
    it(`should be false of ${JSON.stringify(code)}`, () => expect(isCertificateError(code)).to.equal(false))
  }
})

describe('codeOf', () => {
  it('should find a code in the error or in its cause', () => {
    expect(codeOf(Object.assign(new Error(), { code: 'ECONNRESET' }))).to.equal('ECONNRESET')
    expect(codeOf(new TypeError('fetch failed', { cause: { code: 'UND_ERR_SOCKET' } }))).to.equal('UND_ERR_SOCKET')
  })

  it('should use no other value as the code', () => {
    const circle: { cause?: unknown } = {}
    circle.cause = circle
    const others = [undefined, null, 'ECONNRESET', { code: 20 }, { code: `Bearer ${SECRET}` }, { code: 'x' }, circle]
    expect(others.map(codeOf)).to.deep.equal(others.map(() => 'EUNKNOWN'))
  })
})
