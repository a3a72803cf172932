import { expect } from 'chai'
import fc from 'fast-check'
import { isObservable, NEVER, of, VirtualTimeScheduler } from 'rxjs'
import sinon from 'sinon'
import { createCluster } from '../../lib/cluster.ts'
import { isLeft, left, right } from '../../lib/common/either.ts'
import { environmentOf, type ClusterOptions } from '../../lib/environment.ts'
import type { InvalidArgument } from '../../lib/error.ts'
import { status, clusterMap, details } from '../../lib/queries.ts'
import { abort, start } from '../../lib/commands.ts'
import { json, statusIs } from '../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted } from '../helpers/scripted.ts'

// `createCluster` checks its arguments and never throws: each stream of an invalid cluster emits a Left.
// An id in a title, such as S7, is a row of docs/faults.md.

/** The error that each query and command returns for a cluster with invalid arguments. */
function argumentError(endpoint: unknown, options?: unknown): InvalidArgument {
  const cluster = createCluster(endpoint as string, options as ClusterOptions)
  expect(cluster.endpoints).to.deep.equal([])
  const results = [
    status(cluster, { id: 'g1' }),
    details(cluster),
    clusterMap(cluster),
    abort(cluster, { id: 'g1' }),
    cluster.job({ id: 'g1' }).wait(),
  ].map((result$) => only<unknown>(result$))
  const [first] = results
  for (const result of results) expect(result).to.deep.equal(first)
  const invalid = first as { readonly _tag: string; readonly left: InvalidArgument }
  const started = only(start(cluster, { kind: 'lru' }))
  expect(started).to.deep.equal({ _tag: 'Left', left: { ...invalid.left, mayHaveStarted: false } })
  expect(invalid._tag).to.equal('Left')
  expect(invalid.left._tag).to.equal('InvalidArgument')
  return invalid.left
}

const never = (): typeof NEVER => NEVER

describe('createCluster', () => {
  it('sends no request and starts no timer before a subscription', () => {
    const transport = sinon.fake.returns(NEVER)
    const clock = sinon.useFakeTimers()
    try {
      const token = sinon.fake.returns('t')
      const cluster = createCluster('http://p1', { transport, token })
      const query = status(cluster, { id: 'g1' })
      expect(isObservable(query)).to.equal(true)
      expect(transport.callCount).to.equal(0)
      expect(token.callCount).to.equal(0)
      expect(clock.countTimers()).to.equal(0)
      query.subscribe().unsubscribe()
      expect(transport.callCount).to.equal(1)
      expect(token.callCount).to.equal(1)
      expect(clock.countTimers()).to.equal(0)
    } finally {
      clock.restore()
    }
  })

  it('does not throw for any arguments', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (endpoint, options) => {
        const cluster = createCluster(endpoint as string, options as ClusterOptions)
        expect(cluster.job({ id: 'g1' }).id).to.equal('g1')
      }),
    )
  })

  it('does not throw if a getter of the options throws (S7)', () => {
    const options = {
      get token(): string {
        throw new Error('s3cret')
      },
    }
    expect(argumentError('http://p1', options)).to.deep.include({ argument: 'options' })
    expect(JSON.stringify(argumentError('http://p1', options))).not.to.contain('s3cret')
  })

  const malformed: readonly { readonly what: string; readonly endpoint?: unknown; readonly got: string }[] = [
    { what: 'no scheme', endpoint: 'p1:8080', got: '"p1:8080"' },
    { what: 'a host only', endpoint: 'localhost', got: '"localhost"' },
    { what: 'an empty text', endpoint: '', got: '""' },
    { what: 'a path without a page', endpoint: '/ais', got: '"/ais"' },
    { what: 'file:', endpoint: 'file:///etc/passwd', got: '"file:///etc/passwd"' },
    { what: 'ws:', endpoint: 'ws://p1', got: '"ws://p1"' },
    { what: 'no host', endpoint: 'http://', got: '"http://"' },
    { what: 'one slash', endpoint: 'http:/p1', got: '"http:/p1"' },
    { what: 'backslashes', endpoint: 'http:\\\\p1', got: '"http:\\\\\\\\p1"' },
    { what: 'a space inside', endpoint: 'http://p1/a b', got: '"http://p1/a b"' },
    { what: 'a space at the end', endpoint: 'http://p1 ', got: '"http://p1 "' },
    { what: 'a port too high', endpoint: 'http://p1:65536', got: '"http://p1:65536"' },
    { what: 'a line break', endpoint: 'http://p1\nx', got: 'a control character' },
    { what: 'NUL', endpoint: 'http://p1\u0000', got: 'a control character' },
    { what: 'a query', endpoint: 'http://p1?pw=s3cret', got: '"http://p1" with a query or a fragment' },
    { what: 'a fragment', endpoint: 'http://p1/#s3cret', got: '"http://p1/" with a query or a fragment' },
    { what: 'an empty list', endpoint: [], got: 'an empty list' },
    { what: 'a number', endpoint: 8080, got: 'got 8080' },
    { what: 'nothing', got: 'got undefined' },
    { what: 'null', endpoint: null, got: 'got null' },
    { what: 'a URL object', endpoint: new URL('http://p1'), got: 'got an object' },
    { what: 'a number among others', endpoint: ['http://p1', 1], got: 'got 1' },
  ]
  for (const { what, endpoint, got } of malformed)
    it(`returns a Left on subscribe for a malformed endpoint: ${what}`, () => {
      const { argument, message } = argumentError(endpoint)
      expect(argument).to.equal('endpoint')
      expect(message)
        .to.contain(got)
        .and.to.match(/; takes .+$/)
      expect(message).not.to.contain('s3cret')
    })

  for (const endpoint of [
    'http://user:s3cret@p1',
    'https://user:s3cret@p1:8080/x',
    'http://s3cret@p1',
    'HTTP://user:s3cret@p1',
    'http:user:s3cret@p1',
    'http:/user:s3cret@p1',
    'http:\\\\user:s3cret@p1',
    'user:s3cret@p1',
    'ftp://user:s3cret@p1',
    'http://user:s3/cret@p1',
    'http://user:s3cret@p1?x',
    'http://user:s3cret@p1 ',
    '//user:s3cret@p1',
    'http://user:s3cret@p1\n',
    ['http://p1', 'http://user:s3cret@p2'],
  ])
    it(`refuses credentials in an endpoint and does not repeat them: ${String(endpoint)}`, () => {
      for (const options of [undefined, { transport: never }]) {
        const { argument, message } = argumentError(endpoint, options)
        expect(argument).to.equal('endpoint')
        expect(message).not.to.contain('s3')
      }
      expect(JSON.stringify(createCluster(endpoint))).not.to.contain('s3')
    })

  const badOptions: readonly { readonly argument: string; readonly got: string; readonly options: unknown }[] = [
    { argument: 'requestTimeoutMs', got: 'NaN', options: { requestTimeoutMs: NaN } },
    { argument: 'requestTimeoutMs', got: '-1', options: { requestTimeoutMs: -1 } },
    { argument: 'requestTimeoutMs', got: '0', options: { requestTimeoutMs: 0 } },
    { argument: 'requestTimeoutMs', got: '"5"', options: { requestTimeoutMs: '5' } },
    { argument: 'requestTimeoutMs', got: 'null', options: { requestTimeoutMs: null } },
    { argument: 'maxReplyBytes', got: 'NaN', options: { maxReplyBytes: NaN } },
    { argument: 'maxReplyBytes', got: '0', options: { maxReplyBytes: 0 } },
    { argument: 'maxReplyBytes', got: 'an array', options: { maxReplyBytes: [1] } },
    { argument: 'token', got: '0 characters', options: { token: '' } },
    { argument: 'token', got: '9 characters', options: { token: 's3c ret x' } },
    { argument: 'token', got: '7 characters', options: { token: 's3c\nret' } },
    { argument: 'token', got: '7 characters', options: { token: 's3crét!' } },
    { argument: 'token', got: 'type number', options: { token: 3 } },
    { argument: 'token', got: 'type object', options: { token: null } },
    { argument: 'token', got: 'type object', options: { token: { s3cret: 1 } } },
    { argument: 'transport', got: 'an object', options: { transport: {} } },
    { argument: 'scheduler', got: 'an object', options: { scheduler: {} } },
    { argument: 'scheduler', got: 'null', options: { scheduler: null } },
    { argument: 'random', got: '0.5', options: { random: 0.5 } },
    { argument: 'cadence', got: '1000', options: { cadence: 1000 } },
    { argument: 'kinds', got: 'an object', options: { kinds: {} } },
    { argument: 'kinds', got: 'an array', options: { kinds: [null] } },
    { argument: 'kinds', got: 'an array', options: { kinds: [{ kind: 'x' }] } },
    { argument: 'kinds', got: 'an array', options: { kinds: [{ kind: 'a b', scope: 'bucket' }] } },
    { argument: 'tls', got: 'true', options: { tls: true } },
    { argument: 'log', got: '"yes"', options: { log: 'yes' } },
    { argument: 'options', got: 'null', options: null },
    { argument: 'options', got: '5', options: 5 },
    { argument: 'options', got: 'an array', options: [] },
    { argument: 'tls', got: 'a ca that is no PEM', options: { tls: { ca: 3 } } },
    { argument: 'tls', got: 'a ca that is no PEM', options: { tls: { ca: 's3cret' } } },
    { argument: 'tls', got: 'a key that is no PEM', options: { tls: { key: 's3cret' } } },
    { argument: 'agent', got: '5', options: { agent: 5 } },
    { argument: 'agent', got: 'an object', options: { agent: {} } },
  ]
  for (const { argument, got, options } of badOptions)
    it(`returns a Left on subscribe for an invalid ${argument}: ${got}`, () => {
      const bad = argumentError('http://p1', options)
      expect(bad.argument).to.equal(argument)
      expect(bad.message).to.contain(got).and.to.contain('takes ').and.not.to.contain('s3c')
    })

  it('ignores later changes of the options and of the endpoint list (S7)', () => {
    const sent = scripted(() => statusIs({ id: 'g1', kind: 'lru' }))
    const list = ['http://p1']
    const options = { transport: sent.transport, kinds: [] as never[] }
    const cluster = createCluster(list, options)
    list[0] = 'http://evil'
    options.transport = never
    expect(isLeft(only(status(cluster, { id: 'g1' })))).to.equal(false)
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['http://p1'])
    expect(cluster.endpoints).to.deep.equal(['http://p1'])
  })

  it('accepts a scheduler, a random function and a cadence', () => {
    const options = { scheduler: new VirtualTimeScheduler(), random: () => 0, cadence: of(() => 1), transport: never }
    expect(createCluster('http://p1', options).endpoints).to.deep.equal(['http://p1'])
  })

  it('makes queries name the expected argument if they get no cluster', () => {
    const bad = left({
      _tag: 'InvalidArgument',
      argument: 'cluster',
      message: 'got an object; takes a cluster from createCluster()',
    })
    const wrong = {} as ReturnType<typeof createCluster>
    expect(only(status(wrong, { id: 'g1' }))).to.deep.equal(bad)
    expect(only(clusterMap(wrong))).to.deep.equal(bad)
    expect(isLeft(only(clusterMap(undefined as unknown as typeof wrong)))).to.equal(true)
  })

  it('reports that a cluster comes from another copy of the package', () => {
    const other = { endpoints: ['http://p1'], [Symbol('aistore-rx')]: right({}) }
    const message =
      'got a cluster of another copy of aistore-rx (npm ls aistore-rx lists the copies; import and require load one each); takes a cluster from createCluster()'
    expect(environmentOf(other as never)).to.deep.equal(left({ _tag: 'InvalidArgument', argument: 'cluster', message }))
  })
})

describe('an endpoint', () => {
  const addresses: readonly (readonly [endpoint: string, url: string])[] = [
    ['http://p1', 'http://p1/v1/cluster?what=smap'],
    ['http://p1/', 'http://p1/v1/cluster?what=smap'],
    ['http://p1///', 'http://p1/v1/cluster?what=smap'],
    ['https://p1:443', 'https://p1/v1/cluster?what=smap'],
    ['http://p1:51080/ais', 'http://p1:51080/ais/v1/cluster?what=smap'],
    ['http://p1/a/b/', 'http://p1/a/b/v1/cluster?what=smap'],
    ['http://p1/@team', 'http://p1/@team/v1/cluster?what=smap'],
    ['http://[::1]:8080', 'http://[::1]:8080/v1/cluster?what=smap'],
    ['http://[fe80::1]/x/', 'http://[fe80::1]/x/v1/cluster?what=smap'],
    ['HTTP://P1', 'http://p1/v1/cluster?what=smap'],
    ['', '/v1/cluster?what=smap'],
    ['/', '/v1/cluster?what=smap'],
    ['/ais/', '/ais/v1/cluster?what=smap'],
  ]
  for (const [endpoint, url] of addresses)
    it(`is requested at ${url}: ${endpoint || '(empty)'}`, () => {
      const sent = scripted(() => json({}))
      only(clusterMap(clusterOf(sent, {}, endpoint)))
      expect(sent.requests.map((request) => request.url)).to.deep.equal([url])
    })

  for (const endpoint of ['//evil.example', '/\\evil.example', '/a b', '/a?x', '/a#x', 'ais'])
    it(`is refused as a relative endpoint: ${endpoint}`, () => {
      expect(argumentError(endpoint, { transport: never }).argument).to.equal('endpoint')
    })

  it('is checked in linear time, also if it is very long (S5)', () => {
    const started = process.cpuUsage().user
    argumentError(`http://p1/${'/'.repeat(100_000)}x y`)
    argumentError(`http://${'@'.repeat(100_000)}`)
    clusterOf(
      scripted(() => json({})),
      {},
      `/${'a/'.repeat(50_000)}${'/'.repeat(100_000)}x`,
    )
    expect(process.cpuUsage().user - started).to.be.below(500_000)
  })
})
