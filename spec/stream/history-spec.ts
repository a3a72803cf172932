import { expect } from 'chai'
import fc from 'fast-check'
import { inspect } from 'node:util'
import { NEVER, type Observable } from 'rxjs'
import { timeText, ZERO_TIME } from '../../lib/emulator/cluster/time-text.ts'
import type { JobSnap } from '../../lib/codec/job-snap.ts'
import { Snapshots } from '../../lib/codec/snapshots.ts'
import { stringifyJson } from '../../lib/codec/json.ts'
import { isLeft, left, right } from '../../lib/common/either.ts'
import type { ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import { totalTime, withinTimeframe, type Timeframe } from '../../lib/history.ts'
import { fixtures } from '../../lib/testing/fixtures.ts'
import { jobSnap, nullRecord } from '../helpers/arbitraries.ts'
import { marbles } from '../helpers/marbles.ts'
import { json, refusal, snapshotsAre as allParts, snap } from '../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted, type Reply, type Scripted, sentLines } from '../helpers/scripted.ts'
import { defined } from '../../lib/common/defined.ts'
import { casesOf } from '../fuzz/seed.ts'

// `withinTimeframe` and `totalTime` read the times of past jobs from the snapshots of the targets.

/** A cluster that replies the same to each request. */
const alwaysReplying = (reply: Reply): Scripted => scripted(() => reply)

const SECOND_NS = 1_000_000_000n
/** 2026-11-23T09:45:00Z */
const BASE_NS = 1_795_427_100n * SECOND_NS

/** The time a number of nanoseconds after BASE, as targets write it. Undefined is the zero time. */
const wireTime = (after: bigint | undefined): string => (after === undefined ? ZERO_TIME : timeText(BASE_NS + after))

interface Part {
  readonly id?: string
  readonly kind?: string
  readonly from?: bigint
  readonly to?: bigint
  readonly aborted?: boolean
}
const wirePart = ({ id = 'g1', kind = 'lru', from, to, aborted = false }: Part): object => ({
  ...snap({ id, kind, aborted }),
  'start-time': wireTime(from),
  'end-time': wireTime(to),
})
/** The reply in which each target has these parts. */
const repliesWith = (targets: Readonly<Record<string, readonly Part[]>>): Reply =>
  allParts(Object.fromEntries(Object.entries(targets).map(([target, parts]) => [target, parts.map(wirePart)])))

type Query = (cluster: ClusterLike, selector: JobSelector) => Observable<Result<unknown>>

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

/** Declares the specs that each query passes: it is cold, and emits one value or one Left. */
function itIsAQuery(query: Query, reply: Reply, value: unknown): void {
  it('is cold, sends a request for each subscription, and cancels it on unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const answer = cold(' ----(r|)', { r: reply as never })
      const subs = ['                   ^---!', '                   ------^---!', '                   ------------^-!']
      const sent = scripted(() => answer, scheduler)
      const query$ = query(clusterOf(sent, { scheduler }), { kind: 'lru' })
      expect(sent.requests).to.have.lengthOf(0)
      expectObservable(query$).toBe('                  ----(a|)', { a: value })
      expectObservable(query$, '------^----------').toBe(' ----------(a|)', { a: value })
      expectObservable(query$, '------------^-!  ').toBe(' -')
      expectSubscriptions(answer.subscriptions).toBe(subs)
    })
  })

  it('uses the given scheduler for its timeout', () => {
    marbles(({ expectObservable }, scheduler) => {
      const query$ = query(clusterOf(alwaysReplying(NEVER), { scheduler, requestTimeoutMs: 5 }), { kind: 'lru' })
      const request = { method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' }
      expectObservable(query$).toBe('-----(a|)', { a: left({ _tag: 'RequestTimeout', afterMs: 5, request }) })
    })
  })

  it('returns errors unchanged', () => {
    for (const [answer, tag] of [
      [refusal(500, 'oops'), 'HttpError'],
      [fixtures.targetUnreachable, 'HttpError'],
      [fixtures.unauthorized, 'Unauthorized'],
      [{ body: '[' }, 'DecodeError'],
    ] as const) {
      const result = only(query(clusterOf(alwaysReplying(answer)), { id: 'g1' }))
      expect(isLeft(result) && result.left._tag).to.equal(tag)
    }
  })
}

describe('withinTimeframe', () => {
  const sinceBase = { from: BASE_NS }
  const queryWithin = (selector: JobSelector | undefined, within: Timeframe = sinceBase, reply: Reply = json({})) => {
    const sent = alwaysReplying(reply)
    return { result: only(withinTimeframe(clusterOf(sent), selector, within)), sent }
  }
  const idsWithin = (
    targets: Parameters<typeof repliesWith>[0],
    within: Timeframe,
    selector?: JobSelector,
  ): unknown => {
    const { result } = queryWithin(selector, within, repliesWith(targets))
    return isLeft(result) ? result.left : result.right.map(({ id }) => id)
  }

  it('requests all snapshots without a selector (T20), a kind by its AIStore name (T19), and each id separately', () => {
    const body = (selector?: JobSelector) => sentLines(queryWithin(selector).sent)
    const get = (text: string): string => `GET /v1/cluster?what=qryxstats ${text}`
    expect(body()).to.deep.equal([get('{}')])
    expect(body({})).to.deep.equal([get('{}')])
    expect(body({ kind: 'lru-eviction' })).to.deep.equal([get('{"kind":"lru"}')])
    expect(body({ id: 'g1,g2' })).to.deep.equal([get('{"id":"g1"}'), get('{"id":"g2"}')])
  })

  itRefuses((cluster, selector) => withinTimeframe(cluster, selector, sinceBase), null, 'selector')
  itRefuses((cluster, selector) => withinTimeframe(cluster, selector, sinceBase), { kind: 'lur' }, 'kind')

  const bad: readonly {
    readonly what: string
    readonly given: unknown
    readonly argument: string
    readonly message: RegExp
  }[] = [
    { what: 'null', given: null, argument: 'timeframe', message: /^got null; takes \{ from, to \}$/ },
    { what: 'a number', given: 5, argument: 'timeframe', message: /got 5/ },
    {
      what: 'no from',
      given: {},
      argument: 'from',
      message: /got undefined; takes a Date, or nanoseconds since the Unix epoch as a bigint/,
    },
    { what: 'from null', given: { from: null }, argument: 'from', message: /got null/ },
    { what: 'from a number', given: { from: Date.now() }, argument: 'from', message: /takes a Date/ },
    { what: 'from a string', given: { from: '2026-11-23' }, argument: 'from', message: /got "2026-11-23"/ },
    { what: 'from an invalid date', given: { from: new Date(NaN) }, argument: 'from', message: /got an invalid date/ },
    { what: 'to null', given: { from: 0n, to: null }, argument: 'to', message: /got null/ },
    {
      what: 'to an invalid date',
      given: { from: 0n, to: new Date(NaN) },
      argument: 'to',
      message: /got an invalid date/,
    },
    { what: 'to before from', given: { from: BASE_NS, to: BASE_NS - 1n }, argument: 'to', message: /before from/ },
    {
      what: 'to before from, as a date',
      given: { from: BASE_NS + 1n, to: new Date(Number(BASE_NS / 1_000_000n)) },
      argument: 'to',
      message: /before from/,
    },
  ]
  for (const { what, given, argument, message } of bad)
    it(`refuses ${what}, and sends nothing`, () => {
      const { result, sent } = queryWithin(undefined, given as Timeframe)
      if (!isLeft(result) || result.left._tag !== 'InvalidArgument') throw new Error('not refused')
      expect(result.left.argument).to.equal(argument)
      expect(result.left.message).to.match(message)
      expect(sent.requests).to.have.lengthOf(0)
    })

  itIsAQuery((cluster, selector) => withinTimeframe(cluster, selector, sinceBase), json({ t1: [] }), right([]))

  const targets = {
    t1: [
      { id: 'g1', from: 0n, to: 10n },
      { id: 'g2', from: 5n },
      { id: 'g3', kind: 'rebalance', from: 5n, to: 20n },
    ],
    t2: [{ id: 'g4', to: 3n }, { id: 'g5', from: -1n, to: 4n }, { id: 'g6' }],
  }

  it('includes both ends, to the nanosecond', () => {
    expect(idsWithin(targets, { from: BASE_NS })).to.deep.equal(['g1', 'g2', 'g3'])
    expect(idsWithin(targets, { from: BASE_NS + 1n })).to.deep.equal(['g2', 'g3'])
    expect(idsWithin(targets, { from: BASE_NS - 1n, to: BASE_NS + 10n })).to.deep.equal(['g1', 'g5'])
    expect(idsWithin(targets, { from: BASE_NS, to: BASE_NS + 9n })).to.deep.equal([])
    expect(idsWithin(targets, { from: BASE_NS + 5n, to: BASE_NS + 20n })).to.deep.equal(['g3'])
    expect(idsWithin(targets, { from: BASE_NS, to: BASE_NS })).to.deep.equal([])
  })

  it('treats a running job as not ended (T17)', () => {
    expect(idsWithin({ t1: [{ from: 1n }] }, { from: 0n, to: BASE_NS * 2n })).to.deep.equal([])
    expect(idsWithin({ t1: [{ from: 1n }] }, { from: 0n })).to.deep.equal(['g1'])
    expect(idsWithin({ t1: [{ from: 1n, aborted: true }] }, { from: 0n, to: BASE_NS * 2n })).to.deep.equal([])
  })

  it('accepts dates and nanoseconds', () => {
    const [from, to] = [new Date(Number(BASE_NS / 1_000_000n)), new Date(Number(BASE_NS / 1_000_000n) + 1)]
    expect(idsWithin(targets, { from, to })).to.deep.equal(['g1', 'g3'])
    expect(idsWithin(targets, { from, to: BASE_NS + 10n })).to.deep.equal(['g1'])
    expect(idsWithin(targets, { from: new Date(0), to: new Date(0) })).to.deep.equal([])
  })

  it('filters by each given member of the selector', () => {
    expect(idsWithin(targets, { from: 0n }, { kind: 'rebalance' })).to.deep.equal(['g3'])
    expect(idsWithin(targets, { from: 0n }, { target: 't2' })).to.deep.equal(['g5'])
    expect(idsWithin(targets, { from: 0n }, { kind: 'rebalance', target: 't2' })).to.deep.equal([])
  })

  it('returns one row per target for known ids, and none for unknown ones', () => {
    expect(queryWithin({ id: 'g1' }, sinceBase, fixtures.snapshotsNotFound).result).to.deep.equal(right([]))
    expect(queryWithin({ id: 'g1,g2' }, sinceBase, fixtures.snapshotsNotFound).result).to.deep.equal(right([]))
    const sent = scripted((_, nth) =>
      nth === 0
        ? fixtures.snapshotsNotFound
        : repliesWith({ t1: [{ id: 'g2', from: 1n }], t2: [{ id: 'g2', from: 1n }] }),
    )
    const result = only(withinTimeframe(clusterOf(sent), { id: 'g1,g2' }, sinceBase))
    expect(isLeft(result) ? result : result.right.map(({ id }) => id)).to.deep.equal(['g2', 'g2'])
  })

  it('returns NotFound for an unknown bucket', () => {
    const { result } = queryWithin({ bucket: { name: 'b' } }, sinceBase, fixtures.snapshotsNotFound)
    expect(isLeft(result) && result.left._tag).to.equal('NotFound')
  })

  it('equals a simple loop over the snapshots', () => {
    const near = fc.bigInt({ min: -3n, max: 3n })
    const time = fc.option(
      near.map((at) => BASE_NS + at),
      { nil: undefined },
    )
    const snap = fc.tuple(jobSnap, time, time).map(([one, startTime, endTime]): JobSnap => {
      const rest: Partial<JobSnap> = { ...one }
      delete (rest as { startTime?: bigint }).startTime
      delete (rest as { endTime?: bigint }).endTime
      const times = defined({ startTime, endTime })
      return { ...(rest as JobSnap), ...times }
    })
    fc.assert(
      fc.property(nullRecord(fc.array(snap, { maxLength: 3 })), near, fc.option(near), (all, from, to) => {
        fc.pre(to === null || to >= from)
        const body = stringifyJson(Snapshots.encode(all))
        const within = { from: BASE_NS + from, ...(to === null ? {} : { to: BASE_NS + to }) }
        const { result } = queryWithin(undefined, within, { body })
        const expected: JobSnap[] = []
        for (const target of Object.keys(all))
          for (const one of all[target] ?? []) {
            if (one.startTime === undefined || one.startTime < within.from) continue
            if (to === null || (one.endTime !== undefined && one.endTime <= BASE_NS + to)) expected.push(one)
          }
        if (isLeft(result)) throw new Error(inspect(result))
        expect(result.right.map(({ startTime, endTime }) => [startTime, endTime])).to.deep.equal(
          expected.map(({ startTime, endTime }) => [startTime, endTime]),
        )
      }),
      { numRuns: casesOf(200) },
    )
  })
})

describe('totalTime', () => {
  for (const selector of [undefined, {}, null, { target: 't1' }, { onlyRunning: true }])
    itRefuses(totalTime, selector, 'selector')
  itRefuses(totalTime, { kind: 'lur' }, 'kind')

  itIsAQuery(totalTime, repliesWith({ t1: [{ from: 0n, to: SECOND_NS }] }), right(1000))

  const totalTimeOf = (targets: Parameters<typeof repliesWith>[0], selector: JobSelector = { id: 'g1' }): unknown => {
    const result = only(totalTime(clusterOf(alwaysReplying(repliesWith(targets))), selector))
    return isLeft(result) ? result.left : result.right
  }

  it('is the time from the first start to the last end, to the nanosecond, in milliseconds', () => {
    expect(totalTimeOf({ t1: [{ from: 0n, to: 1n }] })).to.equal(0.000001)
    expect(totalTimeOf({ t1: [{ from: 0n, to: 0n }] })).to.equal(0)
    expect(totalTimeOf({ t1: [{ from: 1n, to: 1_234_567_890n }] })).to.equal(1234.567889)
    const both = { t1: [{ from: 7n, to: 2n * SECOND_NS }], t2: [{ from: 5n, to: SECOND_NS }], t3: [] }
    expect(totalTimeOf(both)).to.equal(1999.999995)
    expect(totalTimeOf({ t3: [], t2: both.t2, t1: both.t1 })).to.equal(1999.999995)
    const recorded = only(totalTime(clusterOf(alwaysReplying(fixtures.snapshotsFinished)), { id: 'zOCwz4iJS' }))
    expect(recorded).to.deep.equal(right((655_211_580 - 653_023_043 + (658_564_868 - 655_211_580)) / 1e6))
  })

  it('is undefined while any part runs, or is aborted without an end time', () => {
    const ended = { from: 0n, to: 5n }
    expect(totalTimeOf({ t1: [ended], t2: [{ from: 1n }] })).to.equal(undefined)
    expect(totalTimeOf({ t1: [{ from: 1n }], t2: [ended] })).to.equal(undefined)
    expect(totalTimeOf({ t1: [ended], t2: [{ from: 1n, aborted: true }] })).to.equal(undefined)
    expect(totalTimeOf({ t1: [ended], t2: [{ from: 1n, to: 9n, aborted: true }] })).to.equal(0.000009)
    expect(totalTimeOf({ t1: [ended], t2: [{}] })).to.equal(undefined)
    expect(totalTimeOf({ t1: [{}] })).to.equal(undefined)
  })

  it('includes parts that ended before their start, and is undefined for such parts alone', () => {
    expect(totalTimeOf({ t1: [{ from: 0n, to: 5n }], t2: [{ to: 9n, aborted: true }] })).to.equal(0.000009)
    expect(totalTimeOf({ t1: [{ to: 9n }] })).to.equal(undefined)
  })

  it('is undefined if no target has a part', () => {
    expect(totalTimeOf({})).to.equal(undefined)
    expect(totalTimeOf({ t1: [], t2: [] }, { kind: 'lru' })).to.equal(undefined)
    expect(totalTimeOf({ t1: [{ id: 'g9', from: 0n, to: 1n }] })).to.equal(undefined)
    const unknown = only(totalTime(clusterOf(alwaysReplying(fixtures.snapshotsNotFound)), { id: 'g1' }))
    expect(isLeft(unknown) && unknown.left._tag).to.equal('NotFound')
  })

  it('by kind is that of the newest run only (T18)', () => {
    const old = { id: 'g1', from: 0n, to: SECOND_NS }
    const newer = { id: 'g2', from: 40n * SECOND_NS, to: 42n * SECOND_NS }
    const kind = { kind: 'lru-eviction' }
    expect(totalTimeOf({ t1: [old, newer] }, kind)).to.equal(2000)
    expect(totalTimeOf({ t1: [newer, old], t2: [{ ...newer, to: 43n * SECOND_NS }, old] }, kind)).to.equal(3000)
    expect(totalTimeOf({ t1: [old, newer], t2: [{ id: 'g2', from: 41n * SECOND_NS }] }, kind)).to.equal(undefined)
    expect(totalTimeOf({ t1: [{ id: 'g1', from: 0n }, newer] }, kind)).to.equal(2000)
    expect(totalTimeOf({ t1: [old, newer], t2: [old] }, { ...kind, target: 't2' })).to.equal(1000)
    expect(totalTimeOf({ t1: [old, { ...newer, kind: 'rebalance' }] }, kind)).to.equal(1000)
  })

  it('of several ids is the time from the first start to the last end of all', () => {
    const sent = scripted(({ body }) =>
      (body as { id: string }).id === 'g1'
        ? repliesWith({ t1: [{ id: 'g1', from: 0n, to: SECOND_NS }] })
        : repliesWith({ t1: [{ id: 'g2', from: 40n * SECOND_NS, to: 41n * SECOND_NS }] }),
    )
    expect(only(totalTime(clusterOf(sent), { id: 'g1,g2' }))).to.deep.equal(right(41_000))
    expect(only(totalTime(clusterOf(sent), { id: 'g1,g2', kind: 'lru' }))).to.deep.equal(right(41_000))
  })

  it('equals a simple loop over the snapshots', () => {
    const time = fc.option(fc.bigInt({ min: 0n, max: 100n * SECOND_NS }), { nil: undefined, freq: 9 })
    const one = fc.record({ from: fc.bigInt({ min: 0n, max: 100n * SECOND_NS }), to: time })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), (parts) => {
        const reply = Object.fromEntries(parts.map(({ from, to }, i) => [`t${i}`, [{ from, ...defined({ to }) }]]))
        let [first, last, open]: [bigint | undefined, bigint | undefined, boolean] = [undefined, undefined, false]
        for (const { from, to } of parts) {
          if (first === undefined || from < first) first = from
          if (to === undefined) open = true
          else if (last === undefined || to > last) last = to
        }
        expect(totalTimeOf(reply)).to.equal(
          open || first === undefined || last === undefined ? undefined : Number(last - first) / 1e6,
        )
      }),
      { numRuns: casesOf(200) },
    )
  })
})
