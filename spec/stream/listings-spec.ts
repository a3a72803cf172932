import { expect } from 'chai'
import { inspect } from 'node:util'
import { NEVER, isObservable, type Observable } from 'rxjs'
import { isLeft, left, right } from '../../lib/common/either.ts'
import type { ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import { running, statuses } from '../../lib/listings.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import { fixtures } from '../../lib/testing/fixtures.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { marbles } from '../helpers/marbles.ts'
import {
  json,
  refusal,
  ns,
  snapshotsAre,
  snap,
  statusRow,
  statusesAre,
  type SnapOptions,
  type StatusOptions,
} from '../helpers/fake-cluster/replies.ts'
import { mapOf } from '../helpers/proxies.ts'
import type { Recorded } from '../helpers/recorded.ts'
import { clusterOf, failing, only, scripted, type Reply, type Scripted, sentLines } from '../helpers/scripted.ts'

// `statuses` lists all jobs that the Information Center knows, `running` the jobs that run on the targets.

const LIST_REQUEST = { method: 'GET', path: '/v1/cluster', query: 'what=status_all&frc=true' }
const bucket = { name: 'b', provider: 'aws' }
const lruStatus = (id: string, more: StatusOptions = {}): StatusOptions => ({ id, kind: 'lru', ...more })
const decodedLru = (id: string, more: object = {}): object => ({ id, kind: 'lru', err: '', aborted: false, ...more })
/** A cluster that replies the same to each request. */
const alwaysReplying = (reply: Reply): Scripted => scripted(() => reply)
/** Where each request went and what it queried, such as `http://p1 status_all`. */
const requestsOf = ({ requests }: Scripted): readonly string[] =>
  requests.map(({ origin, query }) => `${origin} ${query.replace(/^what=|&.*/g, '')}`)

type Query = (cluster: ClusterLike, selector?: JobSelector) => Observable<Result<readonly unknown[]>>

/** Declares a spec: the query sends exactly these requests. */
function itSends(query: Query, reply: Reply, selector: unknown, expected: readonly string[]): void {
  it(`sends ${expected.join(', ')} for ${selector === undefined ? 'everything' : JSON.stringify(selector)}`, () => {
    const sent = alwaysReplying(reply)
    only(query(clusterOf(sent), selector as JobSelector))
    expect(sentLines(sent)).to.deep.equal(expected.map((text) => `GET /v1/cluster?what=${text}`))
  })
}

/** Declares a spec: the query refuses the selector before it sends anything. */
function itRefuses(query: Query, selector: unknown, argument: string): void {
  it(`refuses ${inspect(selector)}, and names the argument ${argument}`, () => {
    const sent = alwaysReplying(json([]))
    const result = only(query(clusterOf(sent), selector as JobSelector))
    if (!isLeft(result) || result.left._tag !== 'InvalidArgument') throw new Error('not refused')
    expect(result.left.argument).to.equal(argument)
    expect(sent.requests).to.have.lengthOf(0)
  })
}

/** Declares the specs that each query passes. */
function itIsAQuery(query: Query, reply: HttpResponse, value: unknown): void {
  it('is cold, sends a request for each subscription, and cancels it on unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const answer = cold(' ----(r|)', { r: reply })
      const subs = ['                   ^---!', '                   ------^---!', '                   ------------^-!']
      const sent = scripted(() => answer, scheduler)
      const query$ = query(clusterOf(sent, { scheduler }))
      expect(sent.requests).to.have.lengthOf(0)
      expectObservable(query$).toBe('                  ----(a|)', { a: value })
      expectObservable(query$, '------^----------').toBe(' ----------(a|)', { a: value })
      expectObservable(query$, '------------^-!  ').toBe(' -')
      expectSubscriptions(answer.subscriptions).toBe(subs)
      flush()
      expect(sent.requests.map(({ state, endedAtMs }) => [state, endedAtMs])).to.deep.equal([
        ['answered', 4],
        ['answered', 10],
        ['cut', 14],
      ])
    })
  })

  it('uses the given scheduler for its timeout', () => {
    marbles(({ expectObservable }, scheduler) => {
      const query$ = query(clusterOf(alwaysReplying(NEVER), { scheduler, requestTimeoutMs: 5 }))
      const request = { ...LIST_REQUEST, query: query === statuses ? LIST_REQUEST.query : 'what=running_all' }
      expectObservable(query$).toBe('-----(a|)', { a: left({ _tag: 'RequestTimeout', afterMs: 5, request }) })
    })
  })

  const errors: readonly (readonly [what: string, answer: Reply, tag: string])[] = [
    ['an error reply', refusal(500, 'oops'), 'HttpError'],
    ['a proxy that starts up', fixtures.notReady, 'HttpError'],
    ['a missing token', fixtures.unauthorized, 'Unauthorized'],
    ['an unreachable target (T27)', fixtures.targetUnreachable, 'HttpError'],
    ['a lost connection', failing('ECONNRESET'), 'TransportError'],
    ['an HTML page', { body: '<html></html>' }, 'DecodeError'],
    ['an object', { body: '{}' }, 'DecodeError'],
    ['items of another type', { body: '[7]' }, 'DecodeError'],
  ]
  for (const [what, answer, tag] of errors)
    it(`returns ${tag} for ${what}, after one request`, () => {
      const sent = alwaysReplying(answer)
      const result = only(query(clusterOf(sent)))
      expect(isLeft(result) && result.left._tag).to.equal(tag)
      expect(sent.requests).to.have.lengthOf(1)
    })

  it('refuses anything but a cluster', () => {
    const result = only(query({} as ClusterLike))
    expect(isLeft(result) && result.left).to.include({ _tag: 'InvalidArgument', argument: 'cluster' })
  })
}

describe('statuses', () => {
  const oneStatus = statusesAre([lruStatus('g1')])
  // frc fills err, but is expensive. It is used here once, and never in a poll (T11).
  itSends(statuses, oneStatus, undefined, ['status_all&frc=true {}'])
  itSends(statuses, oneStatus, {}, ['status_all&frc=true {}'])
  itSends(statuses, oneStatus, { id: 'g1' }, ['status_all&frc=true {"id":"g1"}'])
  // The server does not translate display names: it would reply null.
  itSends(statuses, oneStatus, { kind: 'lru-eviction' }, ['status_all&frc=true {"kind":"lru"}'])
  itSends(statuses, oneStatus, { kind: 'lru', bucket }, [
    'status_all&frc=true {"kind":"lru","bck":{"name":"b","provider":"aws"}}',
  ])
  // With an id, a bucket could only exclude the job.
  itSends(statuses, oneStatus, { id: 'g1', bucket }, ['status_all&frc=true {"id":"g1"}'])
  // The server would omit the end of a job that is listed twice.
  itSends(statuses, oneStatus, { onlyRunning: true }, ['status_all&frc=true {}'])
  itSends(statuses, oneStatus, { kind: 'lru', onlyRunning: true }, ['status_all&frc=true {"kind":"lru"}'])
  itSends(statuses, oneStatus, { id: 'g1,g2', kind: 'lru' }, [
    'status_all&frc=true {"id":"g1","kind":"lru"}',
    'status_all&frc=true {"id":"g2","kind":"lru"}',
  ])

  for (const selector of [null, 'g1', []]) itRefuses(statuses, selector, 'selector')
  itRefuses(statuses, { target: 't1' }, 'target')
  itRefuses(statuses, { kind: 'lur' }, 'kind')
  itRefuses(statuses, { id: 'a b' }, 'id')
  itRefuses(statuses, { onlyRunning: 1 }, 'onlyRunning')

  itIsAQuery(statuses, oneStatus, right([decodedLru('g1')]))

  const read = (wire: readonly StatusOptions[], selector?: JobSelector): unknown =>
    only(statuses(clusterOf(alwaysReplying(statusesAre(wire))), selector))

  it('does not round end times', () => {
    const body = `[${statusRow(lruStatus('g1', { err: 'x', endMs: 0, aborted: true }))}]`
    expect(only(statuses(clusterOf(alwaysReplying({ body }))))).to.deep.equal(
      right([decodedLru('g1', { err: 'x', endTime: 1795427154572988356n, aborted: true })]),
    )
  })

  it('reports a job that is listed as running and as ended as ended, in any order (T9)', () => {
    const ended = lruStatus('g1', { endMs: 5 })
    const aborted = lruStatus('g1', { aborted: true })
    for (const wire of [
      [lruStatus('g1'), ended],
      [ended, lruStatus('g1')],
    ])
      expect(read(wire)).to.deep.equal(right([decodedLru('g1', { endTime: ns(5) })]))
    for (const wire of [
      [lruStatus('g1'), aborted],
      [aborted, lruStatus('g1')],
    ])
      expect(read(wire)).to.deep.equal(right([decodedLru('g1', { aborted: true })]))
    expect(read([lruStatus('g1'), ended], { onlyRunning: true })).to.deep.equal(right([]))
  })

  it('filters the reply again (T4)', () => {
    const wire = [
      lruStatus('g1'),
      lruStatus('g2', { kind: 'rebalance' }),
      lruStatus('g3', { endMs: 5 }),
      lruStatus('g4', { aborted: true }),
    ]
    const ids = (selector?: JobSelector): unknown => {
      const result = read(wire, selector) as { readonly right: readonly { readonly id: string }[] }
      return result.right.map(({ id }) => id)
    }
    expect(ids()).to.deep.equal(['g1', 'g2', 'g3', 'g4'])
    expect(ids({ kind: 'lru-eviction' })).to.deep.equal(['g1', 'g3', 'g4'])
    expect(ids({ id: 'g2' })).to.deep.equal(['g2'])
    expect(ids({ id: 'g2,g3' })).to.deep.equal(['g2', 'g3'])
    expect(ids({ id: 'g2', kind: 'lru' })).to.deep.equal([])
    expect(ids({ onlyRunning: true })).to.deep.equal(['g1', 'g2'])
    expect(ids({ onlyRunning: false })).to.deep.equal(['g1', 'g2', 'g3', 'g4'])
  })

  it('sends a request for each id of a list, one after the other', () => {
    marbles(({ cold, expectObservable, flush }, scheduler) => {
      const reply = (id: string) => cold('---(r|)', { r: statusesAre([lruStatus(id)]) })
      const sent = scripted(({ body }) => reply((body as { id: string }).id), scheduler)
      const value = right([decodedLru('g1'), decodedLru('g2'), decodedLru('g3')])
      expectObservable(statuses(clusterOf(sent, { scheduler }), { id: 'g1,g2,g3' })).toBe('---------(a|)', { a: value })
      flush()
      expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 3, 6])
    })
  })

  it('return the error if the status of any id fails', () => {
    const sent = scripted((_, nth) => (nth === 0 ? statusesAre([lruStatus('g1')]) : refusal(500, 'oops')))
    expect(isLeft(only(statuses(clusterOf(sent), { id: 'g1,g2' })))).to.equal(true)
  })

  describe('that are null (T8)', () => {
    const IC = mapOf(['p1', 'p2', 'p3'], { ic: ['p2', 'p3'] })
    /** Requests all statuses from `p1`. Endpoints without a reply of their own reply null. */
    const queryAll = (
      map: Reply,
      replies: Readonly<Record<string, Reply>> = {},
      endpoint: string | readonly string[] = 'http://p1',
      token?: string,
    ): { readonly result: Result<unknown>; readonly log: readonly string[]; readonly sent: Scripted } => {
      const sent = scripted(({ query, origin }) => {
        const reply = query === 'what=smap' ? map : (replies[origin] ?? fixtures.statusesNone)
        return isObservable(reply) ? reply : { ...reply }
      })
      const cluster = clusterOf(sent, token === undefined ? {} : { token }, endpoint)
      return { result: only(statuses(cluster)), log: requestsOf(sent), sent }
    }

    it('are an empty list if a member sends it, after one more request, for the map', () => {
      for (const map of [mapOf(['p1'], { ic: ['p1'] }), mapOf(['p1', 'p2'], { flags: { p1: 1 }, ic: ['p1', 'p2'] })]) {
        const { result, log } = queryAll(map)
        expect(result).to.deep.equal(right([]))
        expect(log).to.deep.equal(['http://p1 status_all', 'http://p1 smap'])
      }
    })

    it('are ignored from another proxy, and a member is tried', () => {
      const { result, log, sent } = queryAll(IC, { 'http://p2': statusesAre([lruStatus('g1')]) })
      expect(result).to.deep.equal(right([decodedLru('g1')]))
      expect(log).to.deep.equal(['http://p1 status_all', 'http://p1 smap', 'http://p2 status_all'])
      expect(sent.requests[2]).to.include({ text: '{}', query: LIST_REQUEST.query })
    })

    it('are an empty list if the member replies null, too', () => {
      const { result, log } = queryAll(IC)
      expect(result).to.deep.equal(right([]))
      expect(log).to.have.lengthOf(3)
    })

    it('are requested from the next member if one does not reply', () => {
      const { result, log } = queryAll(IC, {
        'http://p2': failing('ECONNREFUSED'),
        'http://p3': statusesAre([lruStatus('g1')]),
      })
      expect(result).to.deep.equal(right([decodedLru('g1')]))
      expect(log.slice(2)).to.deep.equal(['http://p2 status_all', 'http://p3 status_all'])
    })

    it('return the last error if no member replies', () => {
      const { result } = queryAll(IC, { 'http://p2': failing('ECONNREFUSED'), 'http://p3': refusal(500, 'oops') })
      expect(isLeft(result) && result.left).to.include({ _tag: 'HttpError', status: 500 })
    })

    it('return the error of the map request', () => {
      const { result, log } = queryAll(refusal(500, 'oops'))
      expect(isLeft(result) && result.left).to.include({ _tag: 'HttpError', status: 500 })
      expect(log).to.have.lengthOf(2)
    })

    it('are requested from the primary if the map has no IC members', () => {
      const map = mapOf(['p1', 'p2'], { primary: 'p2' })
      expect(queryAll(map, { 'http://p2': statusesAre([lruStatus('g1')]) }).result).to.deep.equal(
        right([decodedLru('g1')]),
      )
    })

    it('return an error if no member has an allowed address', () => {
      for (const [url, endpoint] of [
        ['', 'http://p1'],
        ['ftp://p2', 'http://p1'],
        // Never over a weaker scheme, which would expose the token.
        ['http://p2', 'https://p1'],
      ] as const) {
        const { result, sent } = queryAll(
          mapOf(['p1', 'p2'], { ic: ['p2'], urls: { p1: endpoint, p2: url } }),
          {},
          endpoint,
          't',
        )
        expect(isLeft(result) && result.left).to.include({ _tag: 'TransportError', code: 'NO_IC', permanent: false })
        expect(sent.requests.map(({ origin }) => origin)).to.deep.equal([endpoint, endpoint])
      }
    })

    it('are requested from the member with the token', () => {
      const { sent } = queryAll(IC, {}, 'http://p1', 'secret')
      expect(sent.requests.map(({ headers }) => headers['authorization'])).to.deep.equal(
        Array.from({ length: 3 }, () => 'Bearer secret'),
      )
    })

    it('are accepted from the proxy that replied if it is a member, although another endpoint returned the map', () => {
      let mapRequests = 0
      const sent = scripted(({ origin, query }) => {
        if (query !== 'what=smap')
          return origin === 'http://p2' ? statusesAre([lruStatus('g1')]) : fixtures.statusesNone
        return mapRequests++ === 0 ? failing('ECONNRESET') : mapOf(['p1', 'p2'], { ic: ['p2'] })
      })
      expect(only(statuses(clusterOf(sent, {}, ['http://p1', 'http://p2'])))).to.deep.equal(right([decodedLru('g1')]))
      expect(requestsOf(sent)).to.deep.equal([
        'http://p1 status_all',
        'http://p1 smap',
        'http://p2 smap',
        'http://p2 status_all',
      ])
    })

    it('are requested again for each subscription, and cancelled on unsubscribe', () => {
      marbles(({ cold, expectObservable, flush }, scheduler) => {
        const replyTo = ({ query, origin }: Recorded): HttpResponse => {
          if (query === 'what=smap') return IC
          return origin === 'http://p2' ? statusesAre([lruStatus('g1')]) : fixtures.statusesNone
        }
        const sent = scripted((request) => cold('--(r|)', { r: replyTo(request) }), scheduler)
        const all = statuses(clusterOf(sent, { scheduler }))
        expectObservable(all).toBe('                 ------(a|)', { a: right([decodedLru('g1')]) })
        expectObservable(all, '--------^--!').toBe('-')
        flush()
        expect(sent.requests.map(({ atMs, state }) => `${atMs} ${state}`)).to.deep.equal([
          '0 answered',
          '2 answered',
          '4 answered',
          // The members of the IC are still known.
          '8 answered',
          '10 cut',
        ])
      })
    })
  })
})

describe('running', () => {
  const jobs = json(['copy-bck[oFIsIapbT]', 'lru[g1]', 'download[FH-CdasbR7]'])
  itSends(running, jobs, undefined, ['running_all {}'])
  itSends(running, jobs, {}, ['running_all {}'])
  itSends(running, jobs, { kind: 'copy-bucket' }, ['running_all {"kind":"copy-bck"}'])
  itSends(running, jobs, { id: 'g1,g2', onlyRunning: true }, ['running_all {}'])
  itSends(running, json({}), { bucket }, ['qryxstats {}'])
  itSends(running, json({}), { kind: 'lru', target: 't1' }, ['qryxstats {"kind":"lru","show_active":true}'])
  itSends(running, json({}), { id: 'g1,g2', target: 't1' }, ['qryxstats {"id":"g1"}', 'qryxstats {"id":"g2"}'])

  for (const selector of [null, 'g1', []]) itRefuses(running, selector, 'selector')
  itRefuses(running, { kind: 'lur' }, 'kind')
  itRefuses(running, { target: '' }, 'target')
  itRefuses(running, { bucket: { name: '' } }, 'bucket')

  itIsAQuery(running, json(['lru[g1]']), right([{ id: 'g1', kind: 'lru' }]))

  it('filters the reply again (T4)', () => {
    const read = (selector?: JobSelector): unknown => {
      const result = only(running(clusterOf(alwaysReplying(jobs)), selector))
      return isLeft(result) ? result.left : result.right.map(({ id }) => id)
    }
    expect(read()).to.deep.equal(['oFIsIapbT', 'g1', 'FH-CdasbR7'])
    expect(read({ kind: 'copy-bucket' })).to.deep.equal(['oFIsIapbT'])
    expect(read({ id: 'g1,FH-CdasbR7' })).to.deep.equal(['g1', 'FH-CdasbR7'])
    expect(read({ id: 'g1', kind: 'newer' })).to.deep.equal([])
    expect(read({ kind: 'rebalance' })).to.deep.equal([])
  })

  it('is empty if nothing runs', () => {
    expect(only(running(clusterOf(alwaysReplying({ body: '[]\n' }))))).to.deep.equal(right([]))
  })

  describe('of a bucket or a target', () => {
    const snapOfBucket = (id: string, more: SnapOptions = {}, bck: object = bucket): object => ({
      ...snap({ id, kind: 'lru', ...more }),
      bck,
    })
    const snapshotsReply = snapshotsAre({
      t1: [
        snapOfBucket('g1'),
        snapOfBucket('g2', { endMs: 0 }),
        snapOfBucket('g3', { aborted: true }),
        snapOfBucket('g4', { idle: true }),
      ],
      t2: [snapOfBucket('g1'), snapOfBucket('g5', {}, { name: 'other' }), snapOfBucket('g6', { startMs: null })],
    })
    const read = (selector: JobSelector, reply: Reply = snapshotsReply): unknown => {
      const result = only(running(clusterOf(alwaysReplying(reply)), selector))
      return isLeft(result) ? result.left._tag : result.right
    }

    it('contains each job once, including idle ones, and none that has ended or has not started', () => {
      const both = [
        { id: 'g1', kind: 'lru' },
        { id: 'g4', kind: 'lru' },
      ]
      expect(read({ bucket })).to.deep.equal(both)
      expect(read({ target: 't1' })).to.deep.equal(both)
      expect(read({ target: 't2' })).to.deep.equal([both[0], { id: 'g5', kind: 'lru' }])
      expect(read({ target: 't2', bucket, id: 'g1,g5' })).to.deep.equal([both[0]])
      expect(read({ target: 't9' })).to.deep.equal([])
    })

    it('omits an unknown id, but returns NotFound for an unknown bucket', () => {
      expect(read({ id: 'g1,g2', target: 't1' }, fixtures.snapshotsNotFound)).to.deep.equal([])
      expect(read({ bucket }, fixtures.snapshotsNotFound)).to.equal('NotFound')
      expect(read({ id: 'g1', target: 't1' }, fixtures.targetUnreachable)).to.equal('HttpError')
    })
  })
})
