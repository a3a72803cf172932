import { expect } from 'chai'
import { inspect } from 'node:util'
import { map, timer } from 'rxjs'
import { constant } from '../../lib/cadence.ts'
import { abort, start, type AbortOptions } from '../../lib/commands.ts'
import { isLeft, left, right } from '../../lib/common/either.ts'
import { isPermanent } from '../../lib/error.ts'
import { KINDS } from '../../lib/model/kinds.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { StartOptions } from '../../lib/model/start-options.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { marbles } from '../helpers/marbles.ts'
import { withoutBody, json, htmlPage, refusal, snapshotsAre, snap, statusIs } from '../helpers/fake-cluster/replies.ts'
import { clusterOf, failing, only, scripted, type Reply, type Scripted } from '../helpers/scripted.ts'

// `start` and `abort`: each subscription sends one command, which is never repeated if it may have had an effect.

const localBucket = { name: 'b' }
const remoteBucket = { name: 'r', provider: 'aws', namespace: { uuid: 'u', name: 'n' } }
const commandRequest = { method: 'PUT', path: '/v1/cluster', query: '' }

/** The kind in the body of a start. */
const kindInBody = (body: string): unknown => (JSON.parse(body) as { value: { Kind: unknown } }).value.Kind

/** A cluster that replies the same to each request. */
const alwaysReplying = (reply: Reply): Scripted => scripted(() => reply)

describe('start', () => {
  const bodies: readonly (readonly [options: StartOptions, body: string])[] = [
    [{ kind: 'rebalance' }, '{"action":"start","name":"","value":{"Kind":"rebalance"}}'],
    [
      { kind: 'rebalance', bucket: localBucket, name: 'dir/', flags: 6 },
      '{"action":"start","name":"dir/","value":{"Kind":"rebalance","Bck":{"name":"b","provider":"ais"},"flags":6}}',
    ],
    [{ kind: 'resilver', target: 't1' }, '{"action":"start","name":"","value":{"Kind":"resilver","DaemonID":"t1"}}'],
    [{ kind: 'lru' }, '{"action":"start","name":"","value":{"Kind":"lru"}}'],
    [{ kind: 'lru', force: false, flags: 0 }, '{"action":"start","name":"","value":{"Kind":"lru"}}'],
    // T5: force is in the value, never a query parameter.
    [{ kind: 'lru-eviction', force: true }, '{"action":"start","name":"","value":{"Kind":"lru","Force":true}}'],
    [
      { kind: 'lru', buckets: [localBucket, remoteBucket] },
      '{"action":"start","name":"","value":{"Kind":"lru","Buckets":[{"name":"b","provider":"ais"},{"name":"r","provider":"aws","namespace":{"uuid":"u","name":"n"}}]}}',
    ],
    [
      { kind: 'cleanup', bucket: localBucket, flags: 9 },
      '{"action":"start","name":"","value":{"Kind":"cleanup-store","Bck":{"name":"b","provider":"ais"},"flags":9}}',
    ],
    [
      { kind: 'load-lom-cache', bucket: localBucket },
      '{"action":"start","name":"","value":{"Kind":"load-lom-cache","Bck":{"name":"b","provider":"ais"}}}',
    ],
    [
      { kind: 'rechunk', bucket: localBucket },
      '{"action":"start","name":"","value":{"Kind":"rechunk","Bck":{"name":"b","provider":"ais"}}}',
    ],
    [
      { kind: 'prefetch-listrange', bucket: { name: 'r', provider: 'aws' } },
      '{"action":"start","name":"","value":{"Kind":"prefetch-listrange","Bck":{"name":"r","provider":"aws"}}}',
    ],
    [
      { kind: 'blob-download', bucket: { name: 'r', provider: 'aws' }, name: 'a/b ü' },
      '{"action":"start","name":"a/b ü","value":{"Kind":"blob-download","Bck":{"name":"r","provider":"aws"}}}',
    ],
  ]
  for (const [options, body] of bodies)
    it(`sends ${body}`, () => {
      const sent = alwaysReplying({ body: 'V7Bc1dasbT' })
      const result = only(start(clusterOf(sent), options))
      expect(result).to.deep.equal(right({ id: 'V7Bc1dasbT', kind: kindInBody(body) }))
      expect(sent.requests.map(({ method, url, text }) => ({ method, url, text }))).to.deep.equal([
        { method: 'PUT', url: 'http://p1/v1/cluster', text: body },
      ])
    })

  it('has an expected body in this file for each kind that can be started', () => {
    const covered = new Set(bodies.map(([, body]) => kindInBody(body)))
    expect([...covered].sort()).to.deep.equal(
      KINDS.filter(({ startable }) => startable === true)
        .map(({ kind }) => kind)
        .sort(),
    )
  })

  it('sends nothing for refused options', () => {
    const sent = alwaysReplying({ body: 'g1' })
    const cluster = clusterOf(sent)
    for (const { kind, startable } of KINDS) {
      const result = only(start(cluster, { kind }))
      if (startable !== true) expect(isLeft(result) && result.left._tag, kind).to.equal('InvalidArgument')
    }
    expect(isLeft(only(start(cluster, { kind: 'prefetch-listrange' })))).to.equal(true)
    // These kinds need no further options.
    expect(sent.requests.map(({ body }) => (body as { value: { Kind: string } }).value.Kind)).to.deep.equal([
      'rebalance',
      'lru',
      'cleanup-store',
    ])
  })

  it('may have started after a 404 whose body was lost, since an intermediary may have sent it', () => {
    const lost = { status: 404, headers: {}, body: '', bodyLost: true } as const
    const afterLost = only(start(clusterOf(alwaysReplying(lost)), { kind: 'lru', buckets: [localBucket] }))
    expect(afterLost).to.have.nested.property('left._tag', 'NotFound')
    expect(afterLost).to.have.nested.property('left.mayHaveStarted', true)
    const sure = only(
      start(clusterOf(alwaysReplying(refusal(404, 'no such bucket'))), { kind: 'lru', buckets: [localBucket] }),
    )
    expect(sure).to.have.nested.property('left.mayHaveStarted', false)
  })

  it('may have started a job if the reply is empty but not a 200', () => {
    const result = only(start(clusterOf(alwaysReplying(withoutBody(204))), { kind: 'lru' }))
    expect(result).to.have.nested.property('left._tag', 'DecodeError')
    expect(result).to.have.nested.property('left.mayHaveStarted', true)
  })

  it('is cold, and each subscription starts a job', () => {
    let n = 0
    const sent = scripted(() => ({ body: `g${++n}` }))
    const starting = start(clusterOf(sent), { kind: 'rebalance' })
    expect(sent.requests).to.have.lengthOf(0)
    expect(only(starting)).to.deep.equal(right({ id: 'g1', kind: 'rebalance' }))
    expect(only(starting)).to.deep.equal(right({ id: 'g2', kind: 'rebalance' }))
    expect(sent.requests).to.have.lengthOf(2)
  })

  const ids: readonly (readonly [body: string, job: unknown])[] = [
    ['OlYCT8mCf', { id: 'OlYCT8mCf', kind: 'lru' }],
    ['g3\n', { id: 'g3', kind: 'lru' }],
    ['tco-AAAAAAAAA,tco-BBBBBBBBB', { id: 'tco-AAAAAAAAA,tco-BBBBBBBBB', kind: 'lru' }],
    ['', { kind: 'lru' }],
    ['\n', { kind: 'lru' }],
  ]
  for (const [body, job] of ids)
    it(`decodes the reply ${JSON.stringify(body)} (T12, T23)`, () => {
      expect(only(start(clusterOf(alwaysReplying({ body })), { kind: 'lru' }))).to.deep.equal(right(job))
    })

  for (const body of ['<html><body>hello</body></html>', '{"id":"g1"}', '"g1"', 'g1 g2', 'bad', 'x'.repeat(5000)])
    it(`returns a DecodeError for ${body.slice(0, 20)}`, () => {
      const result = only(start(clusterOf(alwaysReplying({ body })), { kind: 'lru' }))
      if (!isLeft(result) || result.left._tag !== 'DecodeError') throw new Error('no DecodeError')
      expect(result.left.notJson).to.equal(true)
      expect(result.left.request).to.deep.equal(commandRequest)
      expect(result.left.problems).to.have.lengthOf(1)
      expect(result.left.problems[0]).to.match(/^\$: expected the id of a job, got ".{1,70}"$/)
    })

  const failures: readonly { readonly what: string; readonly reply: Reply; readonly mayHaveStarted: boolean }[] = [
    { what: '500', reply: refusal(500, 'oops'), mayHaveStarted: false },
    { what: '502', reply: { status: 502 }, mayHaveStarted: true },
    { what: '503', reply: { status: 503, headers: { 'retry-after': '1' } }, mayHaveStarted: true },
    { what: '504', reply: { status: 504 }, mayHaveStarted: true },
    { what: '429', reply: { status: 429 }, mayHaveStarted: true },
    { what: '409', reply: refusal(409, 'busy', 'ErrBusy'), mayHaveStarted: false },
    {
      what: '400 with an exceeded deadline (T25)',
      reply: refusal(400, 'context deadline exceeded'),
      mayHaveStarted: true,
    },
    { what: '403', reply: refusal(403, 'insufficient permissions'), mayHaveStarted: false },
    { what: 'a reset', reply: failing('ECONNRESET'), mayHaveStarted: true },
    { what: 'a broken pipe', reply: failing('EPIPE'), mayHaveStarted: true },
    { what: 'a timeout of the operating system', reply: failing('ETIMEDOUT'), mayHaveStarted: true },
    { what: 'a truncated body', reply: failing('ERR_BODY_CUT'), mayHaveStarted: true },
    { what: 'an unknown failure', reply: failing(''), mayHaveStarted: true },
    { what: 'an empty stream', reply: timer(0).pipe(map(() => ({ status: 500 }))), mayHaveStarted: true },
  ]
  for (const { what, reply, mayHaveStarted } of failures)
    it(`is not retried after ${what} (T24)`, () => {
      marbles(({ flush }) => {
        const sent = alwaysReplying(reply)
        const seen: unknown[] = []
        start(clusterOf(sent, {}, ['http://p1', 'http://p2']), { kind: 'lru' }).subscribe((result) => seen.push(result))
        flush()
        expect(seen).to.have.lengthOf(1)
        expect(seen[0]).to.have.nested.property('left.mayHaveStarted', mayHaveStarted)
        expect(sent.requests).to.have.lengthOf(1)
      })
    })

  it('is not retried after a timeout (T24)', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const reply = cold<Partial<HttpResponse>>('-----------|')
      const subs = '        ^---------!'
      const expected = '    ----------(a|)'
      const sent = scripted(() => reply, scheduler)
      const cluster = clusterOf(sent, { requestTimeoutMs: 10 }, ['http://p1', 'http://p2'])
      expectObservable(start(cluster, { kind: 'lru' })).toBe(expected, {
        a: left({ _tag: 'RequestTimeout', afterMs: 10, request: commandRequest, mayHaveStarted: true }),
      })
      expectSubscriptions(reply.subscriptions).toBe(subs)
    })
  })

  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])
    it(`is sent to the next endpoint after ${code}, since nothing was sent`, () => {
      const sent = scripted(({ origin }) => (origin === 'http://p1' ? failing(code) : { body: 'g1' }))
      const cluster = clusterOf(sent, {}, ['http://p1', 'http://p2'])
      expect(only(start(cluster, { kind: 'rebalance' }))).to.deep.equal(right({ id: 'g1', kind: 'rebalance' }))
      expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['http://p1', 'http://p2'])
    })

  it('is sent again with a new token, since a 401 had no effect', () => {
    let n = 0
    const sent = scripted(({ headers }) =>
      headers['authorization'] === 'Bearer t2' ? { body: 'g1' } : refusal(401, 'token expired'),
    )
    const cluster = clusterOf(sent, { token: () => `t${++n}` })
    expect(only(start(cluster, { kind: 'rebalance' }))).to.deep.equal(right({ id: 'g1', kind: 'rebalance' }))
    expect(sent.requests.map(({ text }) => text)).to.deep.equal([sent.requests[0]!.text, sent.requests[0]!.text])
    expect(only(start(cluster, { kind: 'rebalance' }))).to.deep.equal(right({ id: 'g1', kind: 'rebalance' }))
    expect(sent.requests).to.have.lengthOf(3)
  })
})

describe('abort', () => {
  const bodies: readonly (readonly [selector: JobSelector, expected: readonly string[]])[] = [
    [{ id: 'oFIsIapbT' }, ['{"action":"stop","name":"","value":{"ID":"oFIsIapbT"}}']],
    [{ id: 'g3', kind: 'rebalance' }, ['{"action":"stop","name":"","value":{"ID":"g3","Kind":"rebalance"}}']],
    [{ kind: 'lru-eviction' }, ['{"action":"stop","name":"","value":{"Kind":"lru"}}']],
    [
      { kind: 'copy-bck', bucket: remoteBucket },
      [
        '{"action":"stop","name":"","value":{"Kind":"copy-bck","Bck":{"name":"r","provider":"aws","namespace":{"uuid":"u","name":"n"}}}}',
      ],
    ],
    [
      { id: 'g1,g2' },
      ['{"action":"stop","name":"","value":{"ID":"g1"}}', '{"action":"stop","name":"","value":{"ID":"g2"}}'],
    ],
  ]
  for (const [selector, expected] of bodies)
    it(`sends ${expected.join(' and ')}`, () => {
      const sent = alwaysReplying({})
      expect(only(abort(clusterOf(sent), selector))).to.deep.equal(right(undefined))
      expect(sent.requests.map(({ text }) => text)).to.deep.equal(expected)
      for (const { method, url } of sent.requests) expect(`${method} ${url}`).to.equal('PUT http://p1/v1/cluster')
    })

  const refusals: readonly { readonly argument: string; readonly selector?: unknown; readonly options?: unknown }[] = [
    { argument: 'selector', selector: {} },
    { argument: 'selector' },
    { argument: 'selector', selector: null },
    { argument: 'selector', selector: { bucket: localBucket } },
    { argument: 'target', selector: { id: 'g1', target: 't1' } },
    { argument: 'bucket', selector: { id: 'g1', bucket: localBucket } },
    { argument: 'kind', selector: { kind: 'lur' } },
    { argument: 'id', selector: { id: 'bad' } },
    { argument: 'options', selector: { id: 'g1' }, options: null },
    { argument: 'options', selector: { id: 'g1' }, options: true },
    { argument: 'confirm', selector: { id: 'g1' }, options: { confirm: 'yes' } },
    { argument: 'timeoutMs', selector: { id: 'g1' }, options: { timeoutMs: NaN } },
    { argument: 'timeoutMs', selector: { id: 'g1' }, options: { timeoutMs: -1 } },
    { argument: 'timeoutMs', selector: { id: 'g1' }, options: { timeoutMs: '5' } },
  ]
  for (const { argument, selector, options } of refusals)
    it(`refuses ${inspect(selector)} with the options ${inspect(options)}, and names the argument ${argument}`, () => {
      const sent = alwaysReplying({})
      const result = only(abort(clusterOf(sent), selector as JobSelector, options as AbortOptions))
      if (!isLeft(result) || result.left._tag !== 'InvalidArgument') throw new Error('not refused')
      expect(result.left.argument).to.equal(argument)
      expect(sent.requests).to.have.lengthOf(0)
    })

  it('succeeds like the server, also for an unknown job, and sends nothing else (T6)', () => {
    const sent = alwaysReplying({})
    expect(only(abort(clusterOf(sent), { id: 'unknown-1' }, { confirm: false }))).to.deep.equal(right(undefined))
    expect(sent.requests).to.have.lengthOf(1)
  })

  it('does not succeed by the reply of an intermediary, such as a login page', () => {
    for (const reply of [htmlPage(200), withoutBody(204), withoutBody(202), json({ ok: true })]) {
      const result = only(abort(clusterOf(alwaysReplying(reply)), { id: 'unknown-1' }))
      expect(result).to.have.nested.property('left._tag', 'DecodeError')
      expect(result).to.have.nested.property('left.notJson', true)
    }
  })

  it('stops each of several jobs, and returns the error of the first that could not be stopped', () => {
    const sent = scripted((_, nth) => (nth === 0 ? refusal(500, 'oops') : {}))
    const result = only(abort(clusterOf(sent), { id: 'g1,g2' }))
    expect(isLeft(result) && result.left._tag).to.equal('HttpError')
    expect(sent.requests).to.have.lengthOf(2)
  })

  it('is not retried after a 503, a reset or a timeout', () => {
    for (const reply of [{ status: 503 }, failing('ECONNRESET')]) {
      const sent = alwaysReplying(reply)
      expect(isLeft(only(abort(clusterOf(sent, {}, ['http://p1', 'http://p2']), { id: 'g1' })))).to.equal(true)
      expect(sent.requests).to.have.lengthOf(1)
    }
  })

  it('sends a stop for each subscription', () => {
    const sent = alwaysReplying({})
    const aborting = abort(clusterOf(sent), { id: 'g1' })
    expect([only(aborting), only(aborting)]).to.deep.equal([right(undefined), right(undefined)])
    expect(sent.requests).to.have.lengthOf(2)
  })
})

describe('abort with confirm', () => {
  const runningSnap = snap()
  const stoppingSnap = snap({ aborted: true, abortErr: 'user abort' })
  const snapOfOtherJob = snap({ id: 'V7Bc1dasbT', kind: 'lru' })
  const stoppedSnap = snap({ endMs: 60_000, aborted: true, abortErr: 'user abort' })

  /** A cluster whose job runs until this time, and then stops: t1 has stopped, and t2 is stopping. */
  const runningUntil = (stoppingAtMs: number, scheduler: { now: () => number }, stopReply: Reply = {}): Scripted =>
    scripted(({ method, query }) => {
      const isStopping = scheduler.now() >= stoppingAtMs
      if (method === 'PUT') return stopReply
      if (query === 'what=status') return statusIs({ aborted: isStopping })
      if (query === 'what=qryxstats')
        return snapshotsAre({
          t1: [isStopping ? stoppedSnap : runningSnap, snapOfOtherJob],
          t2: [isStopping ? stoppingSnap : runningSnap],
        })
      return refusal(404, 'no')
    }, scheduler as never)
  const eachSecond = { cadence: constant(1000) }

  it('by id: completes when the abort is reported', () => {
    marbles(({ expectObservable }, scheduler) => {
      const sent = runningUntil(2500, scheduler)
      const aborting = abort(clusterOf(sent, { scheduler, ...eachSecond }), { id: 'oFIsIapbT' }, { confirm: true })
      expectObservable(aborting).toBe('3s (a|)', { a: right(undefined) })
    })
  })

  it('by kind: completes when no job of the kind runs', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = runningUntil(2500, scheduler)
      const aborting = abort(clusterOf(sent, { scheduler, ...eachSecond }), { kind: 'copy-bck' }, { confirm: true })
      expectObservable(aborting).toBe('3s (a|)', { a: right(undefined) })
      flush()
      const requests = sent.requests.filter(({ query }) => query !== 'what=smap')
      expect(requests.map(({ text, atMs }) => ({ text, atMs }))).to.deep.equal([
        { text: '{"action":"stop","name":"","value":{"Kind":"copy-bck"}}', atMs: 0 },
        ...[0, 1000, 2000, 3000].map((atMs) => ({ text: '{"kind":"copy-bck"}', atMs })),
      ])
    })
  })

  it('by kind and bucket: ignores jobs of other buckets', () => {
    marbles(({ expectObservable }, scheduler) => {
      const elsewhere = { ...runningSnap, bck: { name: 'elsewhere' } }
      const sent = scripted(({ method }) => (method === 'PUT' ? {} : json({ t1: [elsewhere] })), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      expectObservable(abort(cluster, { kind: 'copy-bck', bucket: localBucket }, { confirm: true })).toBe('(a|)', {
        a: right(undefined),
      })
    })
  })

  for (const [what, selector] of [
    ['id', { id: 'oFIsIapbT' }],
    ['kind', { kind: 'copy-bck' }],
  ] as const)
    it(`by ${what}: returns WaitTimeout if the abort has no effect`, () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const sent = runningUntil(Infinity, scheduler)
        const cluster = clusterOf(sent, { scheduler, ...eachSecond })
        const seen: unknown[] = []
        const aborting = abort(cluster, selector, { confirm: true, timeoutMs: 4500 }).pipe(
          map((result) => {
            seen.push(result)
            return isLeft(result) ? { tag: result.left._tag, permanent: isPermanent(result.left) } : result
          }),
        )
        expectObservable(aborting).toBe('4500ms (a|)', { a: { tag: 'WaitTimeout', permanent: false } })
        flush()
        expect((seen[0] as { left: { afterMs: number } }).left.afterMs).to.equal(4500)
        expect(sent.requests.filter(({ method }) => method === 'PUT')).to.have.lengthOf(1)
      })
    })

  it('waits for one minute by default', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(runningUntil(Infinity, scheduler), { scheduler, ...eachSecond })
      const afterMs = abort(cluster, { kind: 'copy-bck' }, { confirm: true }).pipe(
        map((result) => isLeft(result) && result.left._tag === 'WaitTimeout' && result.left.afterMs),
      )
      expectObservable(afterMs).toBe('60s (a|)', { a: 60_000 })
    })
  })

  it('returns NotFound after 10 s for an unknown job', () => {
    marbles(({ expectObservable }, scheduler) => {
      const sent = scripted(({ method }) => (method === 'PUT' ? {} : refusal(404, 'does not exist')), scheduler)
      const tag = abort(clusterOf(sent, { scheduler, ...eachSecond }), { id: 'unknown-1' }, { confirm: true }).pipe(
        map((result) => isLeft(result) && result.left._tag),
      )
      expectObservable(tag).toBe('10s (a|)', { a: 'NotFound' })
    })
  })

  it('continues after transient errors, and ends with a permanent one', () => {
    marbles(({ expectObservable }, scheduler) => {
      // The abort succeeds; then the queries that confirm it fail, or find that nothing runs.
      const replies: Reply[] = [{}, { status: 503 }, refusal(400, 'x', 'ErrFailedTo'), json({ t1: [] })]
      const healed = scripted((_, nth) => replies[nth] ?? {}, scheduler)
      const refused = scripted((_, nth) => (nth === 0 ? {} : refusal(403, 'no')), scheduler)
      const confirm = (sent: Scripted): ReturnType<typeof abort> =>
        abort(clusterOf(sent, { scheduler, ...eachSecond }), { kind: 'lru' }, { confirm: true })
      expectObservable(confirm(healed)).toBe('2s (a|)', { a: right(undefined) })
      expectObservable(confirm(refused).pipe(map(isLeft))).toBe('(a|)', { a: true })
    })
  })

  for (const [what, failure, expectedTag] of [
    ['the primary could not call one target', refusal(400, 'failed to call t2', 'ErrFailedTo'), 'HttpError'],
    ['the reply got lost', failing('ECONNRESET'), 'TransportError'],
    ['a page replaced the reply', htmlPage(502), 'HttpError'],
  ] as const) {
    it(`completes when the job has ended, although ${what}`, () => {
      marbles(({ expectObservable }, scheduler) => {
        const cluster = clusterOf(runningUntil(2500, scheduler, failure), { scheduler, ...eachSecond })
        expectObservable(abort(cluster, { kind: 'copy-bck' }, { confirm: true })).toBe('3s (a|)', {
          a: right(undefined),
        })
      })
    })

    it(`returns the failure of the request if the job runs on and ${what}`, () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const sent = runningUntil(Infinity, scheduler, failure)
        const cluster = clusterOf(sent, { scheduler, ...eachSecond })
        const tag = abort(cluster, { kind: 'copy-bck' }, { confirm: true, timeoutMs: 4500 }).pipe(
          map((result) => isLeft(result) && result.left._tag),
        )
        expectObservable(tag).toBe('4500ms (a|)', { a: expectedTag })
        flush()
        expect(sent.requests.filter(({ method }) => method === 'PUT')).to.have.lengthOf(1)
      })
    })
  }

  it('sends nothing after a failed stop', () => {
    const sent = alwaysReplying(refusal(400, 'no'))
    expect(isLeft(only(abort(clusterOf(sent), { kind: 'lru' }, { confirm: true })))).to.equal(true)
    expect(sent.requests).to.have.lengthOf(1)
  })
})
