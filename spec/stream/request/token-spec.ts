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

const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const reply = statusIs({ id: 'g1', kind: 'lru' })
const value = right({ id: 'g1', kind: 'lru', err: '', aborted: false })
const refused = left({ _tag: 'Unauthorized', status: 401, message: 'token expired', request })

/** Knows some tokens. */
const accepting = (...tokens: readonly string[]): Scripted =>
  scripted(({ headers }) =>
    tokens.includes((headers['authorization'] ?? '').replace(/^Bearer /, '')) ? reply : refusal(401, 'token expired'),
  )

const tokens = ({ requests }: Scripted): readonly unknown[] => requests.map(({ headers }) => headers['authorization'])

describe('a token', () => {
  const options: readonly (readonly [string, TokenOption])[] = [
    ['a text', 't1'],
    ['a text with space around it, as files have it', ' t1\r\n'],
    ['a function', () => 't1'],
    ['a function with a newline at its end', () => 't1\n'],
    ['an Observable', () => of('t1', 't2')],
    ['an Observable that goes on', () => concat(of('t1'), NEVER)],
  ]
  for (const [what, token] of options)
    it(`is sent as Bearer: ${what}`, () => {
      const sent = accepting('t1')
      expect(only(status(clusterOf(sent, { token }), { id: 'g1' }))).to.deep.equal(value)
      expect(tokens(sent)).to.deep.equal(['Bearer t1'])
    })

  it('may come by a Promise', async () => {
    const sent = accepting('t1')
    const results = await new Promise((resolve) =>
      status(clusterOf(sent, { token: () => Promise.resolve('t1') }), { id: 'g1' }).subscribe(resolve),
    )
    expect(results).to.deep.equal(value)
  })

  it('is asked for once, and kept', () => {
    const token = sinon.fake.returns('t1')
    const cluster = clusterOf(accepting('t1'), { token })
    const asking = status(cluster, { id: 'g1' })
    expect(token.callCount).to.equal(0)
    for (let i = 0; i < 5; i++) expect(only(asking)).to.deep.equal(value)
    expect(token.callCount).to.equal(1)
  })

  it('is kept although who asked has left in the moment in which it arrived', () => {
    const token = sinon.fake.returns('t1')
    const cluster = clusterOf(accepting('t1'), { token })
    for (let i = 0; i < 3; i++) clusterMap(cluster).pipe(take(1)).subscribe()
    expect(token.callCount).to.equal(1)
  })

  it('is shared by all who ask while it is under way', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const token = cold('       -----(t|)   ', { t: 't1' })
      const subs = '             ^----!      '
      const cluster = clusterOf(accepting('t1'), { scheduler, token: () => token })
      const asking = status(cluster, { id: 'g1' })
      expectObservable(asking, '^---------------').toBe('-----(a|)      ', { a: value })
      expectObservable(asking, '---^------------').toBe('-----(a|)      ', { a: value })
      expectObservable(asking, '---------^------').toBe('---------(a|)', { a: value })
      expectSubscriptions(token.subscriptions).toBe(subs)
    })
  })

  it('is cut when all who waited have left, and asked for anew by the next', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const token = cold('       -----(t|)       ', { t: 't1' })
      const subs = ['            ^---!           ', '------^----!']
      const cluster = clusterOf(accepting('t1'), { scheduler, token: () => token })
      const asking = status(cluster, { id: 'g1' })
      expectObservable(asking, '^--!            ').toBe('----------------')
      expectObservable(asking, '^---!           ').toBe('----------------')
      expectObservable(asking, '------^---------').toBe('-----------(a|) ', { a: value })
      expectSubscriptions(token.subscriptions).toBe(subs)
    })
  })

  it('is one of each cluster', () => {
    const sent = accepting('t1', 't2')
    only(status(clusterOf(sent, { token: 't1' }), { id: 'g1' }))
    only(status(clusterOf(sent, { token: 't2' }), { id: 'g1' }))
    only(status(clusterOf(sent), { id: 'g1' }))
    expect(tokens(sent)).to.deep.equal(['Bearer t1', 'Bearer t2', undefined])
  })
})

describe('a token that was refused', () => {
  it('is renewed once, and the question asked once more', () => {
    let n = 0
    const token = sinon.fake(() => `t${++n}`)
    const sent = accepting('t2')
    const cluster = clusterOf(sent, { token })
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(value)
    expect(tokens(sent)).to.deep.equal(['Bearer t1', 'Bearer t2'])
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(value)
    expect([token.callCount, sent.requests.length]).to.deep.equal([2, 3])
  })

  it('is not renewed where there is no way to: one request', () => {
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
    expect([token.callCount, sent.requests.length]).to.deep.equal([1, 1])
  })

  it('twice is Unauthorized after one renewal: two requests', () => {
    let n = 0
    const token = sinon.fake(() => `t${++n}`)
    const sent = accepting()
    const cluster = clusterOf(sent, { token }, ['http://p1', 'http://p2'])
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(refused)
    expect([token.callCount, sent.requests.length]).to.deep.equal([2, 2])
    expect(only(status(cluster, { id: 'g1' }))).to.deep.equal(refused)
    expect([token.callCount, sent.requests.length]).to.deep.equal([3, 4])
  })

  for (const [what, given] of [
    ['a new one', (n: number) => `t${n}`],
    ['the same again', () => 't1'],
  ] as const)
    it(`is renewed once by 300 questions that wait together: ${what}`, () => {
      marbles(({ cold, flush }, scheduler) => {
        let n = 0
        const token = sinon.fake(() => cold('--(t|)', { t: given(++n) }))
        const sent = scripted(
          ({ headers }, nth) =>
            cold(`${'-'.repeat(1 + (nth % 7))}(r|)`, {
              r: headers['authorization'] === 'Bearer t2' ? reply : refusal(401, 'token expired'),
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
        const told = new Set(results.map((result) => JSON.stringify(result)))
        expect([...told]).to.deep.equal([JSON.stringify(what === 'a new one' ? value : refused)])
        expect([token.callCount, sent.requests.length]).to.deep.equal([2, 600])
      })
    })

  it('is not renewed again for a question that was sent with the old one and answered late', () => {
    marbles(({ cold, expectObservable, flush }, scheduler) => {
      let n = 0
      const token = sinon.fake(() => `t${++n}`)
      const expired = refusal(401, 'token expired')
      const sent = scripted(({ headers }, nth) =>
        headers['authorization'] === 'Bearer t2'
          ? reply
          : nth === 0
            ? cold('-(r|)', { r: expired })
            : cold('----------(r|)', { r: expired }),
      )
      const asking = status(clusterOf(sent, { scheduler, token }), { id: 'g1' })
      expectObservable(asking).toBe('-(a|)', { a: value })
      expectObservable(asking).toBe('----------(a|)', { a: value })
      flush()
      expect(token.callCount).to.equal(2)
    })
  })

  it('is not waited for by who has left', () => {
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
  const failures: readonly (readonly [string, () => unknown, string])[] = [
    [
      'throws',
      () => {
        throw new Error('s3cret')
      },
      'token() failed',
    ],
    ['errors', () => throwError(() => new Error('s3cret')), 'token() failed'],
    ['is empty', () => EMPTY, 'token() failed'],
    ['gives nothing', () => undefined, 'token() failed'],
    ['gives a number', () => 5, 'token() failed'],
    ['gives an empty text', () => '', 'token() gave something that is not a token'],
    ['gives only space', () => ' \n', 'token() gave something that is not a token'],
    ['gives a newline inside', () => 's3\ncret', 'token() gave something that is not a token'],
    ['gives a space inside', () => 's3 cret', 'token() gave something that is not a token'],
    ['gives non-Latin text', () => 's3cret-é', 'token() gave something that is not a token'],
    ['emits an object', () => of({ s3cret: 1 }), 'token() gave something that is not a token'],
  ]
  for (const [what, token, message] of failures)
    it(`${what}: Unauthorized without a status, nothing is sent, and time may heal it`, () => {
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

  it('rejects: Unauthorized without a status', async () => {
    const sent = accepting('t1')
    const cluster = clusterOf(sent, { token: () => Promise.reject(new Error('s3cret')) })
    const result = await new Promise((resolve) => status(cluster, { id: 'g1' }).subscribe(resolve))
    expect(result).to.deep.equal(left({ _tag: 'Unauthorized', message: 'token() failed' }))
  })

  it('fails for all who wait together, and for them only', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      let n = 0
      const token = (): Observable<string> => (++n === 1 ? cold('---#') : cold('---(t|)', { t: 't1' }))
      const asking = status(clusterOf(accepting('t1'), { scheduler, token }), { id: 'g1' })
      const failed = left({ _tag: 'Unauthorized', message: 'token() failed' })
      expectObservable(asking).toBe('                ---(a|)', { a: failed })
      expectObservable(asking, '-^-----------').toBe(' ---(a|)', { a: failed })
      expectObservable(asking, '-----^-------').toBe(' --------(a|)', { a: value })
    })
  })

  it('when it was to be renewed: Unauthorized without a status', () => {
    let n = 0
    const token = (): Observable<string> => defer(() => (++n === 1 ? of('t1') : throwError(() => new Error('s3cret'))))
    expect(only(status(clusterOf(accepting('t2'), { token }), { id: 'g1' }))).to.deep.equal(
      left({ _tag: 'Unauthorized', message: 'token() failed' }),
    )
  })

  it('for ever is no token: RequestTimeout, see the clock', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(accepting('t1'), { scheduler, token: () => NEVER, requestTimeoutMs: 5 })
      expectObservable(status(cluster, { id: 'g1' })).toBe('-----(a|)', {
        a: left({ _tag: 'RequestTimeout', afterMs: 5, request }),
      })
    })
  })
})
