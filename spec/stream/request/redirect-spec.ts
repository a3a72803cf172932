import { expect } from 'chai'
import { switchMap, type SchedulerLike } from 'rxjs'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import { environmentOf } from '../../../lib/environment.ts'
import { isPermanent, type RedirectRefused, type RequestInfo } from '../../../lib/error.ts'
import { status } from '../../../lib/queries.ts'
import { askBy } from '../../../lib/request/ask.ts'
import { start } from '../../../lib/commands.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'
import { marbles } from '../../helpers/marbles.ts'
import { refusal, statusIs, clusterMap } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, failing, only, scripted, type Reply, type Script, type Scripted } from '../../helpers/scripted.ts'

const STATUS: RequestInfo = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const MAP: RequestInfo = { method: 'GET', path: '/v1/cluster', query: 'what=smap' }
const reply = statusIs({ id: 'g1', kind: 'lru' })
const value = right({ id: 'g1', kind: 'lru', err: '', aborted: false })

const to = (location: string, status = 307): HttpResponse => ({
  status,
  headers: { location },
  body: '<a href="...">Temporary Redirect</a>',
})
const refused = (location: string, reason: RedirectRefused['reason']): unknown =>
  left({ _tag: 'RedirectRefused', location, reason, request: STATUS })

const map = clusterMap({
  proxies: ['p2', 'p3'],
  targets: ['t1', 'odd'],
  urls: { p2: 'http://10.0.0.2:8080', p3: 'https://10.0.0.3', t1: 'http://10.0.0.9:8081', odd: 'no address' },
})

/** `http://p1` redirects to a location and serves the map. All others reply successfully. */
const redirecting = (first: Reply, others: Script = () => reply): Scripted =>
  scripted((request, nth) =>
    request.query === 'what=smap' ? map : nth === 0 && request.origin.endsWith('p1') ? first : others(request, nth),
  )
const trace = ({ requests }: Scripted): readonly string[] =>
  requests.map(({ origin, path, query }) => `${origin}${path}?${query}`)
const ask = (sent: Scripted, options: object = {}, endpoint: string | readonly string[] = 'http://p1'): unknown =>
  only(status(clusterOf(sent, options, endpoint), { kind: 'lru' }))

describe('a redirect', () => {
  for (const code of [307, 308])
    it(`${code} to a node of the cluster map is followed with method, body and token`, () => {
      const sent = redirecting(to('http://10.0.0.2:8080/v1/cluster?what=status&pid=x&utm=1', code))
      expect(ask(sent, { token: 't1' })).to.deep.equal(value)
      expect(trace(sent)).to.deep.equal([
        'http://p1/v1/cluster?what=status',
        'http://p1/v1/cluster?what=smap',
        'http://10.0.0.2:8080/v1/cluster?what=status&pid=x&utm=1',
      ])
      const [first, , last] = sent.requests
      expect([last!.method, last!.text, last!.headers]).to.deep.equal([first!.method, first!.text, first!.headers])
      expect(last!.headers['authorization']).to.equal('Bearer t1')
    })

  it('to a target of the map, or to a proxy with https, is followed', () => {
    expect(ask(redirecting(to('http://10.0.0.9:8081/x')))).to.deep.equal(value)
    expect(ask(redirecting(to('https://10.0.0.3/x')))).to.deep.equal(value)
  })

  it('to a given origin is followed without the map', () => {
    const sent = redirecting(to('http://p2/other/path'))
    expect(ask(sent, {}, ['http://p1', 'http://p2/prefix'])).to.deep.equal(value)
    expect(trace(sent)).to.deep.equal(['http://p1/v1/cluster?what=status', 'http://p2/other/path?'])
  })

  it('of a command is followed with its body', () => {
    const sent = redirecting(to('http://10.0.0.2:8080/v1/cluster'), () => ({ body: 'g1' }))
    expect(only(start(clusterOf(sent), { kind: 'lru' }))).to.deep.equal(right({ id: 'g1', kind: 'lru' }))
    expect(sent.requests.map(({ method, text }) => [method, text])).to.deep.equal([
      ['PUT', '{"action":"start","name":"","value":{"Kind":"lru"}}'],
      ['GET', undefined],
      ['PUT', '{"action":"start","name":"","value":{"Kind":"lru"}}'],
    ])
  })

  it('requests the map only once', () => {
    const sent = scripted(({ query, origin }) =>
      query === 'what=smap' ? map : origin === 'http://p1' ? to('http://10.0.0.2:8080/x') : reply,
    )
    const cluster = clusterOf(sent)
    for (let i = 0; i < 3; i++) expect(only(status(cluster, { kind: 'lru' }))).to.deep.equal(value)
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
      const sent = redirecting(to(location))
      expect(ask(sent, {}, 'http://p1/ais')).to.deep.equal(value)
      expect(trace(sent)).to.deep.equal(['http://p1/ais/v1/cluster?what=status', url])
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
      const sent = redirecting(to(location))
      expect(ask(sent, { token: 's3cret' })).to.deep.equal(refused(named, 'no-member'))
      expect(trace(sent)).to.deep.equal(['http://p1/v1/cluster?what=status', 'http://p1/v1/cluster?what=smap'])
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
      const sent = redirecting(to(location))
      expect(ask(sent)).to.deep.equal(refused(named, reason))
      expect(sent.requests).to.have.lengthOf(1)
    })

  it('from https to http is refused, even to a node of the map and to the same host (H9)', () => {
    for (const location of ['http://p1/x', 'http://10.0.0.2:8080/x', 'http://p2/x']) {
      const sent = redirecting(to(location))
      expect(ask(sent, { token: 's3cret' }, ['https://p1', 'http://p2'])).to.deep.equal(refused(location, 'scheme'))
      expect(sent.requests).to.have.lengthOf(1)
    }
  })

  it('from https via https to http is refused', () => {
    const sent = redirecting(to('https://10.0.0.3/x'), () => to('http://10.0.0.2:8080/y'))
    expect(ask(sent, {}, 'https://p1')).to.deep.equal(refused('http://10.0.0.2:8080/y', 'scheme'))
    expect(trace(sent).at(-1)).to.equal('https://10.0.0.3/x?')
  })

  for (const code of [300, 301, 302, 303, 304, 305])
    it(`with ${code}, which AIStore does not send, is a page from an intermediary and is not followed`, () => {
      for (const location of ['http://p1/x', 'http://elsewhere/status']) {
        const sent = redirecting(to(location, code))
        const message = 'an HTML page of 36 characters'
        const error = { _tag: 'HttpError', status: code, message, notJson: true, request: STATUS } as const
        expect(ask(sent)).to.deep.equal(left(error))
        expect(isPermanent(error)).to.equal(false)
        expect(sent.requests).to.have.lengthOf(1)
      }
    })

  it('without a Location is a page from an intermediary', () => {
    const error = { _tag: 'HttpError', status: 307, message: 'an empty body', notJson: true, request: STATUS }
    expect(ask(redirecting({ status: 307 }))).to.deep.equal(left(error))
  })

  it('is followed three times, and not a fourth time', () => {
    const hop = (n: number): Scripted => scripted((_, nth) => (nth < n ? to(`/hop${nth + 1}`) : reply))
    const three = hop(3)
    expect(ask(three)).to.deep.equal(value)
    expect(three.requests).to.have.lengthOf(4)
    const four = hop(4)
    expect(ask(four)).to.deep.equal(refused('http://p1/hop4', 'too-many'))
    expect(four.requests).to.have.lengthOf(4)
  })

  it('in a cycle is refused', () => {
    const sent = scripted(() => to('/v1/cluster?what=status'))
    expect(ask(sent)).to.deep.equal(refused('http://p1/v1/cluster', 'too-many'))
    expect(sent.requests).to.have.lengthOf(4)
  })

  it('that is refused is a permanent error, and causes no failover', () => {
    const sent = redirecting(to('http://evil.example/'))
    const cluster = clusterOf(sent, {}, ['http://p1', 'http://p2'])
    const result = only(status(cluster, { kind: 'lru' }))
    expect(isLeft(result) && isPermanent(result.left)).to.equal(true)
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['http://p1', 'http://p1'])
  })

  it('from a relative endpoint is refused outside a browser', () => {
    const sent = scripted(() => to('/x'))
    expect(ask(sent, {}, '/ais')).to.deep.equal(refused('an address that cannot be read', 'unreadable'))
  })

  it('that is refused has a short location in its error', () => {
    const result = ask(redirecting(to(`http://evil.example/${'x'.repeat(10_000)}`)))
    expect(JSON.stringify(result).length).to.be.below(600)
  })

  it('sends nothing more after an unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const smap = cold('---(m|)', { m: map })
      const sent = scripted(({ query }) => (query === 'what=smap' ? smap : to('http://10.0.0.2:8080/x')), scheduler)
      expectObservable(status(clusterOf(sent, { scheduler }), { kind: 'lru' }), '^-!').toBe('-')
      expectSubscriptions(smap.subscriptions).toBe('                         ^-!')
      flush()
      expect(sent.requests).to.have.lengthOf(2)
    })
  })
})

describe('simultaneous redirects', () => {
  const MAP_URL = 'http://p1/v1/cluster?what=smap'
  const maps = (sent: Scripted): readonly string[] => trace(sent).filter((url) => url.endsWith('what=smap'))
  /** Redirects each query to another proxy of the map. The reply with the map is a stream. */
  const redirecting = (smap: Reply, scheduler: SchedulerLike): Scripted =>
    scripted(
      ({ query, origin }) =>
        query === 'what=smap' ? smap : origin === 'http://p1' ? to(`http://10.0.0.2:8080/x?${query}`) : reply,
      scheduler,
    )
  const one = { kind: 'lru' }

  it('share one request for the map, with any result', () => {
    for (const [smap, result] of [
      [map, value],
      [{ body: '<html>' }, undefined],
      [{ status: 503 }, undefined],
    ] as const)
      marbles(({ cold, flush }, scheduler) => {
        const sent = redirecting(cold('---(m|)', { m: smap }), scheduler)
        const cluster = clusterOf(sent, { scheduler })
        const results: unknown[] = []
        status(cluster, one).subscribe((result) => results.push(result))
        status(cluster, one).subscribe((result) => results.push(result))
        flush()
        expect(maps(sent)).to.deep.equal([MAP_URL])
        expect(results).to.have.lengthOf(2)
        expect(results[0]).to.deep.equal(results[1])
        if (result !== undefined) expect(results[0]).to.deep.equal(result)
      })
  })

  it('keep the request for the map until the last of them unsubscribes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const smap = cold('---(m|)', { m: map })
      const sent = redirecting(smap, scheduler)
      const cluster = clusterOf(sent, { scheduler })
      expectObservable(status(cluster, one), '^-!').toBe('-')
      expectObservable(status(cluster, one)).toBe(`---(a|)`, { a: value })
      expectSubscriptions(smap.subscriptions).toBe('^--!')
      flush()
    })
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const smap = cold('---(m|)', { m: map })
      const cluster = clusterOf(redirecting(smap, scheduler), { scheduler })
      expectObservable(status(cluster, one), '^!').toBe('-')
      expectObservable(status(cluster, one), '^-!').toBe('-')
      expectObservable(status(cluster, one), '---^').toBe(`------(a|)`, { a: value })
      expectSubscriptions(smap.subscriptions).toBe(['^-!', '---^--!'])
      flush()
    })
  })

  it('wait for the map no longer than their own timeouts', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const cluster = clusterOf(redirecting(cold('-'), scheduler), { scheduler, requestTimeoutMs: 9 })
      const timedOut = (afterMs: number): unknown => left({ _tag: 'RequestTimeout', afterMs, request: MAP })
      const internals = environmentOf(cluster)
      if (isLeft(internals)) throw new Error('the cluster is valid')
      const short = askBy(internals.right, { request: STATUS, decode: () => right('read') }, { ms: 4 })
      expectObservable(status(cluster, one)).toBe(`---------(a|)`, { a: timedOut(9) })
      expectObservable(short).toBe(`----(a|)`, { a: timedOut(4) })
    })
  })

  it('request the map again after a failed request', () => {
    const sent = scripted(({ query }) => (query === 'what=smap' ? { status: 503 } : to('http://10.0.0.2:8080/x')))
    const cluster = clusterOf(sent)
    const results: unknown[] = []
    status(cluster, one)
      .pipe(switchMap(() => status(cluster, one)))
      .subscribe((result) => results.push(result))
    expect(results).to.have.lengthOf(1)
    expect(maps(sent)).to.have.lengthOf(2)
  })
})

describe('a redirect while the cluster map is not available', () => {
  const queryWith = (smap: Reply, endpoint: string | readonly string[] = 'http://p1'): readonly [unknown, Scripted] => {
    const sent = scripted(({ query, origin }) =>
      query === 'what=smap' ? smap : origin === 'http://p2' ? reply : to('http://10.0.0.2:8080/x'),
    )
    return [ask(sent, {}, endpoint), sent]
  }

  const unknown: readonly (readonly [what: string, smap: Reply, error: object])[] = [
    [
      'a reset',
      failing('ECONNRESET', 'm'),
      { _tag: 'TransportError', code: 'ECONNRESET', message: 'm', permanent: false },
    ],
    ['503', { status: 503 }, { _tag: 'HttpError', status: 503, message: 'an empty body' }],
    ['500', { status: 500 }, { _tag: 'HttpError', status: 500, message: 'an empty body' }],
    ['429', { status: 429 }, { _tag: 'HttpError', status: 429, message: 'an empty body' }],
    ['408', { status: 408 }, { _tag: 'HttpError', status: 408, message: 'an empty body' }],
    ['425', { status: 425 }, { _tag: 'HttpError', status: 425, message: 'an empty body' }],
    [
      'a 404 that is not JSON',
      { status: 404, body: '<html>' },
      { _tag: 'HttpError', status: 404, message: 'an HTML page of 6 characters', notJson: true },
    ],
    [
      'a 405 that is not JSON',
      { status: 405 },
      { _tag: 'HttpError', status: 405, message: 'an empty body', notJson: true },
    ],
    ['403', refusal(403, 'no'), { _tag: 'Unauthorized', status: 403, message: 'no' }],
    [
      'HTML',
      { body: '<html>' },
      { _tag: 'DecodeError', problems: ['$: not JSON: 6 characters starting like HTML'], notJson: true },
    ],
  ]
  for (const [what, smap, error] of unknown)
    it(`returns the error of the map request instead of RedirectRefused: ${what}`, () => {
      const [result, sent] = queryWith(smap)
      expect(result).to.deep.equal(left({ ...error, request: MAP }))
      expect(sent.requests).to.have.lengthOf(2)
    })

  for (const smap of [refusal(404, 'no'), refusal(400, 'no'), refusal(405, 'no'), to('http://10.0.0.2:8080/')])
    it(`is refused if the cluster has no map: ${smap.status}`, () => {
      const [result, sent] = queryWith(smap)
      expect(result).to.deep.equal(refused('http://10.0.0.2:8080/x', 'no-member'))
      expect(sent.requests).to.have.lengthOf(2)
    })

  it('returns RequestTimeout if the map request times out', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const sent = scripted(({ query }) => (query === 'what=smap' ? cold('-') : to('http://10.0.0.2:8080/x')))
      const cluster = clusterOf(sent, { scheduler, requestTimeoutMs: 5 })
      expectObservable(status(cluster, { kind: 'lru' })).toBe('-----(a|)', {
        a: left({ _tag: 'RequestTimeout', afterMs: 5, request: MAP }),
      })
    })
  })

  it('tries the next endpoint if the map request fails', () => {
    const [result, sent] = queryWith(failing('ECONNRESET'), ['http://p1', 'http://p2'])
    expect(result).to.deep.equal(value)
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['http://p1', 'http://p1', 'http://p2'])
  })

  it('renews the token once after a 401 and starts again', () => {
    let n = 0
    const sent = scripted(({ query, origin, headers }) => {
      if (query === 'what=smap') return headers['authorization'] === 'Bearer t2' ? map : refusal(401, 'expired')
      return origin === 'http://p1' ? to('http://10.0.0.2:8080/x') : reply
    })
    expect(ask(sent, { token: () => `t${++n}` })).to.deep.equal(value)
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
      if (query === 'what=smap') return map
      if (origin === 'http://p1') return to('http://10.0.0.2:8080/x')
      return headers['authorization'] === 'Bearer t2' ? reply : refusal(401, 'expired')
    })
    expect(ask(sent, { token: () => `t${++n}` })).to.deep.equal(value)
    expect(sent.requests).to.have.lengthOf(5)
  })
})
