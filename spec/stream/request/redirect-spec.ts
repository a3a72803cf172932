import { expect } from 'chai'
import { switchMap, type SchedulerLike } from 'rxjs'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import { environmentOf } from '../../../lib/environment.ts'
import { isPermanent, type RedirectRefused, type RequestInfo } from '../../../lib/error.ts'
import { status } from '../../../lib/queries.ts'
import { sendCallIn } from '../../../lib/request/fail-over.ts'
import { start } from '../../../lib/commands.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'
import { marbles } from '../../helpers/marbles.ts'
import { refusal, statusIs, clusterMap } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, failing, only, scripted, type Reply, type Script, type Scripted } from '../../helpers/scripted.ts'

// Proxies redirect some requests to another node. A redirect is followed only to nodes of the cluster map, so that
// the token goes nowhere else.
// An id in a title, such as H9, is a row of docs/faults.md.

const STATUS_REQUEST: RequestInfo = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const MAP_REQUEST: RequestInfo = { method: 'GET', path: '/v1/cluster', query: 'what=smap' }
const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const decodedStatus = right({ id: 'g1', kind: 'lru', err: '', aborted: false })

/** A redirect to this location. */
const redirectTo = (location: string, status = 307): HttpResponse => ({
  status,
  headers: { location },
  body: '<a href="...">Temporary Redirect</a>',
})
/** The result of a query whose redirect is refused. */
const redirectRefused = (location: string, reason: RedirectRefused['reason']): unknown =>
  left({ _tag: 'RedirectRefused', location, reason, request: STATUS_REQUEST })

/** The map of a cluster whose proxies p2 and p3 are allowed destinations. */
const mapReply = clusterMap({
  proxies: ['p2', 'p3'],
  targets: ['t1', 'odd'],
  urls: { p2: 'http://10.0.0.2:8080', p3: 'https://10.0.0.3', t1: 'http://10.0.0.9:8081', odd: 'no address' },
})

/** `http://p1` redirects to a location and serves the map. All others reply successfully. */
const redirecting = (first: Reply, others: Script = () => statusReply): Scripted =>
  scripted((request, nth) => {
    if (request.query === 'what=smap') return mapReply
    return nth === 0 && request.origin.endsWith('p1') ? first : others(request, nth)
  })
/** The URLs of all requests. */
const urlsOf = ({ requests }: Scripted): readonly string[] =>
  requests.map(({ origin, path, query }) => `${origin}${path}?${query}`)
/** The result of a query for a status. */
const queryStatus = (
  sent: Scripted,
  options: object = {},
  endpoint: string | readonly string[] = 'http://p1',
): unknown => only(status(clusterOf(sent, options, endpoint), { kind: 'lru' }))

describe('a redirect', () => {
  for (const code of [307, 308])
    it(`${code} to a node of the cluster map is followed with method, body and token`, () => {
      const sent = redirecting(redirectTo('http://10.0.0.2:8080/v1/cluster?what=status&pid=x&utm=1', code))
      expect(queryStatus(sent, { token: 't1' })).to.deep.equal(decodedStatus)
      expect(urlsOf(sent)).to.deep.equal([
        'http://p1/v1/cluster?what=status',
        'http://p1/v1/cluster?what=smap',
        'http://10.0.0.2:8080/v1/cluster?what=status&pid=x&utm=1',
      ])
      const [first, , last] = sent.requests
      expect([last!.method, last!.text, last!.headers]).to.deep.equal([first!.method, first!.text, first!.headers])
      expect(last!.headers['authorization']).to.equal('Bearer t1')
    })

  it('to a target of the map, or to a proxy with https, is followed', () => {
    expect(queryStatus(redirecting(redirectTo('http://10.0.0.9:8081/x')))).to.deep.equal(decodedStatus)
    expect(queryStatus(redirecting(redirectTo('https://10.0.0.3/x')))).to.deep.equal(decodedStatus)
  })

  it('to a given origin is followed without the map', () => {
    const sent = redirecting(redirectTo('http://p2/other/path'))
    expect(queryStatus(sent, {}, ['http://p1', 'http://p2/prefix'])).to.deep.equal(decodedStatus)
    expect(urlsOf(sent)).to.deep.equal(['http://p1/v1/cluster?what=status', 'http://p2/other/path?'])
  })

  it('of a command is followed with its body', () => {
    const sent = redirecting(redirectTo('http://10.0.0.2:8080/v1/cluster'), () => ({ body: 'g1' }))
    expect(only(start(clusterOf(sent), { kind: 'lru' }))).to.deep.equal(right({ id: 'g1', kind: 'lru' }))
    expect(sent.requests.map(({ method, text }) => [method, text])).to.deep.equal([
      ['PUT', '{"action":"start","name":"","value":{"Kind":"lru"}}'],
      ['GET', undefined],
      ['PUT', '{"action":"start","name":"","value":{"Kind":"lru"}}'],
    ])
  })

  it('requests the map only once', () => {
    const sent = scripted(({ query, origin }) => {
      if (query === 'what=smap') return mapReply
      return origin === 'http://p1' ? redirectTo('http://10.0.0.2:8080/x') : statusReply
    })
    const cluster = clusterOf(sent)
    for (let i = 0; i < 3; i++) expect(only(status(cluster, { kind: 'lru' }))).to.deep.equal(decodedStatus)
    expect(sent.requests.filter(({ query }) => query === 'what=smap')).to.have.lengthOf(1)
    expect(sent.requests).to.have.lengthOf(7)
  })

  const relative: readonly (readonly [location: string, url: string])[] = [
    ['/v1/other?a=b', 'http://p1/v1/other?a=b'],
    ['other', 'http://p1/ais/v1/other?'],
    ['?what=else', 'http://p1/ais/v1/cluster?what=else'],
    ['//p1/x', 'http://p1/x?'],
  ]
  for (const [location, url] of relative)
    it(`that is relative is followed: ${location}`, () => {
      const sent = redirecting(redirectTo(location))
      expect(queryStatus(sent, {}, 'http://p1/ais')).to.deep.equal(decodedStatus)
      expect(urlsOf(sent)).to.deep.equal(['http://p1/ais/v1/cluster?what=status', url])
    })

  const foreign: readonly (readonly [location: string, named: string])[] = [
    ['http://evil.example/v1/cluster?what=status', 'http://evil.example/v1/cluster'],
    ['http://169.254.169.254/latest/meta-data', 'http://169.254.169.254/latest/meta-data'],
    ['http://10.0.0.2:8081/x', 'http://10.0.0.2:8081/x'],
    ['https://10.0.0.2:8080/x', 'https://10.0.0.2:8080/x'],
    ['http://p1:81/x', 'http://p1:81/x'],
    ['//evil.example/x', 'http://evil.example/x'],
    ['\\\\evil.example/x', 'http://evil.example/x'],
  ]
  for (const [location, named] of foreign)
    it(`to an origin outside the cluster is refused, and nothing is sent there: ${location}`, () => {
      const sent = redirecting(redirectTo(location))
      expect(queryStatus(sent, { token: 's3cret' })).to.deep.equal(redirectRefused(named, 'no-member'))
      expect(urlsOf(sent)).to.deep.equal(['http://p1/v1/cluster?what=status', 'http://p1/v1/cluster?what=smap'])
    })

  const indecent = [
    ['file:///etc/passwd', 'file:///etc/passwd', 'scheme'],
    ['ftp://p1/x', 'ftp://p1/x', 'scheme'],
    ['javascript:alert(1)', 'javascript://alert(1)', 'scheme'],
    ['data:,x', 'data://,x', 'scheme'],
    ['http://user:pw@p1/x', 'http://p1/x', 'credentials'],
    ['http://user@10.0.0.2:8080/x', 'http://10.0.0.2:8080/x', 'credentials'],
    ['http://', 'an address that cannot be read', 'unreadable'],
    ['http://[', 'an address that cannot be read', 'unreadable'],
  ] as const
  for (const [location, named, reason] of indecent)
    it(`to ${location} is refused without a request for the map`, () => {
      const sent = redirecting(redirectTo(location))
      expect(queryStatus(sent)).to.deep.equal(redirectRefused(named, reason))
      expect(sent.requests).to.have.lengthOf(1)
    })

  it('from https to http is refused, even to a node of the map and to the same host (H9)', () => {
    for (const location of ['http://p1/x', 'http://10.0.0.2:8080/x', 'http://p2/x']) {
      const sent = redirecting(redirectTo(location))
      expect(queryStatus(sent, { token: 's3cret' }, ['https://p1', 'http://p2'])).to.deep.equal(
        redirectRefused(location, 'scheme'),
      )
      expect(sent.requests).to.have.lengthOf(1)
    }
  })

  it('from https via https to http is refused', () => {
    const sent = redirecting(redirectTo('https://10.0.0.3/x'), () => redirectTo('http://10.0.0.2:8080/y'))
    expect(queryStatus(sent, {}, 'https://p1')).to.deep.equal(redirectRefused('http://10.0.0.2:8080/y', 'scheme'))
    expect(urlsOf(sent).at(-1)).to.equal('https://10.0.0.3/x?')
  })

  for (const code of [300, 301, 302, 303, 304, 305])
    it(`with ${code}, which AIStore does not send, is a page from an intermediary and is not followed`, () => {
      for (const location of ['http://p1/x', 'http://elsewhere/status']) {
        const sent = redirecting(redirectTo(location, code))
        const message = 'an HTML page of 36 characters'
        const error = { _tag: 'HttpError', status: code, message, notJson: true, request: STATUS_REQUEST } as const
        expect(queryStatus(sent)).to.deep.equal(left(error))
        expect(isPermanent(error)).to.equal(false)
        expect(sent.requests).to.have.lengthOf(1)
      }
    })

  it('without a Location is a page from an intermediary', () => {
    const error = { _tag: 'HttpError', status: 307, message: 'an empty body', notJson: true, request: STATUS_REQUEST }
    expect(queryStatus(redirecting({ status: 307 }))).to.deep.equal(left(error))
  })

  it('is followed three times, and not a fourth time', () => {
    const hop = (n: number): Scripted => scripted((_, nth) => (nth < n ? redirectTo(`/hop${nth + 1}`) : statusReply))
    const three = hop(3)
    expect(queryStatus(three)).to.deep.equal(decodedStatus)
    expect(three.requests).to.have.lengthOf(4)
    const four = hop(4)
    expect(queryStatus(four)).to.deep.equal(redirectRefused('http://p1/hop4', 'too-many'))
    expect(four.requests).to.have.lengthOf(4)
  })

  it('in a cycle is refused', () => {
    const sent = scripted(() => redirectTo('/v1/cluster?what=status'))
    expect(queryStatus(sent)).to.deep.equal(redirectRefused('http://p1/v1/cluster', 'too-many'))
    expect(sent.requests).to.have.lengthOf(4)
  })

  it('that is refused is a permanent error, and causes no failover', () => {
    const sent = redirecting(redirectTo('http://evil.example/'))
    const cluster = clusterOf(sent, {}, ['http://p1', 'http://p2'])
    const result = only(status(cluster, { kind: 'lru' }))
    expect(isLeft(result) && isPermanent(result.left)).to.equal(true)
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['http://p1', 'http://p1'])
  })

  it('from a relative endpoint is refused outside a browser', () => {
    const sent = scripted(() => redirectTo('/x'))
    expect(queryStatus(sent, {}, '/ais')).to.deep.equal(redirectRefused('an address that cannot be read', 'unreadable'))
  })

  it('that is refused has a short location in its error', () => {
    const result = queryStatus(redirecting(redirectTo(`http://evil.example/${'x'.repeat(10_000)}`)))
    expect(JSON.stringify(result).length).to.be.below(600)
  })

  it('sends nothing more after an unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const smap = cold('---(m|)', { m: mapReply })
      const sent = scripted(
        ({ query }) => (query === 'what=smap' ? smap : redirectTo('http://10.0.0.2:8080/x')),
        scheduler,
      )
      expectObservable(status(clusterOf(sent, { scheduler }), { kind: 'lru' }), '^-!').toBe('-')
      expectSubscriptions(smap.subscriptions).toBe('                         ^-!')
      flush()
      expect(sent.requests).to.have.lengthOf(2)
    })
  })
})

describe('simultaneous redirects', () => {
  const MAP_URL = 'http://p1/v1/cluster?what=smap'
  const mapRequests = (sent: Scripted): readonly string[] => urlsOf(sent).filter((url) => url.endsWith('what=smap'))
  /** Redirects each query to another proxy of the map. The reply with the map is a stream. */
  const redirectingEach = (smap: Reply, scheduler: SchedulerLike): Scripted =>
    scripted(({ query, origin }) => {
      if (query === 'what=smap') return smap
      return origin === 'http://p1' ? redirectTo(`http://10.0.0.2:8080/x?${query}`) : statusReply
    }, scheduler)
  const lru = { kind: 'lru' }

  it('share one request for the map, with any result', () => {
    for (const [smap, expected] of [
      [mapReply, decodedStatus],
      [{ body: '<html>' }, undefined],
      [{ status: 503 }, undefined],
    ] as const)
      marbles(({ cold, flush }, scheduler) => {
        const sent = redirectingEach(cold('---(m|)', { m: smap }), scheduler)
        const cluster = clusterOf(sent, { scheduler })
        const results: unknown[] = []
        status(cluster, lru).subscribe((result) => results.push(result))
        status(cluster, lru).subscribe((result) => results.push(result))
        flush()
        expect(mapRequests(sent)).to.deep.equal([MAP_URL])
        expect(results).to.have.lengthOf(2)
        expect(results[0]).to.deep.equal(results[1])
        if (expected !== undefined) expect(results[0]).to.deep.equal(expected)
      })
  })

  it('keep the request for the map until the last of them unsubscribes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const smap = cold('---(m|)', { m: mapReply })
      const sent = redirectingEach(smap, scheduler)
      const cluster = clusterOf(sent, { scheduler })
      expectObservable(status(cluster, lru), '^-!').toBe('-')
      expectObservable(status(cluster, lru)).toBe(`---(a|)`, { a: decodedStatus })
      expectSubscriptions(smap.subscriptions).toBe('^--!')
      flush()
    })
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const smap = cold('---(m|)', { m: mapReply })
      const cluster = clusterOf(redirectingEach(smap, scheduler), { scheduler })
      expectObservable(status(cluster, lru), '^!').toBe('-')
      expectObservable(status(cluster, lru), '^-!').toBe('-')
      expectObservable(status(cluster, lru), '---^').toBe(`------(a|)`, { a: decodedStatus })
      expectSubscriptions(smap.subscriptions).toBe(['^-!', '---^--!'])
      flush()
    })
  })

  it('wait for the map no longer than their own timeouts', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const cluster = clusterOf(redirectingEach(cold('-'), scheduler), { scheduler, requestTimeoutMs: 9 })
      const timedOut = (afterMs: number): unknown => left({ _tag: 'RequestTimeout', afterMs, request: MAP_REQUEST })
      const internals = environmentOf(cluster)
      if (isLeft(internals)) throw new Error('the cluster is valid')
      const short = sendCallIn(internals.right, { request: STATUS_REQUEST, decode: () => right('read') }, { ms: 4 })
      expectObservable(status(cluster, lru)).toBe(`---------(a|)`, { a: timedOut(9) })
      expectObservable(short).toBe(`----(a|)`, { a: timedOut(4) })
    })
  })

  it('request the map again after a failed request', () => {
    const sent = scripted(({ query }) =>
      query === 'what=smap' ? { status: 503 } : redirectTo('http://10.0.0.2:8080/x'),
    )
    const cluster = clusterOf(sent)
    const results: unknown[] = []
    status(cluster, lru)
      .pipe(switchMap(() => status(cluster, lru)))
      .subscribe((result) => results.push(result))
    expect(results).to.have.lengthOf(1)
    expect(mapRequests(sent)).to.have.lengthOf(2)
  })
})

describe('a redirect while the cluster map is not available', () => {
  const queryWith = (smap: Reply, endpoint: string | readonly string[] = 'http://p1'): readonly [unknown, Scripted] => {
    const sent = scripted(({ query, origin }) => {
      if (query === 'what=smap') return smap
      return origin === 'http://p2' ? statusReply : redirectTo('http://10.0.0.2:8080/x')
    })
    return [queryStatus(sent, {}, endpoint), sent]
  }

  const unknown: readonly { readonly what: string; readonly smap: Reply; readonly error: object }[] = [
    {
      what: 'a reset',
      smap: failing('ECONNRESET', 'm'),
      error: { _tag: 'TransportError', code: 'ECONNRESET', message: 'm', permanent: false },
    },
    { what: '503', smap: { status: 503 }, error: { _tag: 'HttpError', status: 503, message: 'an empty body' } },
    { what: '500', smap: { status: 500 }, error: { _tag: 'HttpError', status: 500, message: 'an empty body' } },
    { what: '429', smap: { status: 429 }, error: { _tag: 'HttpError', status: 429, message: 'an empty body' } },
    { what: '408', smap: { status: 408 }, error: { _tag: 'HttpError', status: 408, message: 'an empty body' } },
    { what: '425', smap: { status: 425 }, error: { _tag: 'HttpError', status: 425, message: 'an empty body' } },
    {
      what: 'a 404 that is not JSON',
      smap: { status: 404, body: '<html>' },
      error: { _tag: 'HttpError', status: 404, message: 'an HTML page of 6 characters', notJson: true },
    },
    {
      what: 'a 405 that is not JSON',
      smap: { status: 405 },
      error: { _tag: 'HttpError', status: 405, message: 'an empty body', notJson: true },
    },
    { what: '403', smap: refusal(403, 'no'), error: { _tag: 'Unauthorized', status: 403, message: 'no' } },
    {
      what: 'HTML',
      smap: { body: '<html>' },
      error: { _tag: 'DecodeError', problems: ['$: not JSON: 6 characters starting like HTML'], notJson: true },
    },
  ]
  for (const { what, smap, error } of unknown)
    it(`returns the error of the map request instead of RedirectRefused: ${what}`, () => {
      const [result, sent] = queryWith(smap)
      expect(result).to.deep.equal(left({ ...error, request: MAP_REQUEST }))
      expect(sent.requests).to.have.lengthOf(2)
    })

  for (const smap of [refusal(404, 'no'), refusal(400, 'no'), refusal(405, 'no'), redirectTo('http://10.0.0.2:8080/')])
    it(`is refused if the cluster has no map: ${smap.status}`, () => {
      const [result, sent] = queryWith(smap)
      expect(result).to.deep.equal(redirectRefused('http://10.0.0.2:8080/x', 'no-member'))
      expect(sent.requests).to.have.lengthOf(2)
    })

  it('returns RequestTimeout if the map request times out', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const sent = scripted(({ query }) => (query === 'what=smap' ? cold('-') : redirectTo('http://10.0.0.2:8080/x')))
      const cluster = clusterOf(sent, { scheduler, requestTimeoutMs: 5 })
      expectObservable(status(cluster, { kind: 'lru' })).toBe('-----(a|)', {
        a: left({ _tag: 'RequestTimeout', afterMs: 5, request: MAP_REQUEST }),
      })
    })
  })

  it('tries the next endpoint if the map request fails', () => {
    const [result, sent] = queryWith(failing('ECONNRESET'), ['http://p1', 'http://p2'])
    expect(result).to.deep.equal(decodedStatus)
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['http://p1', 'http://p1', 'http://p2'])
  })

  it('renews the token once after a 401 and starts again', () => {
    let n = 0
    const sent = scripted(({ query, origin, headers }) => {
      if (query === 'what=smap') return headers['authorization'] === 'Bearer t2' ? mapReply : refusal(401, 'expired')
      return origin === 'http://p1' ? redirectTo('http://10.0.0.2:8080/x') : statusReply
    })
    expect(queryStatus(sent, { token: () => `t${++n}` })).to.deep.equal(decodedStatus)
    expect(sent.requests.map(({ headers, origin }) => `${origin} ${headers['authorization'] ?? ''}`)).to.deep.equal([
      'http://p1 Bearer t1',
      'http://p1 Bearer t1',
      'http://p1 Bearer t2',
      'http://p1 Bearer t2',
      'http://10.0.0.2:8080 Bearer t2',
    ])
    expect(n).to.equal(2)
  })
})

describe('a redirect to a proxy that refuses the token', () => {
  it('renews the token, and starts again at the endpoint', () => {
    let n = 0
    const sent = scripted(({ query, origin, headers }) => {
      if (query === 'what=smap') return mapReply
      if (origin === 'http://p1') return redirectTo('http://10.0.0.2:8080/x')
      return headers['authorization'] === 'Bearer t2' ? statusReply : refusal(401, 'expired')
    })
    expect(queryStatus(sent, { token: () => `t${++n}` })).to.deep.equal(decodedStatus)
    expect(sent.requests).to.have.lengthOf(5)
  })
})
