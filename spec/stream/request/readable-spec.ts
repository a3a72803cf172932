import { expect } from 'chai'
import { readable } from '../../../lib/request/readable.ts'

// A user may pass a transport of their own, which may emit anything. `readable` checks the reply before it is used.

/** The headers of a reply with these headers, or why the reply is refused. */
const headersOf = (headers: unknown): unknown => {
  const read = readable({ status: 200, headers, body: '' })
  return typeof read === 'string' ? read : { ...read.headers }
}

describe('a reply from a transport of the user', () => {
  it('is used unchanged if it has the form that `Transport` requires', () => {
    const headers = { 'content-type': 'text/plain' }
    const read = readable({ status: 200, headers, body: '{}', more: 1 })
    expect(read).to.deep.equal({ status: 200, headers, body: '{}' })
    expect((read as { headers: object }).headers).to.equal(headers)
    expect(readable({ status: 503, headers, body: '', bodyLost: true })).to.have.property('bodyLost', true)
  })

  for (const [what, headers, expected] of [
    ['numbers', { 'retry-after': 5 }, { 'retry-after': '5' }],
    ['lists', { Via: ['a', 'b'], 'x-one': ['c'] }, { via: 'a, b', 'x-one': 'c' }],
    ['nothing', { 'x-none': undefined, 'x-null': null, 'x-one': '1' }, { 'x-one': '1' }],
    ['names in capitals', { Location: '/x' }, { location: '/x' }],
    ['Headers', new Headers({ Location: '/x' }), { location: '/x' }],
    ['a Map', new Map<string, unknown>([['Retry-After', 7]]), { 'retry-after': '7' }],
  ] as const)
    it(`has its headers converted to texts: ${what}`, () => {
      expect(headersOf(headers)).to.deep.equal(expected)
    })

  for (const [reply, complaint] of [
    [{ status: 200.5, headers: {}, body: '' }, 'its status is 200.5; takes a whole number such as 200'],
    [{ status: '200', headers: {}, body: '' }, 'its status is "200"; takes a whole number such as 200'],
    [{ status: 200, headers: {}, body: 5 }, 'its body is 5; takes a string'],
    [{ status: 200, headers: null, body: '' }, 'its headers are null; takes an object'],
    [{ status: 200, headers: { Via: { a: 1 } }, body: '' }, 'its header "Via" is an object; takes a string'],
    [undefined, 'got undefined'],
  ] as const)
    it(`is refused with an explanation: ${complaint}`, () => expect(readable(reply)).to.equal(complaint))

  it('is refused if reading it throws, and the error is not quoted', () => {
    const reply = {
      get status(): number {
        throw new Error('s3cret')
      },
    }
    expect(readable(reply)).to.equal('it cannot be read')
  })
})
