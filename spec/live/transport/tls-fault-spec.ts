import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { isCertificateError } from '../../../lib/transport/certificate.ts'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import { tlsFault } from '../../../lib/transport/tls-fault.ts'
import type { TlsOptions } from '../../../lib/transport/tls.ts'
import { failure, requestTo } from './contract/world.ts'

// `tlsFault` says why TLS options cannot be used, before anything is sent.

const pem = (name: string): string =>
  readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), { encoding: 'utf8' })
const [ca, key] = [pem('self-signed'), pem('key')]
const bytes = new TextEncoder().encode(ca)

describe('tlsFault', () => {
  for (const [what, options] of [
    ['an empty object', {}],
    ['an authority', { ca }],
    ['bytes', { ca: bytes }],
    ['a list', { ca: [ca, bytes] }],
    ['a text of several authorities with words between them', { ca: `# ours\n${ca}\n# theirs\n${pem('other-name')}` }],
    ['a certificate and its key', { cert: ca, key }],
    ['a check that is switched off', { rejectUnauthorized: false }],
  ] satisfies [string, TlsOptions][])
    it(`finds nothing wrong with ${what}`, () => expect(tlsFault(options)).to.equal(undefined))

  for (const [what, options, complaint] of [
    ['a text that is no PEM', { ca: 'canary' }, /^got a ca that is no PEM; takes/],
    ['an empty text', { ca: '' }, /^got a ca that is no PEM/],
    ['an empty list', { ca: [] }, /^got a ca that is no PEM/],
    ['a list with a text that is no PEM', { ca: [ca, 'canary'] }, /^got a ca that is no PEM/],
    ['a key as an authority', { ca: key }, /^got a ca without a certificate/],
    ['a PEM that is cut', { ca: ca.slice(0, 200) }, /^got a ca without a certificate/],
    ['a number', { ca: 3 }, /^got a ca that is no PEM/],
    ['a key that is no PEM', { cert: ca, key: 'canary' }, /^got a key that is no PEM/],
    ['a key that is broken', { cert: ca, key: '-----BEGIN PRIVATE KEY-----\ncanary' }, /^got a cert or a key/],
    ['a switch that is a text', { rejectUnauthorized: 'false' }, /^got a rejectUnauthorized that is no boolean/],
  ] as const)
    it(`refuses ${what}`, () => {
      const fault = tlsFault(options as unknown as TlsOptions)
      expect(fault).to.match(complaint)
      expect(fault).to.include('takes ').and.not.include('canary')
    })
})

describe('fetchTransport with TLS options that cannot be used', () => {
  it('fails permanently, and sends nothing', async () => {
    const transport = fetchTransport({ tls: { cert: ca, key: 'no key' } })
    const { code, nothingSent } = await failure(transport, requestTo('https://127.0.0.1:1/'))
    expect(code).to.match(/^ERR_OSSL_/)
    expect(isCertificateError(code)).to.equal(true)
    expect(nothingSent).to.equal(true)
  })
})
