import { expect } from 'chai'
import { singleFlightOf } from '../../../lib/view/single-flight.ts'
import { isAboutMany, type Query } from '../../../lib/view/evidence.ts'
import { BUSY, FORBIDDEN, UNDECODABLE, ID, NOT_FOUND, failedRequest, listReply, statusReply } from './helpers/facts.ts'

// A query is never in flight twice, and not repeated within 100 ms of its reply.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const STATUS_QUERY: Query = { what: 'status', id: ID }
const LIST_QUERY: Query = { what: 'statuses' }

describe('singleFlightOf', () => {
  it('never admits a query that is in flight', () => {
    const singleFlight = singleFlightOf()
    expect(singleFlight.admit(STATUS_QUERY, 0)).to.equal('admitted')
    expect(singleFlight.admit({ ...STATUS_QUERY }, 50_000)).to.equal(Infinity)
    expect(singleFlight.admit({ what: 'status', id: 'another12' }, 0)).to.equal('admitted')
    expect(singleFlight.isInFlight(STATUS_QUERY)).to.equal(true)
    expect(singleFlight.isInFlight(LIST_QUERY)).to.equal(false)
    expect(singleFlight.size()).to.equal(2)
  })

  it('admits a query again 100 ms after its reply', () => {
    const singleFlight = singleFlightOf()
    singleFlight.admit(STATUS_QUERY, 0)
    singleFlight.replied(statusReply({}, 0, 1_000))
    expect(singleFlight.admit(STATUS_QUERY, 1_000)).to.equal(1_100)
    expect(singleFlight.admit(STATUS_QUERY, 1_099)).to.equal(1_100)
    expect(singleFlight.admit(STATUS_QUERY, 1_100)).to.equal('admitted')
  })

  it('admits a query again at once after its request was cancelled', () => {
    const singleFlight = singleFlightOf()
    singleFlight.admit(STATUS_QUERY, 0)
    singleFlight.cancelled(STATUS_QUERY)
    expect(singleFlight.size()).to.equal(0)
    expect(singleFlight.admit(STATUS_QUERY, 0)).to.equal('admitted')
  })

  it('delays a query after a reply to a request of the user, and keeps its own request in flight', () => {
    const singleFlight = singleFlightOf()
    singleFlight.repliedElsewhere(statusReply({}, 0, 1_000))
    expect(singleFlight.admit(STATUS_QUERY, 1_000)).to.equal(1_100)
    singleFlight.admit(STATUS_QUERY, 1_100)
    singleFlight.repliedElsewhere(statusReply({}, 0, 1_200))
    expect(singleFlight.isInFlight(STATUS_QUERY)).to.equal(true)
  })

  it('forgets the requests about a run that nobody follows any more', () => {
    const singleFlight = singleFlightOf()
    for (const query of [STATUS_QUERY, { what: 'snapshots', id: ID }, LIST_QUERY] as const) singleFlight.admit(query, 0)
    expect([singleFlight.isRunInFlight(ID), singleFlight.isRunInFlight('another12')]).to.deep.equal([true, false])
    singleFlight.cancelledRun(ID)
    expect(singleFlight.isRunInFlight(ID)).to.equal(false)
    expect(singleFlight.isInFlight(LIST_QUERY)).to.equal(true)
    expect(singleFlight.size()).to.equal(1)
  })

  it('distinguishes the query object that it admitted from an equal one that may still be queued', () => {
    const singleFlight = singleFlightOf()
    const [first, second]: readonly Query[] = [{ ...STATUS_QUERY }, { ...STATUS_QUERY }]
    singleFlight.admit(first!, 0)
    singleFlight.cancelledRun(ID)
    singleFlight.admit(second!, 0)
    expect([singleFlight.isAdmitted(first!), singleFlight.isAdmitted(second!)]).to.deep.equal([false, true])
  })

  it('does not send a query about many runs for a minute after an unusable reply', () => {
    const singleFlight = singleFlightOf()
    for (const error of [UNDECODABLE, NOT_FOUND, { ...BUSY, status: 501 }] as const) {
      singleFlight.replied(failedRequest(LIST_QUERY, error, 0, 1_000))
      expect([singleFlight.isUnusable(LIST_QUERY, 60_999), singleFlight.isUnusable(LIST_QUERY, 61_000)]).to.deep.equal([
        true,
        false,
      ])
    }
  })

  it('keeps sending a query about many runs if the failure does not concern the reply', () => {
    const singleFlight = singleFlightOf()
    for (const error of [BUSY, FORBIDDEN]) singleFlight.replied(failedRequest(LIST_QUERY, error, 0))
    singleFlight.replied(listReply([], 0))
    // For a single run, there is no other query.
    singleFlight.replied(failedRequest(STATUS_QUERY, UNDECODABLE, 0))
    expect([singleFlight.isUnusable(LIST_QUERY, 1), singleFlight.isUnusable(STATUS_QUERY, 1)]).to.deep.equal([
      false,
      false,
    ])
  })

  it('forgets everything when it is cleared', () => {
    const singleFlight = singleFlightOf()
    singleFlight.admit(STATUS_QUERY, 0)
    singleFlight.replied(failedRequest(LIST_QUERY, UNDECODABLE, 0))
    singleFlight.clear()
    expect(singleFlight.size()).to.equal(0)
    expect(singleFlight.isUnusable(LIST_QUERY, 1)).to.equal(false)
    expect(singleFlight.admit(LIST_QUERY, 1)).to.equal('admitted')
  })

  it('remembers only the replies that still matter', () => {
    const singleFlight = singleFlightOf()
    for (let n = 0; n <= 10_000; n++) singleFlight.replied(statusReply({}, n, n, `run${n}`))
    expect(singleFlight.admit({ what: 'status', id: 'run0' }, 50)).to.equal('admitted')
    expect(singleFlight.admit({ what: 'status', id: 'run10000' }, 10_050)).to.equal(10_100)
  })
})

describe('isAboutMany', () => {
  it('is true for lists, and for the snapshots of a kind or of all jobs', () => {
    const many: readonly Query[] = [
      LIST_QUERY,
      { what: 'snapshots' },
      { what: 'snapshots', kind: 'lru' },
      { what: 'running' },
      { what: 'map' },
    ]
    expect(many.map(isAboutMany)).to.deep.equal(many.map(() => true))
    expect([STATUS_QUERY, { what: 'snapshots', id: ID } as const].map(isAboutMany)).to.deep.equal([false, false])
  })
})
