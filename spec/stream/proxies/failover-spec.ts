import { expect } from 'chai'
import { NEVER, delay, of, takeUntil, throwError, timer, type Observable } from 'rxjs'
import { start } from '../../../lib/commands.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { left, right } from '../../../lib/common/either.ts'
import type { LogEvent } from '../../../lib/common/log.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'
import { clusterMap, status } from '../../../lib/queries.ts'
import { mapOf, play } from '../../helpers/proxies.ts'
import { json, refusal, statusIs } from '../../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { failing, type Reply } from '../../helpers/scripted.ts'

// If no given endpoint replies, a request goes to a proxy that the cluster map names, after a check of that proxy.

const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const decodedStatus = right({ id: 'g1', kind: 'lru', err: '', aborted: false })
const statusRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const refused = failing('ECONNREFUSED')
const queryStatus = (cluster: Cluster): Observable<unknown> => status(cluster, { id: 'g1' })
const sendCommand = (cluster: Cluster): Observable<unknown> => start(cluster, { kind: 'lru' })

type Hosts = Readonly<Record<string, (request: Recorded) => Reply | undefined>>

/** Each host replies by its own rule, or else successfully. All hosts reply successfully at the beginning. */
const script =
  (hosts: Hosts, map: Reply = mapOf(['p1', 'p2', 'p3'])) =>
  (sent: Recorded): Reply => {
    const own = hosts[sent.origin.replace(/^https?:\/\//, '')]
    const reply = sent.atMs === 0 ? undefined : own?.(sent)
    if (reply !== undefined) return reply
    if (sent.query === 'what=smap') return map
    return sent.method === 'GET' ? statusReply : { body: 'g1' }
  }

/** A proxy at which nothing listens any more. */
const dead = (): Reply => refused

describe('failover to proxies of the cluster map', () => {
  it('happens when the given endpoint is gone, to a proxy that has replied to a check', () => {
    const { requestLog, values } = play(script({ p1: dead }), [
      [0, clusterMap],
      [10, queryStatus],
      [20, queryStatus],
    ])
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 status@10', 'p2 smap@10', 'p2 status@10', 'p2 status@20'])
    expect(values.slice(1)).to.deep.equal([[decodedStatus], [decodedStatus]])
  })

  for (const [what, bad] of [
    ['503', { status: 503 }],
    ['502', { status: 502 }],
    ['ECONNRESET', failing('ECONNRESET')],
  ] as const)
    it(`happens after ${what}`, () => {
      const { requestLog } = play(script({ p1: () => bad }), [
        [0, clusterMap],
        [10, queryStatus],
      ])
      expect(requestLog.slice(1)).to.deep.equal(['p1 status@10', 'p2 smap@10', 'p2 status@10'])
    })

  for (const [what, bad] of [
    ['404', refusal(404, 'x')],
    ['500', { status: 500 }],
    ['429', { status: 429 }],
  ] as const)
    it(`does not happen after ${what}`, () => {
      const { requestLog } = play(script({ p1: () => bad }), [
        [0, clusterMap],
        [10, queryStatus],
        [20, queryStatus],
      ])
      expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 status@10', 'p1 status@20'])
    })

  it('does not happen without a known map, or without discover', () => {
    expect(play(script({ p1: dead }), [[10, queryStatus]]).requestLog).to.deep.equal(['p1 status@10'])
    const { requestLog } = play(
      script({ p1: dead }),
      [
        [0, clusterMap],
        [10, queryStatus],
      ],
      { discover: false },
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 status@10'])
  })

  it('does not use proxies of the map while one of the given endpoints replies', () => {
    const { requestLog } = play(
      script({ p1: dead }),
      [
        [0, clusterMap],
        [10, queryStatus],
        [20, queryStatus],
      ],
      {},
      ['http://p1', 'http://p3'],
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 status@10', 'p3 status@10', 'p3 status@20'])
  })

  it('continues with the next proxy when one fails, and returns to the given endpoint', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs < 25 ? refused : undefined),
      p2: ({ atMs }) => (atMs > 15 ? refused : undefined),
      p3: ({ atMs }) => (atMs > 25 ? refused : undefined),
    }
    const { requestLog, values } = play(script(hosts), [
      [0, clusterMap],
      [10, queryStatus],
      [20, queryStatus],
      [30, queryStatus],
      [40, queryStatus],
    ])
    expect(requestLog.filter((one) => one.includes('status'))).to.deep.equal([
      'p1 status@10',
      'p2 status@10',
      'p2 status@20',
      'p1 status@20',
      'p3 status@20',
      'p3 status@30',
      'p1 status@30',
      'p1 status@40',
    ])
    expect(values.slice(1)).to.deep.equal([[decodedStatus], [decodedStatus], [decodedStatus], [decodedStatus]])
  })

  it('checks a proxy only once, and then uses it like a given endpoint', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs < 15 || atMs > 8000 ? refused : undefined),
      p2: ({ atMs }) => (atMs > 15 && atMs < 25 ? refused : undefined),
      p3: dead,
    }
    const { requestLog } = play(script(hosts), [
      [0, clusterMap],
      [10, queryStatus],
      [20, queryStatus],
      [9000, queryStatus],
    ])
    expect(requestLog.slice(1)).to.deep.equal([
      'p1 status@10',
      'p2 smap@10',
      'p2 status@10',
      'p2 status@20',
      'p1 status@20',
      'p1 status@9000',
      'p2 status@9000',
    ])
  })

  it('starts with a proxy after a timeout, and returns to the given endpoint if no other proxy replies', () => {
    const hung: Hosts = { p1: () => NEVER, p2: () => NEVER, p3: () => NEVER }
    const { requestLog, values } = play(
      script(hung),
      [
        [0, clusterMap],
        [100, queryStatus],
        [50_000, queryStatus],
      ],
      { requestTimeoutMs: 30_000 },
    )
    // A query without a reply is sent to another proxy after 5 s, and an unchecked address gets 5 s. Its failure is not
    // the result.
    const [first, second] = [
      ['p1 status@100', 'p2 smap@5100', 'p3 smap@5350'],
      ['p2 smap@50000', 'p3 smap@50250', 'p1 status@55250'],
    ]
    expect(requestLog.slice(1)).to.deep.equal([...first, ...second])
    const timeout = left({ _tag: 'RequestTimeout', afterMs: 30_000, request: statusRequest })
    expect(values.slice(1)).to.deep.equal([[timeout], [timeout]])
  })

  it('stays with a proxy that replies after a timeout of the given endpoint', () => {
    const { requestLog } = play(
      script({ p1: () => NEVER }),
      [
        [0, clusterMap],
        [100, queryStatus],
        [200, queryStatus],
        [300, queryStatus],
      ],
      { requestTimeoutMs: 50 },
    )
    expect(requestLog.slice(1)).to.deep.equal(['p1 status@100', 'p2 smap@200', 'p2 status@200', 'p2 status@300'])
  })

  it('tries all given endpoints after timeouts before it uses a proxy', () => {
    const hosts: Hosts = { p1: () => NEVER, p2: ({ atMs }) => (atMs >= 300 ? NEVER : undefined) }
    const { requestLog } = play(
      script(hosts),
      [[0, clusterMap], ...[100, 200, 300, 400, 500].map((ms) => [ms, queryStatus] as const)],
      { requestTimeoutMs: 50 },
      ['http://p1', 'http://p2'],
    )
    expect(requestLog.slice(1)).to.deep.equal([
      'p1 status@100',
      'p2 status@200',
      'p2 status@300',
      'p1 status@400',
      'p3 smap@500',
      'p3 status@500',
    ])
  })

  it('sends simultaneous requests after a timeout to the same proxy', () => {
    const { requestLog } = play(
      script({ p1: () => NEVER }),
      [[0, clusterMap], ...[100, 200, 200].map((ms) => [ms, queryStatus] as const)],
      { requestTimeoutMs: 50 },
    )
    expect(requestLog.slice(2)).to.deep.equal(['p2 smap@200', 'p2 status@200', 'p2 status@200'])
  })

  it('returns to the given endpoint after a timeout of the proxy', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs < 300 ? NEVER : undefined),
      p2: ({ atMs }) => (atMs > 200 ? NEVER : undefined),
    }
    const { requestLog } = play(
      script(hosts),
      [[0, clusterMap], ...[100, 200, 300, 400].map((ms) => [ms, queryStatus] as const)],
      {
        requestTimeoutMs: 50,
      },
    )
    expect(requestLog.slice(1)).to.deep.equal([
      'p1 status@100',
      'p2 smap@200',
      'p2 status@200',
      'p2 status@300',
      'p1 status@400',
    ])
  })

  it('tries the given endpoint between two proxies that hang', () => {
    const hung = ({ query }: Recorded): Reply | undefined => (query === 'what=status' ? NEVER : undefined)
    const { requestLog } = play(
      script({ p1: hung, p2: hung, p3: hung }),
      [[0, clusterMap], ...[100, 200, 300, 400].map((ms) => [ms, queryStatus] as const)],
      { requestTimeoutMs: 50 },
    )
    expect(requestLog.slice(1)).to.deep.equal([
      'p1 status@100',
      'p2 smap@200',
      'p2 status@200',
      'p1 status@300',
      'p3 smap@400',
      'p3 status@400',
    ])
  })

  it('starts with the given endpoint again after the proxy is gone', () => {
    const hosts: Hosts = { p1: dead, p2: ({ atMs }) => (atMs > 15 ? refused : undefined), p3: dead }
    const { requestLog } = play(script(hosts), [
      [0, clusterMap],
      ...[10, 20, 30].map((ms) => [ms, queryStatus] as const),
    ])
    expect(requestLog.slice(4)).to.deep.equal(['p2 status@20', 'p1 status@20', 'p3 smap@20', 'p1 status@30'])
  })

  it('tries proxies of the IC first, and no proxy that is leaving', () => {
    const map = mapOf(['p1', 'p2', 'p3', 'p4'], { ic: ['p1', 'p4'], flags: { p2: 4 } })
    const { requestLog } = play(script({ p1: dead, p4: dead }, map), [
      [0, clusterMap],
      [10, queryStatus],
    ])
    expect(requestLog.slice(1)).to.deep.equal(['p1 status@10', 'p4 smap@10', 'p3 smap@10', 'p3 status@10'])
  })

  it('does not use a proxy that returns the map of another cluster', () => {
    const { requestLog, values, env } = play(
      script({ p1: dead, p2: () => mapOf(['p2', 'p9'], { uuid: 'other', version: 9 }), p3: () => json([]) }),
      [
        [0, clusterMap],
        [10, queryStatus],
      ],
    )
    expect(requestLog.slice(1)).to.deep.equal(['p1 status@10', 'p2 smap@10', 'p3 smap@10'])
    const error = {
      _tag: 'TransportError',
      code: 'ECONNREFUSED',
      message: 'ECONNREFUSED',
      permanent: false,
      nothingSent: true,
      request: statusRequest,
    }
    expect(values[1]).to.deep.equal([left(error)])
    expect(env.shared.roster.map?.uuid).to.equal('u')
  })

  it('returns the error of the given endpoint if no other proxy replies', () => {
    const { values } = play(
      script({ p1: () => ({ status: 503, headers: { 'retry-after': '2' } }), p2: dead, p3: dead }),
      [
        [0, clusterMap],
        [10, queryStatus],
      ],
    )
    const error = {
      _tag: 'HttpError',
      status: 503,
      message: 'an empty body',
      retryAfterMs: 2000,
      request: statusRequest,
    }
    expect(values[1]).to.deep.equal([left(error)])
  })

  it('tries at most five proxies for one request, and no proxy twice within 5 s', () => {
    const ids = Array.from({ length: 9 }, (_, i) => `p${i + 1}`)
    const all = Object.fromEntries(ids.map((id) => [id, dead]))
    const acts = [10, 1000, 2000, 3000, 5009, 5010, 20_000].map((ms) => [ms, queryStatus] as const)
    const { requestLog } = play(script(all, mapOf(ids)), [[0, clusterMap], ...acts])
    const by = (ms: number): readonly string[] =>
      requestLog.filter((one) => one.endsWith(`@${ms}`)).map((one) => one.slice(0, 2))
    expect(by(10)).to.deep.equal(['p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
    expect(by(1000)).to.deep.equal(['p1', 'p7', 'p8', 'p9'])
    expect(by(2000)).to.deep.equal(['p1'])
    expect(by(3000)).to.deep.equal(['p1'])
    expect(by(5009)).to.deep.equal(['p1'])
    expect(by(5010)).to.deep.equal(['p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
    // The proxies take turns, so that each is tried.
    expect(by(20_000)).to.deep.equal(['p1', 'p7', 'p8', 'p9', 'p2', 'p3'])
  })

  it('sends one check for simultaneous requests', () => {
    const slow = (response: HttpResponse): Reply => of(response).pipe(delay(3))
    const hosts: Hosts = {
      p1: dead,
      p2: ({ query }) => (query === 'what=smap' ? slow(mapOf(['p1', 'p2'])) : undefined),
    }
    const { requestLog, values } = play(script(hosts, mapOf(['p1', 'p2'])), [
      [0, clusterMap],
      [10, queryStatus],
      [11, queryStatus],
      [12, queryStatus],
    ])
    expect(requestLog.filter((one) => one.startsWith('p2 smap'))).to.deep.equal(['p2 smap@10'])
    expect(values.slice(1)).to.deep.equal([[decodedStatus], [decodedStatus], [decodedStatus]])
  })

  it('happens for a command only if it was not sent', () => {
    const acts = [
      [0, clusterMap],
      [10, sendCommand],
    ] as const
    const paths = (bad: Reply): readonly string[] =>
      play(script({ p1: () => bad }), acts).sent.requests.map(({ method, host }) => `${method} ${host}`)
    const unsent = throwError(() => Object.assign(new Error('x'), { code: 'ECONNRESET', nothingSent: true }))
    for (const bad of [refused, unsent, failing('UND_ERR_CONNECT_TIMEOUT')])
      expect(paths(bad)).to.deep.equal(['GET p1', 'PUT p1', 'GET p2', 'PUT p2'])
    for (const bad of [failing('ECONNRESET'), { status: 503 }, { status: 502 }])
      expect(paths(bad)).to.deep.equal(['GET p1', 'PUT p1'])
  })

  it('never sends the token over a weaker scheme', () => {
    const urls = { p1: 'https://p1', p3: 'https://p3' }
    const { sent } = play(
      script({ p1: dead }, mapOf(['p1', 'p2', 'p3'], { urls })),
      [
        [0, clusterMap],
        [10, queryStatus],
      ],
      { token: 'secret' },
      'https://p1',
    )
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal([
      'https://p1',
      'https://p1',
      'https://p3',
      'https://p3',
    ])
    expect(sent.requests.map(({ headers }) => headers['authorization'])).to.deep.equal(
      Array.from({ length: 4 }, () => 'Bearer secret'),
    )
  })

  it('sends nothing to an invalid address', () => {
    const urls = { p2: 'ftp://p2', p3: '' }
    const { requestLog } = play(script({ p1: dead }, mapOf(['p1', 'p2', 'p3'], { urls })), [
      [0, clusterMap],
      [10, queryStatus],
    ])
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 status@10'])
  })

  it('accepts a 404 of a proxy as a reply, and stays with that proxy', () => {
    const unknown = refusal(404, 'unknown')
    const { requestLog, values } = play(
      script({ p1: dead, p2: ({ query }) => (query === 'what=status' ? unknown : undefined) }),
      [
        [0, clusterMap],
        [10, queryStatus],
        [20, queryStatus],
      ],
    )
    expect(requestLog.slice(1)).to.deep.equal(['p1 status@10', 'p2 smap@10', 'p2 status@10', 'p2 status@20'])
    expect(values[1]).to.deep.equal([left({ _tag: 'NotFound', message: 'unknown', request: statusRequest })])
  })

  it('drops a proxy that has left the map, although it replies', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs === 10 ? refused : undefined),
      p2: ({ query, atMs }) => (query === 'what=smap' && atMs > 10 ? mapOf(['p1'], { version: 2 }) : undefined),
    }
    const { requestLog } = play(script(hosts), [
      [0, clusterMap],
      [10, queryStatus],
      [20, clusterMap],
      [30, queryStatus],
    ])
    expect(requestLog.slice(3)).to.deep.equal(['p2 status@10', 'p2 smap@20', 'p1 status@30'])
  })

  it('is logged', () => {
    const events: LogEvent[] = []
    play(
      script({ p1: dead }),
      [
        [0, clusterMap],
        [10, queryStatus],
      ],
      { log: (event) => events.push(event) },
    )
    const logged = events
      .filter(({ atMs }) => atMs === 10)
      .map((event) => ('endpoint' in event ? `${event.type} ${event.endpoint}` : event.reason))
    expect(logged).to.deep.equal([
      'request http://p1',
      'failure http://p1',
      'request http://p2',
      'reply http://p2',
      'next-endpoint',
      'request http://p2',
      'reply http://p2',
    ])
  })

  it('ends on unsubscribe', () => {
    const { sent } = play(script({ p1: dead, p2: () => NEVER }), [
      [0, clusterMap],
      [10, (cluster) => queryStatus(cluster).pipe(takeUntil(timer(5)))],
    ])
    expect(sent.requests.map(({ state }) => state)).to.deep.equal(['answered', 'failed', 'cut'])
  })
})
