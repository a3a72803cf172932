import { expect } from 'chai'
import { NEVER, config, map, timer } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import type { LogEvent } from '../../../lib/common/log.ts'
import { status } from '../../../lib/queries.ts'
import { start } from '../../../lib/commands.ts'
import { watchStatus } from '../../../lib/watch.ts'
import { marbles } from '../../helpers/marbles.ts'
import { refusal, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, failing, only, scripted, type Reply, type Scripted } from '../../helpers/scripted.ts'

// A cluster value may have several endpoints. A request that fails goes to the next one.

const statusRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const decodedStatus = right({ id: 'g1', kind: 'lru', err: '', aborted: false })

const THREE_ENDPOINTS = ['http://p1', 'http://p2', 'http://p3'] as const
/** The host of each request, such as `p1 p2`. */
const hosts = ({ requests }: Scripted): string => requests.map(({ origin }) => origin.slice('http://'.length)).join(' ')

/** Endpoints with their own replies. All others reply successfully. */
const endpoints = (bad: Readonly<Record<string, Reply>>): Scripted =>
  scripted(({ origin }) => bad[origin] ?? statusReply)

describe('failover between endpoints', () => {
  it('does not happen while the first endpoint replies', () => {
    const sent = endpoints({})
    const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
    for (let i = 0; i < 3; i++) expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(decodedStatus)
    expect(hosts(sent)).to.equal('p1 p1 p1')
  })

  const failures: readonly (readonly [what: string, bad: Reply])[] = [
    ['ECONNREFUSED', failing('ECONNREFUSED')],
    ['ECONNRESET', failing('ECONNRESET')],
    ['an unknown failure', failing('')],
    ['an expired certificate', failing('CERT_HAS_EXPIRED')],
    ['502', { status: 502 }],
    ['503', { status: 503 }],
    ['503 JSON', refusal(503, 'not ready yet')],
    ['a page', { body: '<html>' }],
    ['an empty reply', { status: 204 }],
    ['half of a reply', { body: '{"kind":' }],
  ]
  for (const [what, bad] of failures)
    it(`happens after ${what}, and stays with the new endpoint`, () => {
      const sent = endpoints({ 'http://p1': bad })
      const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
      expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(decodedStatus)
      expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(decodedStatus)
      expect(hosts(sent)).to.equal('p1 p2 p2')
    })

  const notBlamed: readonly (readonly [what: string, bad: Reply])[] = [
    ['404', refusal(404, 'x')],
    ['400', refusal(400, 'x')],
    ['400 ErrFailedTo', refusal(400, 'x', 'ErrFailedTo')],
    ['403', refusal(403, 'x')],
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['504', { status: 504 }],
    ['wrong JSON', { body: '[]' }],
  ]
  for (const [what, bad] of notBlamed)
    it(`does not happen after ${what}`, () => {
      const sent = endpoints({ 'http://p1': bad })
      const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
      expect(isLeft(only(status(cluster, { id: 'g1' })))).to.equal(true)
      expect(isLeft(only(status(cluster, { id: 'g1' })))).to.equal(true)
      expect(hosts(sent)).to.equal('p1 p1')
    })

  const unanswered: readonly (readonly [what: string, bad: Reply])[] = [
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['500 JSON', refusal(500, 'x')],
    ['504', { status: 504 }],
    ['wrong JSON', { body: '[]' }],
  ]
  for (const [what, bad] of unanswered) {
    it(`happens after the second ${what} in a row, for the next query`, () => {
      const sent = endpoints({ 'http://p1': bad })
      const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
      for (let i = 0; i < 4; i++) only(status(cluster, { id: 'g1' }))
      expect(hosts(sent)).to.equal('p1 p1 p2 p2')
    })

    it(`does not happen if an answer comes between one ${what} and the next`, () => {
      let isBad = false
      const sent = scripted(() => ((isBad = !isBad) ? bad : statusReply))
      const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
      for (let i = 0; i < 5; i++) only(status(cluster, { id: 'g1' }))
      expect(hosts(sent)).to.equal('p1 p1 p1 p1 p1')
    })

    it(`leaves an endpoint that replies with ${what} for one that answers`, () => {
      const replies: Record<string, Reply> = { 'http://p1': failing('ECONNRESET'), 'http://p2': bad }
      const sent = endpoints(replies)
      const cluster = clusterOf(sent, {}, ['http://p1', 'http://p2'])
      only(status(cluster, { id: 'g1' }))
      delete replies['http://p1']
      only(status(cluster, { id: 'g1' }))
      expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(decodedStatus)
      expect(hosts(sent)).to.equal('p1 p2 p2 p1')
    })
  }

  it('is not a matter of refused commands', () => {
    const sent = endpoints({ 'http://p1': refusal(500, 'x') })
    const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
    for (let i = 0; i < 3; i++) only(start(cluster, { kind: 'lru' }))
    expect(hosts(sent)).to.equal('p1 p1 p1')
  })

  it('tries each endpoint once, and returns the last error', () => {
    const sent = endpoints({
      'http://p1': failing('ECONNREFUSED'),
      'http://p2': { status: 502 },
      'http://p3': { status: 503, headers: { 'retry-after': '2' } },
    })
    const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
    const last = {
      _tag: 'HttpError',
      status: 503,
      message: 'an empty body',
      retryAfterMs: 2000,
      request: statusRequest,
    }
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(left(last))
    expect(hosts(sent)).to.equal('p1 p2 p3')
    only(status(cluster, { id: 'g1' }))
    expect(hosts(sent)).to.equal('p1 p2 p3 p1 p2 p3')
  })

  it('continues with the first endpoint after the last', () => {
    const bad: Record<string, Reply> = { 'http://p1': failing('ECONNRESET'), 'http://p2': failing('ECONNRESET') }
    const sent = endpoints(bad)
    const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
    only(status(cluster, { id: 'g1' }))
    delete bad['http://p1']
    bad['http://p3'] = failing('ECONNRESET')
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(decodedStatus)
    only(status(cluster, { id: 'g1' }))
    expect(hosts(sent)).to.equal('p1 p2 p3 p3 p1 p1')
  })

  it('ends with a reply that is not a failure of the endpoint', () => {
    const sent = endpoints({ 'http://p1': failing('ECONNRESET'), 'http://p2': refusal(404, 'unknown') })
    const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(
      left({ _tag: 'NotFound', message: 'unknown', request: statusRequest }),
    )
    expect(hosts(sent)).to.equal('p1 p2')
    only(status(cluster, { id: 'g1' }))
    expect(hosts(sent)).to.equal('p1 p2 p2')
  })

  it('happens at the next request after a timeout, since the first has used up its time', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = scripted(({ origin }) => (origin === 'http://p1' ? NEVER : statusReply), scheduler)
      const cluster = clusterOf(sent, { scheduler, requestTimeoutMs: 10 }, THREE_ENDPOINTS)
      const query = status(cluster, { id: 'g1' })
      expectObservable(query).toBe('----------(a|)', {
        a: left({ _tag: 'RequestTimeout', afterMs: 10, request: statusRequest }),
      })
      expectObservable(query, '---------------^').toBe('---------------(a|)', { a: decodedStatus })
      flush()
      expect(hosts(sent)).to.equal('p1 p2')
      expect(sent.requests.map(({ state }) => state)).to.deep.equal(['cut', 'answered'])
    })
  })

  it('does not happen after an unsubscribe', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = scripted(() => NEVER, scheduler)
      const cluster = clusterOf(sent, { scheduler }, THREE_ENDPOINTS)
      expectObservable(status(cluster, { id: 'g1' }), '^--!').toBe('-')
      expectObservable(status(cluster, { id: 'g1' }), '-----^--!').toBe('-')
      flush()
      expect(hosts(sent)).to.equal('p1 p1')
    })
  })

  it('happens at the next command after a command failed', () => {
    const sent = scripted(({ origin }) => (origin === 'http://p1' ? { status: 503 } : { body: 'g1' }))
    const cluster = clusterOf(sent, {}, THREE_ENDPOINTS)
    expect(isLeft(only(start(cluster, { kind: 'lru' })))).to.equal(true)
    expect(hosts(sent)).to.equal('p1')
    expect(only(start(cluster, { kind: 'lru' }))).to.deep.equal(right({ id: 'g1', kind: 'lru' }))
    expect(hosts(sent)).to.equal('p1 p2')
  })

  it('keeps the prefix of each endpoint', () => {
    const sent = scripted((_, nth) => (nth === 0 ? failing('ECONNREFUSED') : statusReply))
    only(status(clusterOf(sent, {}, ['http://p1/a', 'http://p2/b/']), { id: 'g1' }))
    expect(sent.requests.map(({ url }) => url)).to.deep.equal([
      'http://p1/a/v1/cluster?what=status',
      'http://p2/b/v1/cluster?what=status',
    ])
  })

  it('is separate for each cluster', () => {
    const sent = endpoints({ 'http://p1': failing('ECONNREFUSED') })
    only(status(clusterOf(sent, {}, THREE_ENDPOINTS), { id: 'g1' }))
    only(status(clusterOf(sent, {}, THREE_ENDPOINTS), { id: 'g1' }))
    expect(hosts(sent)).to.equal('p1 p2 p1 p2')
  })
})

describe('the log', () => {
  /** The log of one status query. */
  const logOf = (script: Parameters<typeof scripted>[0], options: object = {}): readonly LogEvent[] => {
    const events: LogEvent[] = []
    marbles(({ flush }, scheduler) => {
      const sent = scripted(script, scheduler)
      const log = (event: LogEvent): number => events.push(event)
      status(clusterOf(sent, { scheduler, log, ...options }, ['http://p1/x', 'http://p2']), { id: 'g1' }).subscribe()
      flush()
    })
    return events
  }
  const [endpoint, other] = ['http://p1/x', 'http://p2']

  it('contains a request and its reply', () => {
    expect(logOf(() => statusReply)).to.deep.equal([
      { type: 'request', atMs: 0, endpoint, request: statusRequest },
      { type: 'reply', atMs: 0, endpoint, request: statusRequest, status: 200, tookMs: 0 },
    ])
  })

  it('contains an error reply', () => {
    const error = { _tag: 'NotFound', message: 'unknown', request: statusRequest }
    expect(logOf(() => refusal(404, 'unknown'))).to.deep.equal([
      { type: 'request', atMs: 0, endpoint, request: statusRequest },
      { type: 'reply', atMs: 0, endpoint, request: statusRequest, status: 404, tookMs: 0 },
      { type: 'failure', atMs: 0, endpoint, request: statusRequest, error, tookMs: 0 },
    ])
  })

  it('contains a failure and the failover to the next endpoint', () => {
    const error = {
      _tag: 'TransportError',
      code: 'ECONNREFUSED',
      message: 'no',
      permanent: false,
      nothingSent: true,
      request: statusRequest,
    }
    expect(logOf(({ origin }) => (origin === other ? statusReply : failing('ECONNREFUSED', 'no')))).to.deep.equal([
      { type: 'request', atMs: 0, endpoint, request: statusRequest },
      { type: 'failure', atMs: 0, endpoint, request: statusRequest, error, tookMs: 0 },
      { type: 'retry', atMs: 0, request: statusRequest, reason: 'next-endpoint' },
      { type: 'request', atMs: 0, endpoint: other, request: statusRequest },
      { type: 'reply', atMs: 0, endpoint: other, request: statusRequest, status: 200, tookMs: 0 },
    ])
  })

  it('contains a timeout, with the time of the injected scheduler', () => {
    const error = { _tag: 'RequestTimeout', afterMs: 10, request: statusRequest }
    expect(logOf(() => NEVER, { requestTimeoutMs: 10 })).to.deep.equal([
      { type: 'request', atMs: 0, endpoint, request: statusRequest },
      { type: 'failure', atMs: 10, endpoint, request: statusRequest, error, tookMs: 10 },
    ])
  })

  it('contains a token renewal', () => {
    let n = 0
    const events = logOf((_, nth) => (nth === 0 ? refusal(401, 'expired') : statusReply), { token: () => `t${++n}` })
    expect(events.map((event) => (event.type === 'retry' ? event.reason : event.type))).to.deep.equal([
      'request',
      'reply',
      'new-token',
      'request',
      'reply',
    ])
  })

  it('can throw: each error is reported once, and the requests are not affected', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const reported: unknown[] = []
      const before = config.onUnhandledError
      config.onUnhandledError = (error) => reported.push(String(error))
      try {
        const log = ({ type }: LogEvent): never => {
          throw new Error(type)
        }
        const sent = scripted(() => timer(5, scheduler).pipe(map(() => statusReply)), scheduler)
        const options = { scheduler, log, cadence: constant(1000), discover: false }
        const [cluster, other] = [clusterOf(sent, options), clusterOf(sent, options)]
        expectObservable(status(other, { id: 'g1' })).toBe('-----(a|)', { a: decodedStatus })
        // Two subscribers that share a request.
        for (let i = 0; i < 2; i++)
          expectObservable(watchStatus(cluster, { id: 'g1' }), '^ 1500ms !').toBe('-----a 1004ms a', {
            a: decodedStatus,
          })
        flush()
        expect(sent.requests).to.have.lengthOf(3)
        expect(reported).to.have.members(Array.from({ length: 3 }, () => ['Error: request', 'Error: reply']).flat())
      } finally {
        config.onUnhandledError = before
      }
    })
  })
})
