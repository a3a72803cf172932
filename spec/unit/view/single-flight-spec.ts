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
    const desk = singleFlightOf()
    expect(desk.admit(STATUS_QUERY, 0)).to.equal('admitted')
    expect(desk.admit({ ...STATUS_QUERY }, 50_000)).to.equal(Infinity)
    expect(desk.admit({ what: 'status', id: 'another12' }, 0)).to.equal('admitted')
    expect([desk.isInFlight(STATUS_QUERY), desk.isInFlight(LIST_QUERY), desk.size()]).to.deep.equal([true, false, 2])
  })

  it('admits a query again 100 ms after its reply', () => {
    const desk = singleFlightOf()
    desk.admit(STATUS_QUERY, 0)
    desk.replied(statusReply({}, 0, 1_000))
    expect(desk.admit(STATUS_QUERY, 1_000)).to.equal(1_100)
    expect(desk.admit(STATUS_QUERY, 1_099)).to.equal(1_100)
    expect(desk.admit(STATUS_QUERY, 1_100)).to.equal('admitted')
  })

  it('admits a query again at once after its request was cancelled', () => {
    const desk = singleFlightOf()
    desk.admit(STATUS_QUERY, 0)
    desk.cancelled(STATUS_QUERY)
    expect(desk.size()).to.equal(0)
    expect(desk.admit(STATUS_QUERY, 0)).to.equal('admitted')
  })

  it('delays a query after a reply to a request of the user, and keeps its own request in flight', () => {
    const desk = singleFlightOf()
    desk.repliedElsewhere(statusReply({}, 0, 1_000))
    expect(desk.admit(STATUS_QUERY, 1_000)).to.equal(1_100)
    desk.admit(STATUS_QUERY, 1_100)
    desk.repliedElsewhere(statusReply({}, 0, 1_200))
    expect(desk.isInFlight(STATUS_QUERY)).to.equal(true)
  })

  it('forgets the requests about a run that nobody follows any more', () => {
    const desk = singleFlightOf()
    for (const query of [STATUS_QUERY, { what: 'snapshots', id: ID }, LIST_QUERY] as const) desk.admit(query, 0)
    expect([desk.isRunInFlight(ID), desk.isRunInFlight('another12')]).to.deep.equal([true, false])
    desk.cancelledRun(ID)
    expect([desk.isRunInFlight(ID), desk.isInFlight(LIST_QUERY), desk.size()]).to.deep.equal([false, true, 1])
  })

  it('distinguishes the query object that it admitted from an equal one that may still be queued', () => {
    const desk = singleFlightOf()
    const [first, second]: readonly Query[] = [{ ...STATUS_QUERY }, { ...STATUS_QUERY }]
    desk.admit(first!, 0)
    desk.cancelledRun(ID)
    desk.admit(second!, 0)
    expect([desk.isAdmitted(first!), desk.isAdmitted(second!)]).to.deep.equal([false, true])
  })

  it('does not send a query about many runs for a minute after an unusable reply', () => {
    const desk = singleFlightOf()
    for (const error of [UNDECODABLE, NOT_FOUND, { ...BUSY, status: 501 }] as const) {
      desk.replied(failedRequest(LIST_QUERY, error, 0, 1_000))
      expect([desk.isUnusable(LIST_QUERY, 60_999), desk.isUnusable(LIST_QUERY, 61_000)]).to.deep.equal([true, false])
    }
  })

  it('keeps sending a query about many runs if the failure does not concern the reply', () => {
    const desk = singleFlightOf()
    for (const error of [BUSY, FORBIDDEN]) desk.replied(failedRequest(LIST_QUERY, error, 0))
    desk.replied(listReply([], 0))
    // For a single run, there is no other query.
    desk.replied(failedRequest(STATUS_QUERY, UNDECODABLE, 0))
    expect([desk.isUnusable(LIST_QUERY, 1), desk.isUnusable(STATUS_QUERY, 1)]).to.deep.equal([false, false])
  })

  it('forgets everything when it is cleared', () => {
    const desk = singleFlightOf()
    desk.admit(STATUS_QUERY, 0)
    desk.replied(failedRequest(LIST_QUERY, UNDECODABLE, 0))
    desk.clear()
    expect([desk.size(), desk.isUnusable(LIST_QUERY, 1), desk.admit(LIST_QUERY, 1)]).to.deep.equal([
      0,
      false,
      'admitted',
    ])
  })

  it('remembers only the replies that still matter', () => {
    const desk = singleFlightOf()
    for (let n = 0; n <= 10_000; n++) desk.replied(statusReply({}, n, n, `run${n}`))
    expect(desk.admit({ what: 'status', id: 'run0' }, 50)).to.equal('admitted')
    expect(desk.admit({ what: 'status', id: 'run10000' }, 10_050)).to.equal(10_100)
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
