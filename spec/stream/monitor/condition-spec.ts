import { expect } from 'chai'
import fc from 'fast-check'
import type { JobError } from '../../../lib/error.ts'
import { fold, initialCondition, withOverdue, withoutOverdue, type Health } from '../../../lib/monitor/condition.ts'
import type { Traffic } from '../../../lib/monitor/traffic.ts'
import { defined } from '../../../lib/common/defined.ts'
import { casesOf } from '../../fuzz/seed.ts'

// `health` as a function of the traffic: each piece is a request with its endpoint, duration and error.

const [P1, P2, P3] = ['http://p1', 'http://p2', 'http://p3'] as const
const statusRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const snapshotsRequest = { ...statusRequest, query: 'what=qryxstats' }

const refused: JobError = {
  _tag: 'TransportError',
  code: 'ECONNREFUSED',
  message: 'no',
  permanent: false,
  request: statusRequest,
}
const timedOut: JobError = { _tag: 'RequestTimeout', afterMs: 30_000, request: statusRequest }
const httpError = (status: number, code?: string): JobError => ({
  _tag: 'HttpError',
  status,
  message: 'oops',
  request: statusRequest,
  ...defined({ code }),
})

/** A request that ended at this time; by default `p1` has replied to it at once. */
const requestAt = (atMs: number, more: Partial<Traffic> = {}): Traffic => ({
  atMs,
  wallMs: atMs,
  tookMs: 0,
  endpoint: P1,
  route: more.endpoint === undefined || more.endpoint === P1 ? 'first' : 'other',
  request: statusRequest,
  isLast: true,
  ...more,
})

/** All changes of the health that the traffic causes. */
function changesOf(traffic: readonly Traffic[], endpoints: readonly string[] = [P1, P2]): readonly Health[] {
  const changes: Health[] = []
  let condition = initialCondition(endpoints)
  for (const one of traffic) {
    const { health } = condition
    condition = fold(condition, one)
    if (condition.health !== undefined && condition.health !== health) changes.push(condition.health)
  }
  return changes
}

/** Each state with the time of the change, such as `degraded@1000`. */
const statesOf = (traffic: readonly Traffic[], endpoints?: readonly string[]): readonly string[] =>
  changesOf(traffic, endpoints).map(({ state, sinceMs }) => `${state}@${sinceMs}`)

describe('the health of a cluster, from its traffic', () => {
  it('is connected while the first endpoint replies, and changes once', () => {
    expect(changesOf([requestAt(5), requestAt(10), requestAt(15)])).to.deep.equal([
      { state: 'connected', endpoint: P1, sinceMs: 5 },
    ])
  })

  it('is not changed by a single failure', () => {
    for (const error of [refused, httpError(503), httpError(500), httpError(400, 'ErrFailedTo')])
      expect(
        statesOf([requestAt(5), requestAt(10, { error }), requestAt(15), requestAt(20, { error }), requestAt(25)]),
      ).to.deep.equal(['connected@5'])
  })

  const failures: readonly (readonly [what: string, error: JobError])[] = [
    ['500', httpError(500)],
    ['503', httpError(503)],
    ['429', httpError(429)],
    ['ErrFailedTo (T27)', httpError(400, 'ErrFailedTo')],
    [
      'an unreachable target in the words of Go',
      {
        _tag: 'HttpError',
        status: 400,
        code: 'Error',
        message: 'Get "http://t1:1/v1/download": EOF',
        request: statusRequest,
      },
    ],
    ['a refused token', { _tag: 'Unauthorized', status: 401, message: 'expired', request: statusRequest }],
    [
      'a reply that is not JSON',
      { _tag: 'DecodeError', problems: ['(root): not JSON'], notJson: true, request: statusRequest },
    ],
    ['a refused redirect', { _tag: 'RedirectRefused', location: 'http://evil/', request: statusRequest }],
  ]
  for (const [what, error] of failures)
    it(`is degraded after two consecutive failures: ${what}`, () => {
      const all = [
        requestAt(5),
        requestAt(10, { error }),
        requestAt(15, { error }),
        requestAt(20, { error }),
        requestAt(25),
      ]
      expect(statesOf(all)).to.deep.equal(['connected@5', 'degraded@15', 'connected@25'])
    })

  const harmless: readonly (readonly [what: string, error: JobError])[] = [
    ['404', { _tag: 'NotFound', message: 'x', request: statusRequest }],
    ['400', httpError(400)],
    ['403', { _tag: 'Unauthorized', status: 403, message: 'no', request: statusRequest }],
    ['409', httpError(409)],
    ['a reply that is too large', { _tag: 'ReplyTooLarge', limitBytes: 7, request: statusRequest }],
  ]
  for (const [what, error] of harmless)
    it(`is connected after ${what}`, () => {
      expect(statesOf([requestAt(5, { error }), requestAt(10, { error })])).to.deep.equal(['connected@5'])
    })

  it('is degraded after one request that takes 5 s, with or without a reply, until the next fast reply', () => {
    const slow = requestAt(20_000, { tookMs: 5000 })
    expect(changesOf([requestAt(5), slow, requestAt(20_001)])).to.deep.equal([
      { state: 'connected', endpoint: P1, sinceMs: 5 },
      { state: 'degraded', endpoint: P1, reason: 'GET /v1/cluster?what=status took 5 s', sinceMs: 20_000 },
      { state: 'connected', endpoint: P1, sinceMs: 20_001 },
    ])
    expect(statesOf([requestAt(5), requestAt(20_000, { tookMs: 4999 })])).to.deep.equal(['connected@5'])
    expect(statesOf([requestAt(5), requestAt(40_000, { tookMs: 30_000, error: timedOut })])).to.deep.equal([
      'connected@5',
      'degraded@40000',
    ])
  })

  it('stays degraded while one request fails and others succeed (T27)', () => {
    const failed = (atMs: number): Traffic =>
      requestAt(atMs, {
        request: snapshotsRequest,
        error: { ...httpError(400, 'ErrFailedTo'), request: snapshotsRequest } as JobError,
      })
    const both = [10, 20, 30, 40].flatMap((ms) => [requestAt(ms), failed(ms + 1)])
    expect(statesOf([...both, requestAt(50), requestAt(51, { request: snapshotsRequest })])).to.deep.equal([
      'connected@10',
      'degraded@21',
      'connected@51',
    ])
    expect(changesOf(both)[1]?.reason).to.equal('GET /v1/cluster?what=qryxstats failed with HTTP 400 ErrFailedTo: oops')
  })

  it('treats the same request for different buckets as one request', () => {
    const start = (atMs: number, bucket: string): Traffic =>
      requestAt(atMs, { request: { method: 'POST', path: `/v1/buckets/${bucket}`, query: '' }, error: httpError(500) })
    expect(statesOf([requestAt(0), start(10, 'a'), start(20, 'b')])).to.deep.equal(['connected@0', 'degraded@20'])
  })

  it('forgets a request that is not sent any more', () => {
    const failed = (atMs: number): Traffic => requestAt(atMs, { request: snapshotsRequest, error: httpError(500) })
    const traffic = [requestAt(0), failed(10), failed(20), requestAt(60_019), requestAt(60_020)]
    expect(statesOf(traffic)).to.deep.equal(['connected@0', 'degraded@20', 'connected@60020'])
    // Two failures that are far apart are not consecutive.
    expect(statesOf([requestAt(0), failed(10), requestAt(60_100), failed(60_200)])).to.deep.equal(['connected@0'])
  })

  it('counts failures that were in flight at the same time as one', () => {
    const together = Array.from({ length: 9 }, () => requestAt(30, { tookMs: 10, error: refused }))
    expect(statesOf([requestAt(5), ...together], [P1])).to.deep.equal(['connected@5'])
    const next = (atMs: number): Traffic => requestAt(atMs, { error: refused })
    expect(statesOf([requestAt(5), ...together, next(40), next(40), next(50)], [P1])).to.deep.equal([
      'connected@5',
      'degraded@40',
      'unreachable@50',
    ])
  })

  it('is failed over when another endpoint replies, with the error of the first as the reason', () => {
    const traffic = [
      requestAt(5),
      requestAt(10, { error: refused, isLast: false }),
      requestAt(10, { endpoint: P2 }),
      requestAt(15, { endpoint: P2 }),
      requestAt(20),
    ]
    expect(changesOf(traffic)).to.deep.equal([
      { state: 'connected', endpoint: P1, sinceMs: 5 },
      {
        state: 'failed-over',
        endpoint: P2,
        sinceMs: 10,
        reason: 'GET /v1/cluster?what=status failed: no (ECONNREFUSED)',
      },
      { state: 'connected', endpoint: P1, sinceMs: 20 },
    ])
  })

  it('changes when the second endpoint fails, too, and can be degraded at the third', () => {
    const traffic = [
      requestAt(5, { error: refused, isLast: false }),
      requestAt(5, { endpoint: P2 }),
      requestAt(10, { endpoint: P2, error: refused, isLast: false }),
      requestAt(10, { endpoint: P3 }),
      requestAt(15, { endpoint: P3, error: httpError(500) }),
      requestAt(20, { endpoint: P3, error: httpError(500) }),
      requestAt(25, { endpoint: P3 }),
    ]
    expect(
      changesOf(traffic).map(({ state, endpoint, sinceMs }) => [state, endpoint.slice('http://'.length), sinceMs]),
    ).to.deep.equal([
      ['failed-over', 'p2', 5],
      ['failed-over', 'p3', 10],
      ['degraded', 'p3', 20],
      ['failed-over', 'p3', 25],
    ])
  })

  it('is failed over with a general reason if no error is known', () => {
    expect(changesOf([requestAt(5), requestAt(10, { endpoint: P2 })])[1]).to.deep.equal({
      state: 'failed-over',
      endpoint: P2,
      sinceMs: 10,
      reason: 'the endpoint that was given first did not answer',
    })
  })

  it('keeps the reason of the failover, whatever happens at the other endpoint or in the IC', () => {
    const traffic = [
      requestAt(5, { error: refused, isLast: false }),
      requestAt(5, { endpoint: P2 }),
      requestAt(10, { endpoint: P2, error: httpError(500) }),
      requestAt(15, { endpoint: P2 }),
    ]
    expect(changesOf(traffic)).to.have.lengthOf(1)
    const ic = requestAt(10, { endpoint: P3, route: 'ic', error: refused })
    expect(changesOf([requestAt(5), ic, requestAt(15, { endpoint: P2 })])[1]?.reason).to.contain('given first')
  })

  it('is not affected when the wall clock is set, and has no time before the last one', () => {
    const failed = (atMs: number, wallMs: number): Traffic => requestAt(atMs, { wallMs, error: httpError(500) })
    for (const [stepMs, shownMs] of [
      [-86_400_000, 100_000],
      [86_400_000, 86_500_010],
    ] as const) {
      const traffic = [requestAt(100_000), failed(100_005, 100_005), failed(100_010, 100_010 + stepMs)]
      expect(statesOf(traffic)).to.deep.equal(['connected@100000', `degraded@${shownMs}`])
    }
  })

  it('is not failed over by the reply of an IC member', () => {
    const ic = (atMs: number): Traffic => requestAt(atMs, { endpoint: P2, route: 'ic' })
    expect(changesOf([requestAt(5), ic(10), requestAt(15), ic(20)])).to.deep.equal([
      { state: 'connected', endpoint: P1, sinceMs: 5 },
    ])
    const failedOver = [requestAt(5, { error: refused, isLast: false }), requestAt(5, { endpoint: P2 })]
    expect(statesOf([...failedOver, ic(10), requestAt(15, { endpoint: P2 })])).to.deep.equal(['failed-over@5'])
  })

  describe('without replies', () => {
    const unanswered = (atMs: number, endpoint: string, isLast = true): Traffic =>
      requestAt(atMs, { endpoint, isLast, error: refused })
    const bothUnanswered = (atMs: number): readonly Traffic[] => [unanswered(atMs, P1, false), unanswered(atMs, P2)]

    it('is degraded after two requests and unreachable after three, until any reply', () => {
      const traffic = [
        requestAt(5),
        ...bothUnanswered(10),
        ...bothUnanswered(20),
        ...bothUnanswered(30),
        ...bothUnanswered(40),
        requestAt(50),
      ]
      expect(changesOf(traffic)).to.deep.equal([
        { state: 'connected', endpoint: P1, sinceMs: 5 },
        ...(['degraded', 'unreachable'] as const).map((state, i) => ({
          state,
          endpoint: P1,
          sinceMs: 20 + 10 * i,
          reason: 'GET /v1/cluster?what=status failed: no (ECONNREFUSED)',
        })),
        { state: 'connected', endpoint: P1, sinceMs: 50 },
      ])
    })

    it('counts requests, not the endpoints that each was sent to', () => {
      const one = (atMs: number): readonly Traffic[] =>
        [P1, P2].map((endpoint, nth) =>
          requestAt(atMs + 2 * nth, { endpoint, tookMs: 1, error: refused, isLast: nth === 1 }),
        )
      expect(statesOf([requestAt(5), ...one(10), ...one(20), requestAt(30)])).to.deep.equal([
        'connected@5',
        'degraded@22',
        'connected@30',
      ])
    })

    it('is unreachable after two requests that took 30 s together', () => {
      const late = (atMs: number): Traffic => requestAt(atMs, { tookMs: 15_000, error: timedOut })
      expect(statesOf([requestAt(5), late(20_000), late(35_001)], [P1])).to.deep.equal([
        'connected@5',
        'degraded@20000',
        'unreachable@35001',
      ])
      expect(statesOf([requestAt(5), late(20_000), late(34_999)], [P1])).to.deep.equal([
        'connected@5',
        'degraded@20000',
      ])
    })

    it('is not unreachable before each endpoint was tried', () => {
      const traffic = [requestAt(5), unanswered(10, P1), unanswered(20, P1), unanswered(30, P1), unanswered(40, P2)]
      expect(statesOf(traffic)).to.deep.equal(['connected@5', 'degraded@20', 'unreachable@40'])
    })

    it('is only degraded while any endpoint replies 503', () => {
      const half = (atMs: number): readonly Traffic[] => [
        requestAt(atMs, { isLast: false, error: httpError(503) }),
        unanswered(atMs, P2),
      ]
      expect(statesOf([requestAt(5), ...[10, 20, 30, 40, 50].flatMap(half)])).to.deep.equal(['connected@5'])
      const dead = [requestAt(5), ...bothUnanswered(10), ...bothUnanswered(20), ...bothUnanswered(30)]
      expect(statesOf([...dead, requestAt(40, { error: httpError(503) }), requestAt(50)]).slice(2)).to.deep.equal([
        'unreachable@30',
        'degraded@40',
        'connected@50',
      ])
    })
  })

  it('is degraded as soon as the very first request fails', () => {
    expect(statesOf([requestAt(5, { error: refused }), requestAt(6)])).to.deep.equal(['degraded@5', 'connected@6'])
    expect(statesOf([requestAt(5, { error: refused, isLast: false })])).to.deep.equal([])
  })

  it('does not change between the codes that one unreachable target causes', () => {
    const download = { ...statusRequest, path: '/v1/download', query: '' }
    const message = 'Get "http://t1:1/v1/download": EOF'
    const byGo: JobError = { _tag: 'HttpError', status: 400, code: 'Error', message, request: download }
    const traffic = [5, 15, 25, 35].flatMap((ms) => [
      requestAt(ms, { error: httpError(400, 'ErrFailedTo') }),
      requestAt(ms + 5, { error: byGo, request: download }),
    ])
    expect(statesOf(traffic)).to.deep.equal(['degraded@5'])
  })

  it('changes for another kind of reason, but not for another text of the same kind', () => {
    const failureAt = (atMs: number, message: string, status = 500): Traffic =>
      requestAt(atMs, { error: { _tag: 'HttpError', status, message, request: statusRequest } })
    const traffic = [failureAt(5, 'a'), failureAt(10, 'b'), failureAt(15, 'c'), failureAt(20, 'd', 501)]
    expect(changesOf(traffic).map(({ reason, sinceMs }) => `${reason?.slice(-6) ?? ''}@${sinceMs}`)).to.deep.equal([
      '500: a@5',
      '501: d@5',
    ])
  })

  // Random traffic.

  const MOST_TRAFFIC = 60
  /** Late enough for clocks that go back. */
  const TRAFFIC_BEGINS_MS = 200_000

  /** A repeated value is more likely. */
  const anyError = fc.constantFrom(
    undefined,
    undefined,
    refused,
    timedOut,
    httpError(503),
    httpError(500),
    httpError(400, 'ErrFailedTo'),
  )
  const anyPiece = fc.record({
    /** The time since the last piece; negative if replies are reported out of order. */
    gapMs: fc.constantFrom(-5, 0, 1, 1000, 30_000, 100_000),
    /** By how much the wall clock is set before this piece. */
    stepMs: fc.constantFrom(0, 0, 0, 0, -86_400_000, 86_400_000),
    tookMs: fc.constantFrom(0, 0, 5, 12_000),
    endpoint: fc.constantFrom(P1, P2, P3),
    ic: fc.boolean(),
    request: fc.constantFrom(statusRequest, snapshotsRequest),
    error: anyError,
    isLast: fc.boolean(),
  })
  const anyTraffic = fc.array(anyPiece, { maxLength: MOST_TRAFFIC }).map((pieces) => {
    let now = TRAFFIC_BEGINS_MS
    let wallOffsetMs = 0
    return pieces.map(({ gapMs, stepMs, ic, error, ...rest }): Traffic => {
      now += gapMs
      wallOffsetMs += stepMs
      const wallMs = now + wallOffsetMs
      const directRoute = rest.endpoint === P1 ? 'first' : 'other'
      const route = ic ? 'ic' : directRoute
      return { ...rest, isLast: rest.isLast || error === undefined, atMs: now, wallMs, route, ...(error && { error }) }
    })
  })

  it('has no two equal consecutive values, and times that never go back, for any traffic (I12)', () => {
    fc.assert(
      fc.property(anyTraffic, (traffic) => {
        const changes = changesOf(traffic)
        changes.forEach((health, nth) => {
          const before = changes[nth - 1]
          if (before === undefined) return
          const { sinceMs, reason, ...rest } = health
          const { sinceMs: sinceBefore, reason: reasonBefore, ...restBefore } = before
          const isOther = JSON.stringify(rest) !== JSON.stringify(restBefore)
          expect(isOther || reason !== reasonBefore, 'equal').to.equal(true)
          expect(sinceMs).to.be.at.least(sinceBefore)
          if (!isOther) expect(sinceMs).to.equal(sinceBefore)
        })
        for (const { state, endpoint, reason } of changes) {
          expect(state === 'connected', 'only the state connected has no reason').to.equal(reason === undefined)
          if (state === 'connected') expect(endpoint).to.equal(P1)
          if (state === 'failed-over') expect(endpoint).not.to.equal(P1)
        }
      }),
      { numRuns: casesOf(500) },
    )
  })

  it('is connected after any traffic once each request succeeds', () => {
    fc.assert(
      fc.property(anyTraffic, (traffic) => {
        const last = Math.max(TRAFFIC_BEGINS_MS, ...traffic.map(({ atMs }) => atMs))
        const recovered = [...traffic, requestAt(last + 1), requestAt(last + 2, { request: snapshotsRequest })]
        expect(changesOf(recovered).at(-1)).to.include({ state: 'connected', endpoint: P1 })
      }),
    )
  })

  it('is not unreachable right after a reply', () => {
    fc.assert(
      fc.property(anyTraffic, (traffic) => {
        let condition = initialCondition([P1, P2, P3])
        for (const one of traffic) {
          condition = fold(condition, one)
          if (one.isLast && one.error === undefined) expect(condition.health?.state).not.to.equal('unreachable')
        }
      }),
    )
  })

  it('is degraded while a request is overdue, unless the cluster is unreachable', () => {
    const flight = { request: snapshotsRequest, sentMs: 10 }
    const overdue = withOverdue(fold(initialCondition([P1]), requestAt(5)), flight, 5010, 5010)
    expect(overdue.health).to.deep.equal({
      state: 'degraded',
      endpoint: P1,
      sinceMs: 5010,
      reason: 'GET /v1/cluster?what=qryxstats has been in flight for 5 s',
    })
    const both = [requestAt(5020), requestAt(5030, { request: snapshotsRequest })].reduce(fold, overdue)
    expect(both.health?.state).to.equal('degraded')
    expect(fold(withoutOverdue(both, flight), requestAt(5040)).health?.state).to.equal('connected')
    const dead = [10, 20, 30].reduce(
      (before, ms) => fold(before, requestAt(ms, { error: refused })),
      initialCondition([P1]),
    )
    expect(withOverdue(dead, flight, 5010, 5010).health).to.equal(dead.health)
  })

  it('does not change for the slow reply of an overdue request', () => {
    const flight = { request: statusRequest, sentMs: 10 }
    const overdue = withOverdue(fold(initialCondition([P1]), requestAt(5)), flight, 5010, 5010)
    const answered = withoutOverdue(fold(overdue, requestAt(20_010, { tookMs: 20_000 })), flight)
    expect(answered.health).to.equal(overdue.health)
    expect(fold(answered, requestAt(20_020)).health?.state).to.equal('connected')
  })

  it('is connected after any overdue requests, once they are over and each request succeeds', () => {
    fc.assert(
      fc.property(anyTraffic, fc.array(fc.nat(MOST_TRAFFIC)), (traffic, overdueAfter) => {
        let condition = initialCondition([P1, P2])
        const flights = traffic.map(({ request, atMs }) => ({ request, sentMs: atMs - 5000 }))
        traffic.forEach((one, nth) => {
          condition = fold(condition, one)
          const flight = flights[nth]
          if (flight === undefined || !overdueAfter.includes(nth)) return
          condition = withOverdue(condition, flight, one.atMs, one.wallMs)
          expect(condition.health?.state).to.be.oneOf(['degraded', 'unreachable'])
        })
        for (const flight of flights) condition = withoutOverdue(condition, flight)
        const last = Math.max(TRAFFIC_BEGINS_MS, ...traffic.map(({ atMs }) => atMs))
        for (const one of [requestAt(last + 1), requestAt(last + 2, { request: snapshotsRequest })])
          condition = fold(condition, one)
        expect(condition.health?.state).to.equal('connected')
      }),
    )
  })

  it('keeps a bounded number of requests', () => {
    let condition = initialCondition([P1])
    for (let ms = 0; ms < 100_000; ms += 100) {
      const error = httpError(500)
      condition = fold(condition, requestAt(ms, { request: { ...statusRequest, query: `what=${ms}` }, error }))
    }
    expect(Object.keys(condition.bad).length).to.be.within(2, 21)
  })
})
