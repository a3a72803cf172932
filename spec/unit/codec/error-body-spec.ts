import { expect } from 'chai'
import fc from 'fast-check'
import { ErrorBody } from '../../../lib/codec/error-body.ts'
import { wireErrorBody } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

const value: fc.Arbitrary<ErrorBody> = fc.record(
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
  itIsLawful({ codec: ErrorBody, wire: wireErrorBody, value })

  it('requires a message and nothing else', () => {
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
