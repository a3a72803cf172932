import { expect } from 'chai'
import { NEVER, of, throwError } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { createCluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { details, status } from '../../../lib/queries.ts'
import {
  fixtures,
  scriptedTransport,
  UNSCRIPTED,
  type Answer,
  type ScriptedTransport,
} from '../../../lib/testing/index.ts'
import type { HttpRequest } from '../../../lib/transport/transport.ts'
import { wait } from '../../../lib/wait.ts'
import { marbles } from '../../helpers/marbles.ts'
import { only } from '../../helpers/scripted.ts'

const request: HttpRequest = { method: 'GET', url: 'http://c/v1/x', headers: {}, maxReplyBytes: 1000 }
const queryStatus = (transport: ScriptedTransport) =>
  only(status(createCluster('http://c', { transport }), { id: 'g1' }))
/** The tag of the Left of a status query, or `Right`. */
const tagOf = (transport: ScriptedTransport): string => {
  const result = queryStatus(transport)
  return isLeft(result) ? result.left._tag : 'Right'
}

describe('scriptedTransport', () => {
  for (const code of [400, 404, 405, 409, 501])
    it(`writes a refusal with ${code} as AIStore does, if no body is given`, () => {
      const transport = scriptedTransport([{ status: code }, { status: code, body: '' }])
      const cluster = createCluster('http://c', { transport })
      const [own, empty] = [only(status(cluster, { id: 'g1' })), only(status(cluster, { id: 'g1' }))]
      expect(own).to.have.property('left').that.does.not.have.property('notJson')
      expect(empty).to.have.nested.property('left.notJson', true)
    })

  it('replies in the order of the requests, and defaults to status 200, no headers and an empty body', () => {
    const transport = scriptedTransport([{ body: 'a' }, { status: 503, headers: { x: 'y' } }, {}])
    expect(only(transport(request))).to.deep.equal({ status: 200, headers: {}, body: 'a' })
    expect(only(transport(request))).to.deep.equal({ status: 503, headers: { x: 'y' }, body: '' })
    expect(only(transport(request))).to.deep.equal({ status: 200, headers: {}, body: '' })
    transport.verify()
  })

  it('is cold, so that a second subscription gets the next answer', () => {
    const transport = scriptedTransport([{ body: 'a' }, { body: 'b' }])
    const reply = transport(request)
    expect(transport.asked).to.have.lengthOf(0)
    expect(only(reply).body).to.equal('a')
    expect(only(reply).body).to.equal('b')
  })

  it('fails if the answer is an error or a stream that fails', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const transport = scriptedTransport([refused, throwError(() => refused), of(fixtures.notReady)])
    for (let i = 0; i < 2; i++)
      expect(queryStatus(transport))
        .to.deep.include({ _tag: 'Left' })
        .and.nested.include({ 'left.code': 'ECONNREFUSED' })
    expect(tagOf(transport)).to.equal('HttpError')
    expect(transport.asked.map(({ cut }) => cut)).to.deep.equal([false, false, false])
  })

  it('accepts a function that returns the answers', () => {
    const urls: string[] = []
    const transport = scriptedTransport(({ url, method, body }) => {
      urls.push(`${method} ${url} ${body ?? ''}`)
      return urls.length === 1 ? { status: 500 } : fixtures.statusNotFound
    })
    expect([tagOf(transport), tagOf(transport), tagOf(transport)]).to.deep.equal(['HttpError', 'NotFound', 'NotFound'])
    expect(urls[0]).to.equal('GET http://c/v1/cluster?what=status {"id":"g1"}')
    transport.verify()
  })

  it('fails the request if the function throws, and records that it ended', () => {
    const transport = scriptedTransport(() => {
      throw new Error('no')
    })
    expect(tagOf(transport)).to.equal('TransportError')
    expect(transport.asked[0]).to.include({ cut: false }).and.not.include({ unsubscribedAtMs: Infinity })
  })

  it('throws in verify() if answers were not used or requests had no answer', () => {
    const unused = scriptedTransport([{}, {}, {}])
    expect(() => unused.verify()).to.throw('3 of 3 answers were not used')
    queryStatus(unused)
    expect(() => unused.verify()).to.throw('2 of 3 answers were not used')
    const beyond = scriptedTransport([fixtures.statusRunning])
    queryStatus(beyond)
    beyond.verify()
    expect(queryStatus(beyond)).to.nested.include({
      'left._tag': 'TransportError',
      'left.code': UNSCRIPTED,
      'left.permanent': false,
    })
    expect(() => beyond.verify()).to.throw('the script has no answer to: GET http://c/v1/cluster?what=status')
    scriptedTransport([]).verify()
  })

  it('shares no state with another scripted transport, and records its requests', () => {
    const answers: readonly Answer[] = [{ body: 'a' }]
    const [one, other] = [scriptedTransport(answers), scriptedTransport(answers)]
    only(one(request))
    expect(other.asked).to.have.lengthOf(0)
    expect(only(other({ ...request, body: '{}' })).body).to.equal('a')
    expect(other.asked[0]?.request).to.deep.equal({ ...request, body: '{}' })
  })

  it('records when each request was subscribed, when it ended and whether it was cut', () => {
    marbles(({ cold, expectObservable, flush }) => {
      const transport = scriptedTransport([
        cold('--(r|)', { r: fixtures.statusRunning }),
        cold('---r', { r: fixtures.statusFinished }),
        NEVER,
        fixtures.statusRunning,
      ])
      const reply = transport(request)
      expectObservable(reply).toBe('--(r|)', { r: fixtures.statusRunning })
      expectObservable(reply, '-----^---!').toBe('--------r', { r: fixtures.statusFinished })
      expectObservable(reply, '-------^--!').toBe('-')
      expectObservable(reply, '------------^').toBe('------------(r|)', { r: fixtures.statusRunning })
      flush()
      expect(
        transport.asked.map(({ subscribedAtMs, unsubscribedAtMs, cut }) => [subscribedAtMs, unsubscribedAtMs, cut]),
      ).to.deep.equal([
        [0, 2, false],
        [5, 9, false],
        [7, 10, true],
        [12, 12, false],
      ])
    })
  })

  it('records an infinite end time while a request is in flight', () => {
    const transport = scriptedTransport([NEVER])
    const subscription = transport(request).subscribe()
    expect(transport.asked[0]).to.include({ unsubscribedAtMs: Infinity, cut: false })
    subscription.unsubscribe()
    expect(transport.asked[0]).to.include({ cut: true })
  })

  it('uses the time of the given scheduler', () => {
    const transport = scriptedTransport([{}], {
      now: () => 42,
      schedule: () => {
        throw new Error('scheduled')
      },
    })
    only(transport(request))
    expect(transport.asked[0]).to.include({ subscribedAtMs: 42, unsubscribedAtMs: 42 })
  })

  it('can script a wait during a restart of its proxy in virtual time', () => {
    marbles(({ expectObservable, flush }) => {
      const transport = scriptedTransport([
        fixtures.notReady,
        fixtures.statusRunning,
        fixtures.snapshotsRunning,
        fixtures.targetUnreachable,
      ])
      const cluster = createCluster('http://c', { transport, cadence: constant(1000) })
      const done = wait(cluster, { id: 'xTUQU4XJ-j', kind: 'copy-bck' }, { timeoutMs: 1500 })
      expectObservable(done, '^ 1200ms !').toBe('-')
      flush()
      expect(transport.asked[0]).to.include({ subscribedAtMs: 0 })
      expect(transport.asked.at(-1)?.subscribedAtMs).to.equal(1000)
    })
  })

  it('can answer `details`', () => {
    const transport = scriptedTransport([fixtures.snapshotsIdle])
    const result = only(details(createCluster('http://c', { transport })))
    expect(isLeft(result) ? result : Object.keys(result.right)).to.deep.equal(['Dgct8282', 'Foct8283', 'USAt8284'])
  })
})
