import { expect } from 'chai'
import { NEVER, throwError } from 'rxjs'
import { explain, type LaunchError } from '../../../lib/error.ts'
import * as rx from '../../../lib/index.ts'
import { json, ns, snapshotsAre, snap } from '../../helpers/fake-cluster/replies.ts'
import { systemFailure } from '../../../lib/transport/system-failure.ts'
import { launchErrorOf, sentBy } from '../../helpers/launched.ts'
import { countOf, observe } from '../../helpers/observe.ts'
import { failing, silent, type Reply } from '../../helpers/scripted.ts'

// What a launch emits: a reference to its job, or a Left that says whether the job may have started.

const bucketA = { name: 'a' }
const bucketB = { name: 'b' }
const cloudBucket = { name: 'g', provider: 'gcp' }
const threeNames = { names: ['x', 'y', 'x'] }
const SINCE = { sinceMs: 0 }

/** The result without its time, which comes from the wall clock. */
const dated = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === 'sinceMs' ? 0 : member)))

describe('the result of a launch', () => {
  it('has the id, the kind, the bucket and the time', () => {
    const before = Date.now()
    const { result } = sentBy((cluster) => rx.mirror(cluster, { bucket: bucketA, copies: 2 }), { body: 'oFIsIapbT' })
    expect(dated(result)).to.deep.include({
      right: { id: 'oFIsIapbT', kind: 'make-n-copies', ...SINCE, inBucket: bucketA },
    })
    expect(result).to.have.nested.property('right.sinceMs').within(before, Date.now())
  })

  it('has the number of names, each counted once, as the highest total', () => {
    const { result } = sentBy((cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: threeNames }), {
      body: 'oFIsIapbT',
    })
    expect(result).to.have.nested.property('right.expected').deep.equal({ objects: 2, atMost: true })
    const range = sentBy(
      (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { template: 'x{0..9..3}-{1..5}' } }),
      {
        body: 'oFIsIapbT',
      },
    )
    expect(range.result).to.have.nested.property('right.expected.objects', 20)
  })

  it('marks a job that idles as shared (T15)', () => {
    const copy = { from: bucketA, to: bucketB, what: threeNames }
    const many = [
      sentBy((cluster) => rx.copyObjects(cluster, copy), { body: 'tco-DlevkRzIuW' }).result,
      sentBy((cluster) => rx.archive(cluster, { from: bucketA, what: threeNames, name: 'x.tar' }), {
        body: 'oFIsIapbT',
      }).result,
      sentBy((cluster) => rx.transformObjects(cluster, { ...copy, etl: 'x' }), { body: 'tco-DlevkRzIuW' }).result,
      sentBy((cluster) => rx.copyBucket(cluster, { from: cloudBucket, to: bucketB, include: 'all' }), {
        body: 'tco-DlevkRzIuW',
      }).result,
    ]
    for (const result of many) expect(result).to.have.nested.property('right[0].shared', true)
    // A copy of all objects of a cloud bucket is a job for lists of objects.
    expect(many[3]).to.have.nested.property('right[0].kind', 'copy-listrange')
  })

  it('does not mark the copy of a whole bucket as shared, also if `include` is `all` for a bucket that has no cloud', () => {
    const own = sentBy((cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB }), {
      body: 'oFIsIapbT',
    }).result
    expect(own).not.to.have.nested.property('right[0].shared')
    const local = sentBy((cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, include: 'all' }), {
      body: 'oFIsIapbT',
    })
    expect(local.result).to.have.nested.property('right[0].kind', 'copy-bck')
    expect(local.result).not.to.have.nested.property('right[0].shared')
    expect(local.meaning.query).not.to.have.property('presence')
  })

  it('has a reference for each id of a list (T23)', () => {
    const { result } = sentBy((cluster) => rx.copyObjects(cluster, { from: bucketA, to: bucketB, what: threeNames }), {
      body: 'tco-DlevkRzIuW,tco-hebdYPQMTh',
    })
    expect(result).to.have.nested.property('right[0].id', 'tco-DlevkRzIuW')
    expect(result).to.have.nested.property('right[1].id', 'tco-hebdYPQMTh')
  })

  it('keeps several ids in one reference if the launch usually has one id (T23)', () => {
    const { result } = sentBy((cluster) => rx.rechunk(cluster, { bucket: bucketA, chunkBytes: 1, fromBytes: 1 }), {
      body: 'oFIsIapbT,zOCwz4iJS',
    })
    expect(result).to.have.nested.property('right.id', 'oFIsIapbT,zOCwz4iJS')
  })

  it('is `done` if the server had done the work when it replied', () => {
    const source = '/var/lib/ais/promote/x'
    const done = (kind: string): object => ({ right: { done: true, kind } })
    expect(sentBy((cluster) => rx.promote(cluster, { bucket: bucketA, source }), {}).result).to.deep.include(
      done('promote'),
    )
    expect(
      sentBy((cluster) => rx.blobDownload(cluster, { bucket: cloudBucket, object: 'x' }), {}).result,
    ).to.deep.include(done('blob-download'))
    expect(
      sentBy((cluster) => rx.evictBucket(cluster, { bucket: cloudBucket, keepProperties: true }), {}).result,
    ).to.deep.include(done('evict-remote-bck'))
  })

  it('is a Left with `mayHaveStarted` if the id is missing (T12)', () => {
    const { result } = sentBy((cluster) => rx.mirror(cluster, { bucket: bucketA, copies: 2 }), {})
    expect(result).to.have.nested.property('left._tag', 'DecodeError')
    expect(result).to.have.nested.property('left.mayHaveStarted', true)
    expect(result).to.have.nested.property('left.problems[0]').that.contains('find the job by its kind and bucket')
  })

  it('is an empty list if the reply to a command has no id', () => {
    const request = { method: 'PUT', path: '/v1/cluster', action: 'stop', kind: 'lru' } as const
    expect(sentBy((cluster) => rx.command(cluster, request), {}).result).to.deep.include({ right: [] })
    expect(dated(sentBy((cluster) => rx.command(cluster, request), { body: 'oFIsIapbT' }).result)).to.deep.include({
      right: [{ id: 'oFIsIapbT', kind: 'lru', ...SINCE }],
    })
  })
})

describe('a launch that went wrong', () => {
  /** The error of a copy whose launch gets this reply. */
  const launchErrorAfter = (reply: Reply): LaunchError =>
    launchErrorOf(sentBy((cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB }), reply).result)
  const errorReply = (status: number, more: object): Reply => json({ message: 'no', status, ...more }, status)

  const cases: readonly { readonly what: string; readonly reply: Reply; readonly mayHaveStarted: boolean }[] = [
    { what: 'no connection', reply: failing('ECONNREFUSED'), mayHaveStarted: false },
    { what: 'an unknown host', reply: failing('ENOTFOUND'), mayHaveStarted: false },
    {
      what: 'a connection that did not open',
      reply: throwError(() => systemFailure('CERT_HAS_EXPIRED', true)),
      mayHaveStarted: false,
    },
    { what: 'an alert of TLS', reply: failing('EPROTO'), mayHaveStarted: true },
    { what: 'a connection that breaks', reply: failing('ECONNRESET'), mayHaveStarted: true },
    { what: '401', reply: errorReply(401, { node: 'p[p1]' }), mayHaveStarted: false },
    { what: '403', reply: errorReply(403, { node: 'p[p1]' }), mayHaveStarted: false },
    {
      what: 'a refusal of the proxy',
      reply: errorReply(400, { node: 'p[p1]', url_path: '/v1/buckets/a' }),
      mayHaveStarted: false,
    },
    {
      what: '404 of the proxy',
      reply: errorReply(404, { node: 'p[p1]', url_path: '/v1/buckets/a' }),
      mayHaveStarted: false,
    },
    {
      what: 'a refusal of the first phase',
      reply: errorReply(409, { node: 't[t1]', url_path: '/v1/txn/a/begin' }),
      mayHaveStarted: false,
    },
    {
      what: 'a failure of the second phase',
      reply: errorReply(500, { node: 't[t1]', url_path: '/v1/txn/a/commit' }),
      mayHaveStarted: true,
    },
    {
      what: 'one unreachable target',
      reply: errorReply(400, { node: 'p[p1]', tcode: 'ErrFailedTo' }),
      mayHaveStarted: true,
    },
    {
      what: 'a bucket of a cloud that is not configured',
      reply: errorReply(404, { node: 'p[p1]', tcode: 'ErrFailedTo', message: 'p[p1]: failed to lookup bucket gs://b' }),
      mayHaveStarted: false,
    },
    {
      what: 'a bucket that a target does not find for the proxy',
      reply: errorReply(404, {
        method: 'HEAD',
        caller: 'p[p1]',
        node: 't[t1]',
        tcode: 'ErrFailedTo',
        url_path: '/v1/buckets/a',
      }),
      mayHaveStarted: false,
    },
    {
      what: 'a bucket that one target does not find for itself',
      reply: errorReply(404, {
        method: 'HEAD',
        caller: 't[t1]',
        node: 't[t2]',
        tcode: 'ErrFailedTo',
        url_path: '/v1/buckets/a',
      }),
      mayHaveStarted: true,
    },
    {
      what: 'one target that another node cannot reach, in the words of Go',
      reply: errorReply(400, {
        node: 'p[p1]',
        tcode: 'Error',
        message: 'Post "http://t1:51185/v1/x": dial tcp t1: EOF',
      }),
      mayHaveStarted: true,
    },
    {
      what: 'a time-out (T25)',
      reply: errorReply(400, { node: 'p[p1]', message: 'x: context deadline exceeded' }),
      mayHaveStarted: true,
    },
    {
      what: 'one refusal of several targets',
      reply: errorReply(400, { node: 't[t1]', url_path: '/v1/buckets/a' }),
      mayHaveStarted: true,
    },
    {
      what: 'one refusal, passed on by the proxy',
      reply: errorReply(400, { node: 'p[p1]', message: 'failed to "x" List/Range' }),
      mayHaveStarted: true,
    },
    { what: 'an empty 502', reply: { status: 502 }, mayHaveStarted: true },
    { what: 'a proxy that wants credentials', reply: { status: 407, body: '<html>' }, mayHaveStarted: false },
    { what: 'a body that is too long for a proxy', reply: { status: 413, body: '<html>' }, mayHaveStarted: false },
    { what: 'a server for other hosts', reply: { status: 421 }, mayHaveStarted: false },
    { what: 'a request that came too early', reply: { status: 425 }, mayHaveStarted: false },
    { what: 'headers that are too long for a proxy', reply: { status: 431 }, mayHaveStarted: false },
    { what: 'a network that wants a login', reply: { status: 511, body: '<html>' }, mayHaveStarted: false },
    { what: 'a proxy that asks to come back later', reply: { status: 429 }, mayHaveStarted: true },
    { what: 'a page from an intermediary', reply: { status: 504, body: '<html>' }, mayHaveStarted: true },
    { what: 'a reply that is no id', reply: { body: 'welcome to nginx' }, mayHaveStarted: true },
  ]
  for (const { what, reply, mayHaveStarted } of cases)
    it(`${mayHaveStarted ? 'may have started' : 'has certainly not started'}: ${what}`, () => {
      const error = launchErrorAfter(reply)
      expect(error.mayHaveStarted).to.equal(mayHaveStarted)
      expect(explain(error).endsWith('; the job may have started nevertheless')).to.equal(mayHaveStarted)
    })

  it('may have started after a request timeout, and is not sent again', () => {
    const { values, requests } = observe(
      { other: () => silent },
      (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB }),
      {
        requestTimeoutMs: 1_000,
        endpoints: ['http://p1', 'http://p2'],
      },
    )
    expect(values).to.have.lengthOf(1)
    expect(values[0]).to.have.nested.property('left._tag', 'RequestTimeout')
    expect(values[0]).to.have.nested.property('left.mayHaveStarted', true)
    expect(requests.filter(({ method }) => method === 'POST')).to.have.lengthOf(1)
  })

  it('has certainly not started if token() emits no token in time', () => {
    const { values, requests } = observe({}, (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB }), {
      token: () => NEVER,
    })
    expect(values[0]).to.have.nested.property('left._tag', 'RequestTimeout')
    expect(values[0]).to.have.nested.property('left.mayHaveStarted', false)
    expect(requests).to.have.lengthOf(0)
  })

  it('is sent to the next endpoint if no server has received it', () => {
    const { values, requests } = observe(
      { other: (_, { origin }) => (origin === 'http://p1' ? failing('ECONNREFUSED') : { body: 'oFIsIapbT' }) },
      (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB }),
      { endpoints: ['http://p1', 'http://p2'] },
    )
    expect(values[0]).to.have.nested.property('right[0].id', 'oFIsIapbT')
    expect(requests.filter(({ method }) => method === 'POST')).to.have.lengthOf(2)
  })

  it('reports that nothing has started if a target refuses after a redirect of the proxy', () => {
    const refusal = errorReply(404, { node: 't[t1]', url_path: '/v1/objects/g' })
    const { result } = sentBy((cluster) => rx.blobDownload(cluster, { bucket: cloudBucket, object: 'x' }), refusal)
    expect(result).to.have.nested.property('left.mayHaveStarted', false)
  })
})

describe('findJobs', () => {
  const startedAt = (ms: number): number => Number(ns(ms) / 1_000_000n)

  it('finds the jobs of a kind and bucket since a time, the newest first (T25)', () => {
    const { values, requestLog } = observe(
      {
        snapshots: () =>
          snapshotsAre({
            t1: [
              snap({ id: 'oldoldold', startMs: 0 }),
              snap({ startMs: 60_000 }),
              snap({ id: 'newnewnew', startMs: 61_000 }),
            ],
            t2: [snap({ startMs: 60_002 })],
          }),
      },
      (cluster) => rx.findJobs(cluster, { kind: 'copy-bck', sinceMs: startedAt(62_000) }),
    )
    expect(values).to.deep.equal([
      {
        _tag: 'Right',
        right: [
          { id: 'newnewnew', kind: 'copy-bck', sinceMs: startedAt(61_000) },
          { id: 'oFIsIapbT', kind: 'copy-bck', sinceMs: startedAt(60_000) },
        ],
      },
    ])
    expect(countOf(requestLog, 'snapshots')).to.equal(1)
  })

  it('finds a job of a kind that idles and began earlier, since it accepts launches until it ends (T15)', () => {
    const archive = { kind: 'archive', startMs: 0 }
    const { values } = observe(
      {
        snapshots: () =>
          snapshotsAre({
            t1: [
              snap({ ...archive, id: 'endedended', endMs: 30_000 }),
              snap({ ...archive, id: 'idleidleid', idle: true }),
            ],
          }),
      },
      (cluster) => rx.findJobs(cluster, { kind: 'archive', sinceMs: startedAt(62_000) }),
    )
    const found = { id: 'idleidleid', kind: 'archive', sinceMs: startedAt(0), shared: true }
    expect(values).to.deep.equal([{ _tag: 'Right', right: [found] }])
  })

  it('refuses a time that is not a number', () => {
    const { values } = observe({}, (cluster) => rx.findJobs(cluster, { kind: 'copy-bck', sinceMs: NaN }))
    expect(values[0]).to.have.nested.property('left.argument', 'sinceMs')
  })

  it('emits a Left for no options, and does not throw at the call', () => {
    for (const none of [undefined, null] as readonly unknown[]) {
      const { values } = observe({}, (cluster) => rx.findJobs(cluster, none as never))
      expect(values[0]).to.have.nested.property('left.argument', 'selector')
    }
  })
})
