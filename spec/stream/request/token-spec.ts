import { expect } from 'chai'
import { EMPTY, NEVER, type Observable, concat, defer, forkJoin, of, take, throwError } from 'rxjs'
import sinon from 'sinon'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import { isPermanent } from '../../../lib/error.ts'
import { clusterMap, status } from '../../../lib/queries.ts'
import type { TokenOption } from '../../../lib/request/token.ts'
import { marbles } from '../../helpers/marbles.ts'
import { refusal, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted, type Scripted } from '../../helpers/scripted.ts'

// The option `token`: a text, or a function that is called again after a 401.

const statusRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const decodedStatus = right({ id: 'g1', kind: 'lru', err: '', aborted: false })
const refused = left({ _tag: 'Unauthorized', status: 401, message: 'token expired', request: statusRequest })

/** A server that accepts these tokens. */
const accepting = (...tokens: readonly string[]): Scripted =>
  scripted(({ headers }) =>
    tokens.includes((headers['authorization'] ?? '').replace(/^Bearer /, ''))
      ? statusReply
      : refusal(401, 'token expired'),
  )

const tokens = ({ requests }: Scripted): readonly unknown[] => requests.map(({ headers }) => headers['authorization'])

describe('a token', () => {
  const options: readonly (readonly [what: string, token: TokenOption])[] = [
    ['a string', 't1'],
    ['a string with surrounding space, as in files', ' t1\r\n'],
    ['a function', () => 't1'],
    ['a function with a newline at its end', () => 't1\n'],
    ['an Observable', () => of('t1', 't2')],
    ['an Observable that does not complete', () => concat(of('t1'), NEVER)],
  ]
  for (const [what, token] of options)
    it(`is sent as a Bearer header: ${what}`, () => {
      const sent = accepting('t1')
      expect(only(status(clusterOf(sent, { token }), { id: 'g1' }))).to.deep.equal(decodedStatus)
      expect(tokens(sent)).to.deep.equal(['Bearer t1'])
    })

  it('can come from a Promise', async () => {
    const sent = accepting('t1')
    const results = await new Promise((resolve) =>
      status(clusterOf(sent, { token: () => Promise.resolve('t1') }), { id: 'g1' }).subscribe(resolve),
    )
    expect(results).to.deep.equal(decodedStatus)
  })

  it('is requested once and reused', () => {
    const token = sinon.fake.returns('t1')
    const cluster = clusterOf(accepting('t1'), { token })
    const query = status(cluster, { id: 'g1' })
    expect(token.callCount).to.equal(0)
    for (let i = 0; i < 5; i++) expect(only(query)).to.deep.equal(decodedStatus)
    expect(token.callCount).to.equal(1)
  })

  it('is reused even if the first subscriber unsubscribes when it arrives', () => {
    const token = sinon.fake.returns('t1')
    const cluster = clusterOf(accepting('t1'), { token })
    for (let i = 0; i < 3; i++) clusterMap(cluster).pipe(take(1)).subscribe()
    expect(token.callCount).to.equal(1)
  })

  it('is shared by all subscribers while it is pending', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const token = cold('       -----(t|)   ', { t: 't1' })
      const subs = '             ^----!      '
      const cluster = clusterOf(accepting('t1'), { scheduler, token: () => token })
      const query = status(cluster, { id: 'g1' })
      expectObservable(query, '^---------------').toBe('-----(a|)      ', { a: decodedStatus })
      expectObservable(query, '---^------------').toBe('-----(a|)      ', { a: decodedStatus })
      expectObservable(query, '---------^------').toBe('---------(a|)', { a: decodedStatus })
      expectSubscriptions(token.subscriptions).toBe(subs)
    })
  })

  it('is cancelled when all subscribers have unsubscribed, and requested again by the next', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const token = cold('       -----(t|)       ', { t: 't1' })
      const subs = ['            ^---!           ', '------^----!']
      const cluster = clusterOf(accepting('t1'), { scheduler, token: () => token })
      const query = status(cluster, { id: 'g1' })
      expectObservable(query, '^--!            ').toBe('----------------')
      expectObservable(query, '^---!           ').toBe('----------------')
      expectObservable(query, '------^---------').toBe('-----------(a|) ', { a: decodedStatus })
      expectSubscriptions(token.subscriptions).toBe(subs)
    })
  })

  it('is separate for each cluster', () => {
    const sent = accepting('t1', 't2')
    only(status(clusterOf(sent, { token: 't1' }), { id: 'g1' }))
    only(status(clusterOf(sent, { token: 't2' }), { id: 'g1' }))
    only(status(clusterOf(sent), { id: 'g1' }))
    expect(tokens(sent)).to.deep.equal(['Bearer t1', 'Bearer t2', undefined])
  })
})

describe('a refused token', () => {
  it('is renewed once, and the request is sent again', () => {
    let n = 0
    const token = sinon.fake(() => `t${++n}`)
    const sent = accepting('t2')
    const cluster = clusterOf(sent, { token })
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(decodedStatus)
    expect(tokens(sent)).to.deep.equal(['Bearer t1', 'Bearer t2'])
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(decodedStatus)
    expect(token.callCount).to.equal(2)
    expect(sent.requests.length).to.equal(3)
  })

  it('is not renewed if the token is a constant: one request', () => {
    for (const token of ['t1', undefined]) {
      const sent = accepting('t2')
      const cluster = clusterOf(sent, token === undefined ? {} : { token })
      expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(refused)
      expect(sent.requests).to.have.lengthOf(1)
    }
  })

  it('is not renewed after a 403', () => {
    const token = sinon.fake.returns('t1')
    const sent = scripted(() => refusal(403, 'insufficient permissions'))
    expect(isLeft(only(status(clusterOf(sent, { token }), { id: 'g1' })))).to.equal(true)
    expect(token.callCount).to.equal(1)
    expect(sent.requests.length).to.equal(1)
  })

  it('is Unauthorized after one renewal, with two requests, if the new one is refused, too', () => {
    let n = 0
    const token = sinon.fake(() => `t${++n}`)
    const sent = accepting()
    const cluster = clusterOf(sent, { token }, ['http://p1', 'http://p2'])
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(refused)
    expect(token.callCount).to.equal(2)
    expect(sent.requests.length).to.equal(2)
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(refused)
    expect(token.callCount).to.equal(3)
    expect(sent.requests.length).to.equal(4)
  })

  for (const [what, given] of [
    ['a new token', (n: number) => `t${n}`],
    ['the same token', () => 't1'],
  ] as const)
    it(`is renewed once for 300 simultaneous requests: ${what}`, () => {
      marbles(({ cold, flush }, scheduler) => {
        let n = 0
        const token = sinon.fake(() => cold('--(t|)', { t: given(++n) }))
        const sent = scripted(
          ({ headers }, nth) =>
            cold(`${'-'.repeat(1 + (nth % 7))}(r|)`, {
              r: headers['authorization'] === 'Bearer t2' ? statusReply : refusal(401, 'token expired'),
            }),
          scheduler,
        )
        const cluster = clusterOf(sent, { scheduler, token })
        const results: unknown[] = []
        forkJoin(Array.from({ length: 300 }, () => status(cluster, { id: 'g1' }))).subscribe((all) =>
          results.push(...all),
        )
        flush()
        expect(results).to.have.lengthOf(300)
        const distinct = new Set(results.map((result) => JSON.stringify(result)))
        expect([...distinct]).to.deep.equal([JSON.stringify(what === 'a new token' ? decodedStatus : refused)])
        expect(token.callCount).to.equal(2)
        expect(sent.requests.length).to.equal(600)
      })
    })

  it('is not renewed again for a late reply to a request with the old token', () => {
    marbles(({ cold, expectObservable, flush }, scheduler) => {
      let n = 0
      const token = sinon.fake(() => `t${++n}`)
      const expired = refusal(401, 'token expired')
      const sent = scripted(({ headers }, nth) => {
        if (headers['authorization'] === 'Bearer t2') return statusReply
        return nth === 0 ? cold('-(r|)', { r: expired }) : cold('----------(r|)', { r: expired })
      })
      const query = status(clusterOf(sent, { scheduler, token }), { id: 'g1' })
      expectObservable(query).toBe('-(a|)', { a: decodedStatus })
      expectObservable(query).toBe('----------(a|)', { a: decodedStatus })
      flush()
      expect(token.callCount).to.equal(2)
    })
  })

  it('is not awaited by a subscriber that has unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const renewed = cold('  -----(t|)', { t: 't2' })
      const subs = '          ^--!     '
      let n = 0
      const sent = accepting('t2')
      const cluster = clusterOf(sent, { scheduler, token: () => (++n === 1 ? 't1' : renewed) })
      expectObservable(status(cluster, { id: 'g1' }), '^--!').toBe('-')
      expectSubscriptions(renewed.subscriptions).toBe(subs)
      flush()
      expect(sent.requests).to.have.lengthOf(1)
    })
  })
})

describe('a token() that fails', () => {
  const failures: readonly { readonly what: string; readonly token: () => unknown; readonly message: string }[] = [
    {
      what: 'throws',
      token: () => {
        throw new Error('s3cret')
      },
      message: 'token() failed',
    },
    { what: 'errors', token: () => throwError(() => new Error('s3cret')), message: 'token() failed' },
    { what: 'is empty', token: () => EMPTY, message: 'token() failed' },
    { what: 'returns nothing', token: () => undefined, message: 'token() failed' },
    { what: 'returns a number', token: () => 5, message: 'token() failed' },
    { what: 'returns an empty string', token: () => '', message: 'token() gave something that is not a token' },
    { what: 'returns only space', token: () => ' \n', message: 'token() gave something that is not a token' },
    {
      what: 'returns a newline inside',
      token: () => 's3\ncret',
      message: 'token() gave something that is not a token',
    },
    { what: 'returns a space inside', token: () => 's3 cret', message: 'token() gave something that is not a token' },
    { what: 'returns non-Latin text', token: () => 's3cret-é', message: 'token() gave something that is not a token' },
    { what: 'emits an object', token: () => of({ s3cret: 1 }), message: 'token() gave something that is not a token' },
  ]
  for (const { what, token, message } of failures)
    it(`is Unauthorized without a status, transient, and nothing is sent: ${what}`, () => {
      const sent = accepting('t1')
      const fake = sinon.fake(token)
      const cluster = clusterOf(sent, { token: fake as unknown as () => string })
      const result = only(status(cluster, { id: 'g1' }))
      if (!isLeft(result) || result.left._tag !== 'Unauthorized') throw new Error('authorized')
      expect(result.left).not.to.have.property('status')
      expect(result.left.message).to.contain(message).and.not.to.contain('s3')
      expect(isPermanent(result.left)).to.equal(false)
      expect(sent.requests).to.have.lengthOf(0)
      only(status(cluster, { id: 'g1' }))
      expect(fake.callCount, 'a failure is not kept').to.equal(2)
    })

  it('is Unauthorized without a status if its Promise rejects', async () => {
    const sent = accepting('t1')
    const cluster = clusterOf(sent, { token: () => Promise.reject(new Error('s3cret')) })
    const result = await new Promise((resolve) => status(cluster, { id: 'g1' }).subscribe(resolve))
    expect(result).to.deep.equal(left({ _tag: 'Unauthorized', message: 'token() failed' }))
  })

  it('fails for all subscribers that wait for it, and only for them', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      let n = 0
      const token = (): Observable<string> => (++n === 1 ? cold('---#') : cold('---(t|)', { t: 't1' }))
      const query = status(clusterOf(accepting('t1'), { scheduler, token }), { id: 'g1' })
      const failed = left({ _tag: 'Unauthorized', message: 'token() failed' })
      expectObservable(query).toBe('                ---(a|)', { a: failed })
      expectObservable(query, '-^-----------').toBe(' ---(a|)', { a: failed })
      expectObservable(query, '-----^-------').toBe(' --------(a|)', { a: decodedStatus })
    })
  })

  it('is Unauthorized without a status during a renewal', () => {
    let n = 0
    const token = (): Observable<string> => defer(() => (++n === 1 ? of('t1') : throwError(() => new Error('s3cret'))))
    expect(only(status(clusterOf(accepting('t2'), { token }), { id: 'g1' }))).to.deep.equal(
      left({ _tag: 'Unauthorized', message: 'token() failed' }),
    )
  })

  it('is a RequestTimeout that says that nothing was sent if it never emits', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(accepting('t1'), { scheduler, token: () => NEVER, requestTimeoutMs: 5 })
      expectObservable(status(cluster, { id: 'g1' })).toBe('-----(a|)', {
        a: left({ _tag: 'RequestTimeout', afterMs: 5, nothingSent: true, request: statusRequest }),
      })
    })
  })
})
