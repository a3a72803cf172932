import { expect } from 'chai'
import fc from 'fast-check'
import { ErrorBody, isOfAIStore } from '../../../lib/codec/error-body.ts'
import { wireErrorBody } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The body of a refusal. It shows whether the cluster or an intermediary has refused.

const anyErrorBody: fc.Arbitrary<ErrorBody> = fc.record(
  {
    tcode: fc.string(),
    message: fc.string(),
    method: fc.string(),
    urlPath: fc.string(),
    remoteAddr: fc.string(),
    caller: fc.string(),
    node: fc.string(),
    status: fc.nat(),
  },
  { requiredKeys: ['message'], noNullPrototype: true },
)

describe('ErrorBody', () => {
  itIsLawful({ codec: ErrorBody, wire: wireErrorBody, value: anyErrorBody })

  it('requires only a message', () => {
    expect(decoded(ErrorBody, { message: 'no' })).to.deep.equal({ message: 'no' })
    for (const garbage of [{}, { message: 1 }, { tcode: 'ErrBusy' }, [], 'no', null])
      expect(refuses(ErrorBody, garbage), JSON.stringify(garbage)).to.equal(true)
  })

  it('drops members of a wrong type instead of refusing the whole body', () => {
    expect(decoded(ErrorBody, { tcode: 5, message: 'no', node: null, status: '409', extra: 1 })).to.deep.equal({
      message: 'no',
    })
  })
})

describe('an error body', () => {
  const ownBodies = [
    { message: 'no', status: 404 },
    { message: 'no', tcode: 'ErrBusy' },
    { message: 'no', method: 'GET', url_path: '/v1/cluster', remote_addr: '', caller: '', node: 'p[p1]', status: 404 },
    { message: 'no', node: 'p[p1]', status: 404, member: 'of a newer server' },
  ]
  for (const body of ownBodies)
    it(`is AIStore's: ${JSON.stringify(body)}`, () => {
      expect(isOfAIStore(body)).to.equal(true)
    })

  const foreignBodies = [
    { message: 'no Route matched with those values' },
    { message: 'no Route matched', request_id: '1' },
    { timestamp: '2026', status: 404, error: 'Not Found', message: 'No message available', path: '/v1/cluster' },
    { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'not found', reason: 'NotFound', code: 404 },
    { error: 'no route' },
    { node: 'p[p1]', status: 404 },
    ['message'],
    'message',
    null,
  ]
  for (const body of foreignBodies)
    it(`is from an intermediary: ${JSON.stringify(body)}`, () => {
      expect(isOfAIStore(body)).to.equal(false)
    })
})
