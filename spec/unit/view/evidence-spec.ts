import { expect } from 'chai'
import { attemptOf, hasFailed, keyOf, type Query } from '../../../lib/view/evidence.ts'
import { BUSY, UNDECODABLE, ID, NOT_FOUND, NOT_JSON, failedRequest, statusReply, unknownToIc } from './helpers/facts.ts'
import { defined } from '../../../lib/common/defined.ts'

// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const QUERIES: readonly Query[] = [
  { what: 'status', id: 'a' },
  { what: 'status', id: 'b' },
  { what: 'newest', selection: { ids: [], kind: 'lru', onlyRunning: false } },
  { what: 'newest', selection: { ids: [], kind: 'lru', onlyRunning: true } },
  { what: 'statuses' },
  { what: 'snapshots' },
  { what: 'snapshots', id: 'a' },
  { what: 'snapshots', kind: 'a' },
  { what: 'snapshots', id: 'a', kind: 'a' },
  { what: 'snapshots', onlyRunning: true },
  { what: 'running' },
  { what: 'map' },
]

describe('keyOf', () => {
  it('differs between any two different queries', () => {
    expect(new Set(QUERIES.map(keyOf)).size).to.equal(QUERIES.length)
  })

  it('is the same for the same query', () => {
    expect(QUERIES.map((query) => keyOf({ ...query }))).to.deep.equal(QUERIES.map(keyOf))
  })
})

describe('attemptOf', () => {
  const status = { what: 'status', id: ID } as const

  it('keeps the times of the request and the reply, and the error', () => {
    expect(attemptOf(statusReply({}, 1, 2), undefined)).to.deep.equal({ sentMs: 1, atMs: 2, decodeFailures: [] })
    expect(attemptOf(failedRequest(status, BUSY, 1, 2), undefined)).to.deep.equal({
      sentMs: 1,
      atMs: 2,
      error: BUSY,
      decodeFailures: [],
    })
  })

  it('keeps the request times of the last three replies that could not be decoded, until one can be', () => {
    const log = [UNDECODABLE, NOT_JSON, BUSY, UNDECODABLE, UNDECODABLE, UNDECODABLE].map((error, n) =>
      failedRequest(status, error, n),
    )
    const counts: (readonly number[])[] = []
    log.reduce<ReturnType<typeof attemptOf> | undefined>((before, piece) => {
      const next = attemptOf(piece, before)
      counts.push(next.decodeFailures)
      return next
    }, undefined)
    expect(counts).to.deep.equal([[0], [0], [0], [0, 3], [0, 3, 4], [3, 4, 5]])
    expect(attemptOf(statusReply({}, 0), { sentMs: 0, atMs: 0, decodeFailures: [0, 0] }).decodeFailures).to.deep.equal(
      [],
    )
  })
})

describe('hasFailed', () => {
  it('is true for an attempt without an answer; a 404 is an answer', () => {
    const of = (error?: typeof BUSY): boolean =>
      hasFailed({ sentMs: 0, atMs: 0, decodeFailures: [], ...defined({ error }) })
    expect([of(), of(NOT_FOUND), of(BUSY), of(UNDECODABLE)]).to.deep.equal([false, false, true, true])
    expect(hasFailed(attemptOf(unknownToIc(0), undefined))).to.equal(false)
  })
})
