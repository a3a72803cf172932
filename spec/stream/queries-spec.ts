import { expect } from 'chai'
import { inspect } from 'node:util'
import type { Observable } from 'rxjs'
import { isLeft, left, right } from '../../lib/common/either.ts'
import type { ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import { clusterMap, details, status } from '../../lib/queries.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { marbles } from '../helpers/marbles.ts'
import {
  json,
  refusal,
  clusterMap as mapReply,
  ns,
  snapshotsAre,
  snap,
  statusIs,
  statusRow,
  type StatusOptions,
} from '../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted, type Reply, type Scripted, sentLines } from '../helpers/scripted.ts'

// One-shot queries: `status`, `details` and `clusterMap` send a request for each subscription.

/** A cluster that replies the same to each request. */
const alwaysReplying = (reply: Reply): Scripted => scripted(() => reply)

const STATUS_REQUEST = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const SNAPSHOTS_REQUEST = { method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' }
const bucket = { name: 'b', provider: 'aws' }

const wireStatus = (id: string, kind = 'lru', more: StatusOptions = {}): HttpResponse => statusIs({ id, kind, ...more })

type Query = (cluster: ClusterLike, selector: JobSelector) => Observable<Result<unknown>>

/** Declares a spec: the query sends exactly these requests. */
function itSends(query: Query, selector: JobSelector | undefined, expected: readonly string[]): void {
  it(`sends ${expected.join(', ')} for ${selector === undefined ? 'everything' : JSON.stringify(selector)}`, () => {
    const sent = alwaysReplying(json({}))
    only(query(clusterOf(sent), selector as JobSelector))
    expect(sentLines(sent)).to.deep.equal(expected)
  })
}

/** Declares a spec: the query refuses the selector before it sends anything. */
function itRefuses(query: Query, selector: unknown, argument: string): void {
  it(`refuses ${inspect(selector)}, and names the argument ${argument}`, () => {
    const sent = alwaysReplying(json({}))
    const result = only(query(clusterOf(sent), selector as JobSelector))
    if (!isLeft(result) || result.left._tag !== 'InvalidArgument') throw new Error('not refused')
    expect(result.left.argument).to.equal(argument)
    expect(sent.requests).to.have.lengthOf(0)
  })
}

describe('status', () => {
  itSends(status, { id: 'oFIsIapbT' }, ['GET /v1/cluster?what=status {"id":"oFIsIapbT"}'])
  itSends(status, { kind: 'copy-bucket' }, ['GET /v1/cluster?what=status {"kind":"copy-bck"}'])
  itSends(status, { id: 'g1', kind: 'rebalance' }, ['GET /v1/cluster?what=status {"id":"g1","kind":"rebalance"}'])
  itSends(status, { kind: 'copy-bck', bucket }, [
    'GET /v1/cluster?what=status {"kind":"copy-bck","bck":{"name":"b","provider":"aws"}}',
  ])
  // With an id, a bucket could only exclude the job: most jobs register without one.
  itSends(status, { id: 'g1', bucket }, ['GET /v1/cluster?what=status {"id":"g1"}'])
  itSends(status, { kind: 'lru', onlyRunning: true }, ['GET /v1/cluster?what=status {"kind":"lru","show_active":true}'])
  // False would mean "only those that do not run".
  itSends(status, { kind: 'lru', onlyRunning: false }, ['GET /v1/cluster?what=status {"kind":"lru"}'])
  itSends(status, { id: 'g1', onlyRunning: true }, ['GET /v1/cluster?what=status {"id":"g1"}'])
  itSends(status, { id: 'g1,g2', kind: 'lru' }, [
    'GET /v1/cluster?what=status {"id":"g1","kind":"lru"}',
    'GET /v1/cluster?what=status {"id":"g2","kind":"lru"}',
  ])

  for (const selector of [undefined, {}, { bucket }, { onlyRunning: true }, null, 'g1', []])
    itRefuses(status, selector, 'selector')
  itRefuses(status, { id: 'g1', target: 't1' }, 'target')
  itRefuses(status, { kind: 'lur' }, 'kind')
  itRefuses(status, { id: '../x' }, 'id')

  it('decodes by the request, whatever the content type is, and does not round (T2)', () => {
    const body = statusRow({ err: 'user abort', endMs: 0, aborted: true })
    for (const type of ['text/plain; charset=utf-8', 'text/html', undefined]) {
      const sent = alwaysReplying({ body, headers: type === undefined ? {} : { 'content-type': type } })
      expect(only(status(clusterOf(sent), { id: 'oFIsIapbT' }))).to.deep.equal(
        right({
          id: 'oFIsIapbT',
          kind: 'copy-bck',
          err: 'user abort',
          endTime: 1795427154572988356n,
          aborted: true,
        }),
      )
    }
  })

  it('returns NotFound if the reply is about another job (T4)', () => {
    const other = left({ _tag: 'NotFound', message: 'the cluster answered with another job', request: STATUS_REQUEST })
    expect(only(status(clusterOf(alwaysReplying(wireStatus('g2'))), { id: 'g1' }))).to.deep.equal(other)
    expect(only(status(clusterOf(alwaysReplying(wireStatus('g1', 'lru'))), { id: 'g1', kind: 'x' }))).to.deep.equal(
      other,
    )
    expect(only(status(clusterOf(alwaysReplying(wireStatus('g1', 'lru'))), { kind: 'rechunk' }))).to.deep.equal(other)
  })

  it('returns NotFound for an ended job if only running jobs are selected', () => {
    const notRunning = left({ _tag: 'NotFound', message: 'the job is not running', request: STATUS_REQUEST })
    for (const selector of [{ id: 'g1' }, { kind: 'lru' }])
      for (const ended of [{ endMs: 1 }, { aborted: true }]) {
        const cluster = clusterOf(alwaysReplying(wireStatus('g1', 'lru', ended)))
        expect(only(status(cluster, { ...selector, onlyRunning: true }))).to.deep.equal(notRunning)
        expect(isLeft(only(status(cluster, selector)))).to.equal(false)
      }
    const running = clusterOf(alwaysReplying(wireStatus('g1')))
    expect(isLeft(only(status(running, { kind: 'lru', onlyRunning: true })))).to.equal(false)
  })

  it('combines the statuses of several ids', () => {
    const ended = { endMs: 5 }
    const later = { endMs: 7, err: 'disk full' }
    const all = (first: StatusOptions, second: StatusOptions): unknown => {
      const sent = scripted((_, nth) => wireStatus(nth === 0 ? 'g1' : 'g2', 'rebalance', nth === 0 ? first : second))
      return only(status(clusterOf(sent), { id: 'g1,g2' }))
    }
    const both = { id: 'g1,g2', kind: 'rebalance', err: '', aborted: false }
    expect(all({}, {})).to.deep.equal(right(both))
    expect(all(ended, {})).to.deep.equal(right(both))
    expect(all(ended, later)).to.deep.equal(right({ ...both, err: 'disk full', endTime: ns(7) }))
    expect(all(later, ended)).to.deep.equal(right({ ...both, err: 'disk full', endTime: ns(7) }))
    expect(all({}, { aborted: true })).to.deep.equal(right({ ...both, aborted: true }))
  })

  it('returns the error if the status of any id fails', () => {
    const sent = scripted(({ body }) =>
      (body as { id: string }).id === 'g2' ? refusal(404, 'x-[g2] does not exist') : wireStatus('g1'),
    )
    expect(only(status(clusterOf(sent), { id: 'g1,g2' }))).to.deep.equal(
      left({ _tag: 'NotFound', message: 'x-[g2] does not exist', request: STATUS_REQUEST }),
    )
  })

  it('is cold, sends a request for each subscription, and cancels it on unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const reply = cold('  ----(r|)', { r: wireStatus('g1') })
      const subs = ['                   ^---!', '                   ------^---!', '                   ------------^-!']
      const sent = scripted(() => reply, scheduler)
      const query$ = status(clusterOf(sent, { scheduler }), { id: 'g1' })
      const value = right({ id: 'g1', kind: 'lru', err: '', aborted: false })
      expectObservable(query$).toBe('                  ----(a|)', { a: value })
      expectObservable(query$, '------^----------').toBe(' ----------(a|)', { a: value })
      expectObservable(query$, '------------^-!  ').toBe(' -')
      expectSubscriptions(reply.subscriptions).toBe(subs)
      flush()
      expect(sent.requests.map(({ state, endedAtMs }) => [state, endedAtMs])).to.deep.equal([
        ['answered', 4],
        ['answered', 10],
        ['cut', 14],
      ])
    })
  })

  it('sends a request for each id of a list, one after the other', () => {
    marbles(({ cold, expectObservable, flush }, scheduler) => {
      const sent = scripted(({ body }) => cold('---(r|)', { r: wireStatus((body as { id: string }).id) }), scheduler)
      const value = right({ id: 'g1,g2,g3', kind: 'lru', err: '', aborted: false })
      expectObservable(status(clusterOf(sent, { scheduler }), { id: 'g1,g2,g3' })).toBe('---------(a|)', { a: value })
      flush()
      expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 3, 6])
    })
  })
})

describe('details', () => {
  itSends(details, undefined, ['GET /v1/cluster?what=qryxstats {}'])
  itSends(details, {}, ['GET /v1/cluster?what=qryxstats {}'])
  itSends(details, { id: 'g1' }, ['GET /v1/cluster?what=qryxstats {"id":"g1"}'])
  itSends(details, { kind: 'lru-eviction' }, ['GET /v1/cluster?what=qryxstats {"kind":"lru"}'])
  itSends(details, { id: 'g1', kind: 'newer' }, ['GET /v1/cluster?what=qryxstats {"id":"g1","kind":"newer"}'])
  itSends(details, { kind: 'lru', onlyRunning: true }, [
    'GET /v1/cluster?what=qryxstats {"kind":"lru","show_active":true}',
  ])
  itSends(details, { kind: 'lru', onlyRunning: false }, ['GET /v1/cluster?what=qryxstats {"kind":"lru"}'])
  // Without a kind, the server would return one job of each kind. With an id, it would reply 404 for an ended job.
  itSends(details, { onlyRunning: true }, ['GET /v1/cluster?what=qryxstats {}'])
  itSends(details, { id: 'g1', onlyRunning: true }, ['GET /v1/cluster?what=qryxstats {"id":"g1"}'])
  // The server would compare the bucket with only one of a job's two buckets.
  itSends(details, { kind: 'lru', bucket }, ['GET /v1/cluster?what=qryxstats {"kind":"lru"}'])
  itSends(details, { id: 'g1', bucket }, ['GET /v1/cluster?what=qryxstats {"id":"g1"}'])
  itSends(details, { target: 't1' }, ['GET /v1/cluster?what=qryxstats {}'])
  itSends(details, { id: 'g1,g2' }, [
    'GET /v1/cluster?what=qryxstats {"id":"g1"}',
    'GET /v1/cluster?what=qryxstats {"id":"g2"}',
  ])

  for (const selector of [null, 'g1', 5, [], () => 'g1']) itRefuses(details, selector, 'selector')
  itRefuses(details, { kind: 'lur' }, 'kind')
  itRefuses(details, { id: null }, 'id')
  itRefuses(details, { bucket: { name: 'b', namespace: null } }, 'bucket')

  const wireSnapshots = {
    t1: [snap({ id: 'g1', kind: 'rebalance' }), { ...snap({ id: 'V7Bc1dasbT', endMs: 0 }), bck: { name: 'b' } }],
    t2: [snap({ id: 'g1', kind: 'rebalance', aborted: true })],
    t3: null,
  }
  const idsByTarget = (selector?: JobSelector): unknown => {
    const result = only(details(clusterOf(alwaysReplying(json(wireSnapshots))), selector))
    if (isLeft(result)) return result.left._tag
    expect(Object.getPrototypeOf(result.right)).to.equal(Object.prototype)
    return Object.fromEntries(
      Object.entries(result.right).map(([target, snaps]) => [target, snaps.map(({ id }) => id)]),
    )
  }

  it('finds a copy by source or destination, and an lru, which has no bucket, by kind only', () => {
    const [src, dst] = [{ name: 'src', provider: 'ais' }, { name: 'dst' }]
    const copy = { ...snap(), bck: dst, 'src-bck': src, 'dst-bck': dst }
    const lru = snap({ id: 'zOCwz4iJS', kind: 'lru' })
    const ids = (selector: JobSelector): unknown => {
      const result = only(details(clusterOf(alwaysReplying(snapshotsAre({ t1: [copy, lru] }))), selector))
      return isLeft(result) ? result.left : result.right['t1']?.map(({ id }) => id)
    }
    for (const bucket of [src, dst]) expect(ids({ bucket })).to.deep.equal(['oFIsIapbT'])
    expect(ids({ kind: 'copy-bck', bucket: { name: 'other' } })).to.deep.equal([])
    expect(ids({ kind: 'lru', bucket: { name: 'other' } })).to.deep.equal(['zOCwz4iJS'])
  })

  const filtered: readonly (readonly [selector: JobSelector | undefined, expected: unknown])[] = [
    [undefined, { t1: ['g1', 'V7Bc1dasbT'], t2: ['g1'], t3: [] }],
    [{}, { t1: ['g1', 'V7Bc1dasbT'], t2: ['g1'], t3: [] }],
    [{ id: 'g1' }, { t1: ['g1'], t2: ['g1'], t3: [] }],
    [{ id: 'g9' }, { t1: [], t2: [], t3: [] }],
    [{ kind: 'copy-bucket' }, { t1: ['V7Bc1dasbT'], t2: [], t3: [] }],
    [{ kind: 'lru' }, { t1: [], t2: [], t3: [] }],
    [
      { id: 'g1', kind: 'newer' },
      { t1: [], t2: [], t3: [] },
    ],
    [{ target: 't2' }, { t1: [], t2: ['g1'], t3: [] }],
    [{ bucket: { name: 'b', provider: 'ais' } }, { t1: ['V7Bc1dasbT'], t2: [], t3: [] }],
    [
      { id: 'g1', bucket: { name: 'b' } },
      { t1: [], t2: [], t3: [] },
    ],
    [{ onlyRunning: true }, { t1: ['g1'], t2: [], t3: [] }],
  ]
  for (const [selector, expected] of filtered)
    it(`filters the reply again by ${selector === undefined ? 'nothing' : JSON.stringify(selector)} (T4)`, () => {
      expect(idsByTarget(selector)).to.deep.equal(expected)
    })

  const replies: readonly {
    readonly what: string
    readonly first: Reply
    readonly second: Reply
    readonly expected: unknown
  }[] = [
    {
      what: 'both',
      first: snapshotsAre({ t1: [wireSnapshots.t1[0]!] }),
      second: snapshotsAre({ t1: [{ ...wireSnapshots.t1[0], id: 'g2' }], t2: [] }),
      expected: { t1: ['g1', 'g2'], t2: [] },
    },
    {
      what: 'one of two',
      first: refusal(404, 'not found'),
      second: snapshotsAre({ t1: [{ ...wireSnapshots.t1[0], id: 'g2' }] }),
      expected: { t1: ['g2'] },
    },
    { what: 'none', first: refusal(404, 'not found'), second: refusal(404, 'not found'), expected: 'NotFound' },
    { what: 'one and a failure', first: json({ t1: [] }), second: refusal(500, 'oops'), expected: 'HttpError' },
    {
      what: 'a missing one and a failure',
      first: refusal(404, 'not found'),
      second: refusal(500, 'oops'),
      expected: 'HttpError',
    },
  ]
  for (const { what, first, second, expected } of replies)
    it(`combines several ids: ${what}`, () => {
      const sent = scripted((_, nth) => (nth === 0 ? first : second))
      const result = only(details(clusterOf(sent), { id: 'g1,g2' }))
      expect(
        isLeft(result)
          ? result.left._tag
          : Object.fromEntries(Object.entries(result.right).map(([t, snaps]) => [t, snaps.map(({ id }) => id)])),
      ).to.deep.equal(expected)
    })

  it('sends a request for each subscription', () => {
    const sent = alwaysReplying(json({}))
    const query$ = details(clusterOf(sent))
    expect(sent.requests).to.have.lengthOf(0)
    expect(only(query$)).to.deep.equal(only(query$))
    expect(sent.requests).to.have.lengthOf(2)
  })
})

describe('clusterMap', () => {
  const smap = mapReply({ proxies: ['p1', 'p2'], targets: ['t1'], ic: ['p1'], flags: { t1: 4 }, version: 7 })

  it('sends GET /v1/cluster?what=smap without a body', () => {
    const sent = alwaysReplying(smap)
    const result = only(clusterMap(clusterOf(sent)))
    expect(sentLines(sent)).to.deep.equal(['GET /v1/cluster?what=smap (none)'])
    if (isLeft(result)) throw new Error('no map')
    const { primary, ic, version, targets } = result.right
    expect({ primary, ic, version, targets: Object.keys(targets) }).to.deep.equal({
      primary: 'p1',
      ic: ['p1'],
      version: 7n,
      targets: ['t1'],
    })
  })

  it('sends a request for each subscription', () => {
    const sent = alwaysReplying(smap)
    const query$ = clusterMap(clusterOf(sent))
    expect(sent.requests).to.have.lengthOf(0)
    expect(only(query$)).to.deep.equal(only(query$))
    expect(sent.requests).to.have.lengthOf(2)
  })
})

describe('every query', () => {
  const notJson = (problem: string): object => ({ problems: [`$: not JSON: ${problem}`], notJson: true })
  const bodies: readonly { readonly body: string; readonly ofStatus: object; readonly ofDetails: object }[] = [
    { body: '', ofStatus: notJson('an empty reply'), ofDetails: notJson('an empty reply') },
    {
      body: '<html>x</html>',
      ofStatus: notJson('14 characters starting like HTML'),
      ofDetails: notJson('14 characters starting like HTML'),
    },
    {
      body: '{"t1":',
      ofStatus: notJson('cut off after 6 characters'),
      ofDetails: notJson('cut off after 6 characters'),
    },
    {
      body: 'null',
      ofStatus: { problems: ['$: expected JobStatus, got null'] },
      ofDetails: { problems: ['$: expected Snapshots, got null'] },
    },
    {
      body: '[]',
      ofStatus: { problems: ['$: expected JobStatus, got an array of 0'] },
      ofDetails: { problems: ['$: expected Snapshots, got an array of 0'] },
    },
    {
      body: '{"uuid":5,"t1":[{"id":7,"kind":"lru"}]}',
      ofStatus: { problems: ['$.uuid: expected string, got 5'] },
      ofDetails: { problems: ['$.uuid: expected array of JobSnap, got 5', '$.t1[0].id: expected string, got 7'] },
    },
  ]
  for (const { body, ofStatus, ofDetails } of bodies)
    it(`returns a DecodeError with the problems of ${JSON.stringify(body)}`, () => {
      const cluster = clusterOf(alwaysReplying({ body }))
      expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(
        left({ _tag: 'DecodeError', ...ofStatus, request: STATUS_REQUEST }),
      )
      expect(only(details(cluster))).to.deep.equal(
        left({ _tag: 'DecodeError', ...ofDetails, request: SNAPSHOTS_REQUEST }),
      )
    })

  it('sends JSON headers, and no authorization without a token', () => {
    const sent = alwaysReplying(json({}))
    only(details(clusterOf(sent)))
    expect(sent.requests[0]!.headers).to.deep.equal({ 'content-type': 'application/json', accept: 'application/json' })
  })

  it('returns values whose changes do not affect other subscribers', () => {
    const result = only(status(clusterOf(alwaysReplying(refusal(404, 'no'))), { id: 'g1' }))
    if (!isLeft(result) || result.left._tag !== 'NotFound') throw new Error('found')
    expect(Object.isFrozen(result.left.request)).to.equal(true)
  })
})
