import { expect } from 'chai'
import { NEVER, delay, of, takeUntil, timer, type Observable } from 'rxjs'
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

const reply = statusIs({ id: 'g1', kind: 'lru' })
const value = right({ id: 'g1', kind: 'lru', err: '', aborted: false })
const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const refused = failing('ECONNREFUSED')
const ask = (c: Cluster): Observable<unknown> => status(c, { id: 'g1' })
const command = (c: Cluster): Observable<unknown> => start(c, { kind: 'lru' })

type Hosts = Readonly<Record<string, (request: Recorded) => Reply | undefined>>

/** Each host answers by its own rule, or else well; the map is asked for at the beginning. */
const script =
  (hosts: Hosts, map: Reply = mapOf(['p1', 'p2', 'p3'])) =>
  (asked: Recorded): Reply =>
    (asked.atMs === 0 ? undefined : hosts[asked.origin.replace(/^https?:\/\//, '')]?.(asked)) ??
    (asked.query === 'what=smap' ? map : asked.method === 'GET' ? reply : { body: 'g1' })

const dead = (): Reply => refused

describe('failover to proxies of the cluster map', () => {
  it('happens when the given endpoint has gone: to one that shows first that it is there', () => {
    const { asked, values } = play(script({ p1: dead }), [
      [0, clusterMap],
      [10, ask],
      [20, ask],
    ])
    expect(asked).to.deep.equal(['p1 smap@0', 'p1 status@10', 'p2 smap@10', 'p2 status@10', 'p2 status@20'])
    expect(values.slice(1)).to.deep.equal([[value], [value]])
  })

  for (const [what, bad] of [
    ['503', { status: 503 }],
    ['502', { status: 502 }],
    ['ECONNRESET', failing('ECONNRESET')],
  ] as const)
    it(`happens after ${what}`, () => {
      const { asked } = play(script({ p1: () => bad }), [
        [0, clusterMap],
        [10, ask],
      ])
      expect(asked.slice(1)).to.deep.equal(['p1 status@10', 'p2 smap@10', 'p2 status@10'])
    })

  for (const [what, bad] of [
    ['404', refusal(404, 'x')],
    ['500', { status: 500 }],
    ['429', { status: 429 }],
  ] as const)
    it(`does not happen after ${what}`, () => {
      const { asked } = play(script({ p1: () => bad }), [
        [0, clusterMap],
        [10, ask],
        [20, ask],
      ])
      expect(asked).to.deep.equal(['p1 smap@0', 'p1 status@10', 'p1 status@20'])
    })

  it('does not happen before a map was read, nor without discover', () => {
    expect(play(script({ p1: dead }), [[10, ask]]).asked).to.deep.equal(['p1 status@10'])
    const { asked } = play(
      script({ p1: dead }),
      [
        [0, clusterMap],
        [10, ask],
      ],
      { discover: false },
    )
    expect(asked).to.deep.equal(['p1 smap@0', 'p1 status@10'])
  })

  it('leaves the map alone while one of the given endpoints answers', () => {
    const { asked } = play(
      script({ p1: dead }),
      [
        [0, clusterMap],
        [10, ask],
        [20, ask],
      ],
      {},
      ['http://p1', 'http://p3'],
    )
    expect(asked).to.deep.equal(['p1 smap@0', 'p1 status@10', 'p3 status@10', 'p3 status@20'])
  })

  it('goes on to the next member when one goes, and back to the given one', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs < 25 ? refused : undefined),
      p2: ({ atMs }) => (atMs > 15 ? refused : undefined),
      p3: ({ atMs }) => (atMs > 25 ? refused : undefined),
    }
    const { asked, values } = play(script(hosts), [
      [0, clusterMap],
      [10, ask],
      [20, ask],
      [30, ask],
      [40, ask],
    ])
    expect(asked.filter((one) => one.includes('status'))).to.deep.equal([
      ...['p1 status@10', 'p2 status@10', 'p2 status@20', 'p1 status@20', 'p3 status@20'],
      ...['p3 status@30', 'p1 status@30', 'p1 status@40'],
    ])
    expect(values.slice(1)).to.deep.equal([[value], [value], [value], [value]])
  })

  it('counts a member that has answered as an endpoint like the others: it proves itself once', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs < 15 || atMs > 8000 ? refused : undefined),
      p2: ({ atMs }) => (atMs > 15 && atMs < 25 ? refused : undefined),
      p3: dead,
    }
    const { asked } = play(script(hosts), [
      [0, clusterMap],
      [10, ask],
      [20, ask],
      [9000, ask],
    ])
    expect(asked.slice(1)).to.deep.equal([
      ...['p1 status@10', 'p2 smap@10', 'p2 status@10'],
      ...['p2 status@20', 'p1 status@20'],
      ...['p1 status@9000', 'p2 status@9000'],
    ])
  })

  it('begins with a member once after a full clock, and goes back in between', () => {
    const hung: Hosts = { p1: () => NEVER, p2: () => NEVER, p3: () => NEVER }
    const { asked, values } = play(
      script(hung),
      [
        [0, clusterMap],
        [100, ask],
        [50_000, ask],
      ],
      { requestTimeoutMs: 30_000 },
    )
    // An address that may lead nowhere gets 5 s, and is not what is told.
    expect(asked.slice(1)).to.deep.equal(['p1 status@100', 'p2 smap@50000', 'p3 smap@50250', 'p1 status@55250'])
    const timeout = left({ _tag: 'RequestTimeout', afterMs: 30_000, request })
    expect(values.slice(1)).to.deep.equal([[timeout], [timeout]])
  })

  it('after a full clock stays with the member that is there', () => {
    const { asked } = play(
      script({ p1: () => NEVER }),
      [
        [0, clusterMap],
        [100, ask],
        [200, ask],
        [300, ask],
      ],
      { requestTimeoutMs: 50 },
    )
    expect(asked.slice(1)).to.deep.equal(['p1 status@100', 'p2 smap@200', 'p2 status@200', 'p2 status@300'])
  })

  it('after a full clock does not leave out a given endpoint', () => {
    const hosts: Hosts = { p1: () => NEVER, p2: ({ atMs }) => (atMs >= 300 ? NEVER : undefined) }
    const { asked } = play(
      script(hosts),
      [[0, clusterMap], ...[100, 200, 300, 400, 500].map((ms) => [ms, ask] as const)],
      { requestTimeoutMs: 50 },
      ['http://p1', 'http://p2'],
    )
    expect(asked.slice(1)).to.deep.equal([
      ...['p1 status@100', 'p2 status@200', 'p2 status@300', 'p1 status@400'],
      ...['p3 smap@500', 'p3 status@500'],
    ])
  })

  it('after a full clock lets all who ask at once go to the member', () => {
    const { asked } = play(
      script({ p1: () => NEVER }),
      [[0, clusterMap], ...[100, 200, 200].map((ms) => [ms, ask] as const)],
      { requestTimeoutMs: 50 },
    )
    expect(asked.slice(2)).to.deep.equal(['p2 smap@200', 'p2 status@200', 'p2 status@200'])
  })

  it('goes back to the given endpoint after a member that hangs too', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs < 300 ? NEVER : undefined),
      p2: ({ atMs }) => (atMs > 200 ? NEVER : undefined),
    }
    const { asked } = play(script(hosts), [[0, clusterMap], ...[100, 200, 300, 400].map((ms) => [ms, ask] as const)], {
      requestTimeoutMs: 50,
    })
    expect(asked.slice(1)).to.deep.equal([
      ...['p1 status@100', 'p2 smap@200', 'p2 status@200', 'p2 status@300', 'p1 status@400'],
    ])
  })

  it('asks the given endpoint between two members that hang', () => {
    const hung = ({ query }: Recorded): Reply | undefined => (query === 'what=status' ? NEVER : undefined)
    const { asked } = play(
      script({ p1: hung, p2: hung, p3: hung }),
      [[0, clusterMap], ...[100, 200, 300, 400].map((ms) => [ms, ask] as const)],
      { requestTimeoutMs: 50 },
    )
    expect(asked.slice(1)).to.deep.equal([
      ...['p1 status@100', 'p2 smap@200', 'p2 status@200', 'p1 status@300', 'p3 smap@400', 'p3 status@400'],
    ])
  })

  it('begins with the given endpoint again after the member has gone', () => {
    const hosts: Hosts = { p1: dead, p2: ({ atMs }) => (atMs > 15 ? refused : undefined), p3: dead }
    const { asked } = play(script(hosts), [[0, clusterMap], ...[10, 20, 30].map((ms) => [ms, ask] as const)])
    expect(asked.slice(4)).to.deep.equal(['p2 status@20', 'p1 status@20', 'p3 smap@20', 'p1 status@30'])
  })

  it('asks the IC first, and nobody who leaves', () => {
    const map = mapOf(['p1', 'p2', 'p3', 'p4'], { ic: ['p1', 'p4'], flags: { p2: 4 } })
    const { asked } = play(script({ p1: dead, p4: dead }, map), [
      [0, clusterMap],
      [10, ask],
    ])
    expect(asked.slice(1)).to.deep.equal(['p1 status@10', 'p4 smap@10', 'p3 smap@10', 'p3 status@10'])
  })

  it('does not believe somebody else who answers there', () => {
    const { asked, values, env } = play(
      script({ p1: dead, p2: () => mapOf(['p2', 'p9'], { uuid: 'other', version: 9 }), p3: () => json([]) }),
      [
        [0, clusterMap],
        [10, ask],
      ],
    )
    expect(asked.slice(1)).to.deep.equal(['p1 status@10', 'p2 smap@10', 'p3 smap@10'])
    const error = { _tag: 'TransportError', code: 'ECONNREFUSED', message: 'ECONNREFUSED', permanent: false, request }
    expect(values[1]).to.deep.equal([left(error)])
    expect(env.shared.roster.map?.uuid).to.equal('u')
  })

  it('tells what the given endpoint said when nobody is there', () => {
    const { values } = play(
      script({ p1: () => ({ status: 503, headers: { 'retry-after': '2' } }), p2: dead, p3: dead }),
      [
        [0, clusterMap],
        [10, ask],
      ],
    )
    const error = { _tag: 'HttpError', status: 503, message: 'an empty body', retryAfterMs: 2000, request }
    expect(values[1]).to.deep.equal([left(error)])
  })

  it('asks no more than five members for one question, and no member twice within 5 s', () => {
    const ids = Array.from({ length: 9 }, (_, i) => `p${i + 1}`)
    const all = Object.fromEntries(ids.map((id) => [id, dead]))
    const acts = [10, 1000, 2000, 3000, 5009, 5010, 20_000].map((ms) => [ms, ask] as const)
    const { asked } = play(script(all, mapOf(ids)), [[0, clusterMap], ...acts])
    const by = (ms: number): readonly string[] =>
      asked.filter((one) => one.endsWith(`@${ms}`)).map((one) => one.slice(0, 2))
    expect(by(10)).to.deep.equal(['p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
    expect(by(1000)).to.deep.equal(['p1', 'p7', 'p8', 'p9'])
    expect(by(2000)).to.deep.equal(['p1'])
    expect(by(3000)).to.deep.equal(['p1'])
    expect(by(5009)).to.deep.equal(['p1'])
    expect(by(5010)).to.deep.equal(['p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
    // In turn, so that none is left out.
    expect(by(20_000)).to.deep.equal(['p1', 'p7', 'p8', 'p9', 'p2', 'p3'])
  })

  it('lets all who ask at once share the proof', () => {
    const slow = (said: HttpResponse): Reply => of(said).pipe(delay(3))
    const hosts: Hosts = {
      p1: dead,
      p2: ({ query }) => (query === 'what=smap' ? slow(mapOf(['p1', 'p2'])) : undefined),
    }
    const { asked, values } = play(script(hosts, mapOf(['p1', 'p2'])), [
      [0, clusterMap],
      [10, ask],
      [11, ask],
      [12, ask],
    ])
    expect(asked.filter((one) => one.startsWith('p2 smap'))).to.deep.equal(['p2 smap@10'])
    expect(values.slice(1)).to.deep.equal([[value], [value], [value]])
  })

  it('of a command happens only if nothing was sent', () => {
    const acts = [
      [0, clusterMap],
      [10, command],
    ] as const
    const paths = (bad: Reply): readonly string[] =>
      play(script({ p1: () => bad }), acts).sent.requests.map(({ method, origin }) => `${method} ${origin.slice(7)}`)
    expect(paths(refused)).to.deep.equal(['GET p1', 'PUT p1', 'GET p2', 'PUT p2'])
    for (const bad of [failing('ECONNRESET'), { status: 503 }, { status: 502 }])
      expect(paths(bad)).to.deep.equal(['GET p1', 'PUT p1'])
  })

  it('never takes the token over a weaker scheme', () => {
    const urls = { p1: 'https://p1', p3: 'https://p3' }
    const { sent } = play(
      script({ p1: dead }, mapOf(['p1', 'p2', 'p3'], { urls })),
      [
        [0, clusterMap],
        [10, ask],
      ],
      { token: 'secret' },
      'https://p1',
    )
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal([
      ...['https://p1', 'https://p1', 'https://p3', 'https://p3'],
    ])
    expect(sent.requests.map(({ headers }) => headers['authorization'])).to.deep.equal(
      Array.from({ length: 4 }, () => 'Bearer secret'),
    )
  })

  it('asks nobody at an address that is none', () => {
    const urls = { p2: 'ftp://p2', p3: '' }
    const { asked } = play(script({ p1: dead }, mapOf(['p1', 'p2', 'p3'], { urls })), [
      [0, clusterMap],
      [10, ask],
    ])
    expect(asked).to.deep.equal(['p1 smap@0', 'p1 status@10'])
  })

  it('takes a member for what it is when it says 404, and stays there', () => {
    const unknown = refusal(404, 'unknown')
    const { asked, values } = play(
      script({ p1: dead, p2: ({ query }) => (query === 'what=status' ? unknown : undefined) }),
      [
        [0, clusterMap],
        [10, ask],
        [20, ask],
      ],
    )
    expect(asked.slice(1)).to.deep.equal(['p1 status@10', 'p2 smap@10', 'p2 status@10', 'p2 status@20'])
    expect(values[1]).to.deep.equal([left({ _tag: 'NotFound', message: 'unknown', request })])
  })

  it('forgets a member that has left the map, although it answers', () => {
    const hosts: Hosts = {
      p1: ({ atMs }) => (atMs === 10 ? refused : undefined),
      p2: ({ query, atMs }) => (query === 'what=smap' && atMs > 10 ? mapOf(['p1'], { version: 2 }) : undefined),
    }
    const { asked } = play(script(hosts), [
      [0, clusterMap],
      [10, ask],
      [20, clusterMap],
      [30, ask],
    ])
    expect(asked.slice(3)).to.deep.equal(['p2 status@10', 'p2 smap@20', 'p1 status@30'])
  })

  it('is logged', () => {
    const events: LogEvent[] = []
    play(
      script({ p1: dead }),
      [
        [0, clusterMap],
        [10, ask],
      ],
      { log: (event) => events.push(event) },
    )
    const told = events
      .filter(({ atMs }) => atMs === 10)
      .map((event) => ('endpoint' in event ? `${event.type} ${event.endpoint}` : event.reason))
    expect(told).to.deep.equal([
      ...['request http://p1', 'failure http://p1', 'request http://p2', 'reply http://p2'],
      ...['next-endpoint', 'request http://p2', 'reply http://p2'],
    ])
  })

  it('is over when nobody listens any more', () => {
    const { sent } = play(script({ p1: dead, p2: () => NEVER }), [
      [0, clusterMap],
      [10, (c) => ask(c).pipe(takeUntil(timer(5)))],
    ])
    expect(sent.requests.map(({ state }) => state)).to.deep.equal(['answered', 'failed', 'cut'])
  })
})
