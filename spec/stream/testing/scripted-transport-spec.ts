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
const ask = (transport: ScriptedTransport) => only(status(createCluster('http://c', { transport }), { id: 'g1' }))
const tagOf = (transport: ScriptedTransport): string => {
  const result = ask(transport)
  return isLeft(result) ? result.left._tag : 'Right'
}

describe('scriptedTransport', () => {
  it('answers in the order of the requests, with 200, no headers and no body unless told otherwise', () => {
    const transport = scriptedTransport([{ body: 'a' }, { status: 503, headers: { x: 'y' } }, {}])
    expect(only(transport(request))).to.deep.equal({ status: 200, headers: {}, body: 'a' })
    expect(only(transport(request))).to.deep.equal({ status: 503, headers: { x: 'y' }, body: '' })
    expect(only(transport(request))).to.deep.equal({ status: 200, headers: {}, body: '' })
    transport.verify()
  })

  it('is cold, and a second subscription takes the next answer', () => {
    const transport = scriptedTransport([{ body: 'a' }, { body: 'b' }])
    const reply = transport(request)
    expect(transport.asked).to.have.lengthOf(0)
    expect(only(reply).body).to.equal('a')
    expect(only(reply).body).to.equal('b')
  })

  it('fails with an error of the script, or with its stream', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const transport = scriptedTransport([refused, throwError(() => refused), of(fixtures.notReady)])
    for (let i = 0; i < 2; i++)
      expect(ask(transport)).to.deep.include({ _tag: 'Left' }).and.nested.include({ 'left.code': 'ECONNREFUSED' })
    expect(tagOf(transport)).to.equal('HttpError')
    expect(transport.asked.map(({ cut }) => cut)).to.deep.equal([false, false, false])
  })

  it('answers by a function', () => {
    const urls: string[] = []
    const transport = scriptedTransport(({ url, method, body }) => {
      urls.push(`${method} ${url} ${body ?? ''}`)
      return urls.length === 1 ? { status: 500 } : fixtures.statusNotFound
    })
    expect([tagOf(transport), tagOf(transport), tagOf(transport)]).to.deep.equal(['HttpError', 'NotFound', 'NotFound'])
    expect(urls[0]).to.equal('GET http://c/v1/cluster?what=status {"id":"g1"}')
    transport.verify()
  })

  it('takes a function that throws as an error, and the request as over', () => {
    const transport = scriptedTransport(() => {
      throw new Error('no')
    })
    expect(tagOf(transport)).to.equal('TransportError')
    expect(transport.asked[0]).to.include({ cut: false }).and.not.include({ unsubscribedAtMs: Infinity })
  })

  it('tells in verify() what was not asked for, and what had no answer', () => {
    const left = scriptedTransport([{}, {}, {}])
    expect(() => left.verify()).to.throw('3 of 3 answers were not asked for')
    ask(left)
    expect(() => left.verify()).to.throw('2 of 3 answers were not asked for')
    const beyond = scriptedTransport([fixtures.statusRunning])
    ask(beyond)
    beyond.verify()
    expect(ask(beyond)).to.nested.include({
      'left._tag': 'TransportError',
      'left.code': UNSCRIPTED,
      'left.permanent': false,
    })
    expect(() => beyond.verify()).to.throw('the script has no answer to: GET http://c/v1/cluster?what=status')
    scriptedTransport([]).verify()
  })

  it('shares nothing with another, and keeps what was asked', () => {
    const answers: readonly Answer[] = [{ body: 'a' }]
    const [one, other] = [scriptedTransport(answers), scriptedTransport(answers)]
    only(one(request))
    expect(other.asked).to.have.lengthOf(0)
    expect(only(other({ ...request, body: '{}' })).body).to.equal('a')
    expect(other.asked[0]?.request).to.deep.equal({ ...request, body: '{}' })
  })

  it('tells when each request was asked, when it was over, and whether it was cut', () => {
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

  it('says until then that a request is under way', () => {
    const transport = scriptedTransport([NEVER])
    const subscription = transport(request).subscribe()
    expect(transport.asked[0]).to.include({ unsubscribedAtMs: Infinity, cut: false })
    subscription.unsubscribe()
    expect(transport.asked[0]).to.include({ cut: true })
  })

  it('takes the time from the scheduler that is given', () => {
    const transport = scriptedTransport([{}], {
      now: () => 42,
      schedule: () => {
        throw new Error('scheduled')
      },
    })
    only(transport(request))
    expect(transport.asked[0]).to.include({ subscribedAtMs: 42, unsubscribedAtMs: 42 })
  })

  it('carries a wait through a restart of its proxy, all of it in virtual time', () => {
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

  it('serves details as well', () => {
    const transport = scriptedTransport([fixtures.snapshotsIdle])
    const result = only(details(createCluster('http://c', { transport })))
    expect(isLeft(result) ? result : Object.keys(result.right)).to.deep.equal(['Dgct8282', 'Foct8283', 'USAt8284'])
  })
})
