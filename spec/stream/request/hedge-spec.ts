import { expect } from 'chai'
import { NEVER, delay, identity, map, mergeMap, of, takeUntil, throwError, timer, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { isLeft } from '../../../lib/common/either.ts'
import { status } from '../../../lib/queries.ts'
import { htmlPage, statusIs } from '../../helpers/fake-cluster/replies.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { clusterOf, scripted, type Reply } from '../../helpers/scripted.ts'

// A query without a reply after 5 s is sent to a second endpoint, too. The endpoints are p1, p2 and p3; each query asks
// for the status of the job of its name.

const SLOW_MS = 5_000
const TIMEOUT_MS = 30_000
const PAUSE_MS = 60_000

const answer = (id: string): HttpResponse => statusIs({ id, kind: 'lru' })
const answerAfter = (ms: number, id: string): Observable<HttpResponse> => of(answer(id)).pipe(delay(ms))
const resetAfter = (ms: number): Observable<never> =>
  timer(ms).pipe(mergeMap(() => throwError(() => Object.assign(new Error(), { code: 'ECONNRESET' }))))

/** What each host replies to a request; the other hosts answer at once. */
type Hosts = Readonly<Record<string, (request: Recorded) => Reply>>

interface Run {
  /** Such as `g1 Right@5000`. */
  readonly results: readonly string[]
  /** Such as `p1 g1@0`. */
  readonly requests: readonly string[]
  /** The state of each request at the end. */
  readonly states: readonly Recorded['state'][]
}

/** Sends each query at its time, and cancels it at the second time if there is one. */
function run(hosts: Hosts, queries: readonly (readonly [name: string, atMs: number, cancelMs?: number])[]): Run {
  const scheduler = new TestScheduler(() => undefined)
  const results: string[] = []
  const sent = scripted((request) => hosts[request.host]?.(request) ?? answer(request.id ?? ''), scheduler)
  const cluster = clusterOf(sent, { scheduler, discover: false }, ['http://p1', 'http://p2', 'http://p3'])
  scheduler.run(() => {
    for (const [name, atMs, cancelMs = Infinity] of queries)
      timer(atMs)
        .pipe(
          mergeMap(() => status(cluster, { id: name })),
          map((result) => `${name} ${isLeft(result) ? result.left._tag : 'Right'}@${scheduler.now()}`),
          cancelMs === Infinity ? identity : takeUntil(timer(cancelMs)),
        )
        .subscribe((text) => results.push(text))
  })
  return {
    results,
    requests: sent.requests.map(({ host, id, atMs }) => `${host} ${id}@${atMs}`),
    states: sent.requests.map(({ state }) => state),
  }
}

describe('a query without a reply after 5 s', () => {
  it('is answered by the second endpoint if that replies first, and its first request is cancelled', () => {
    const { results, requests, states } = run({ p1: () => NEVER }, [['g1', 0]])
    expect(results).to.deep.equal([`g1 Right@${SLOW_MS}`])
    expect(requests).to.deep.equal(['p1 g1@0', `p2 g1@${SLOW_MS}`])
    expect(states).to.deep.equal(['cut', 'answered'])
  })

  it('is answered by the first endpoint if that replies first, and its second request is cancelled', () => {
    const { results, states } = run({ p1: () => answerAfter(6_000, 'g1'), p2: () => NEVER }, [['g1', 0]])
    expect(results).to.deep.equal(['g1 Right@6000'])
    expect(states).to.deep.equal(['answered', 'cut'])
  })

  const noAnswers: readonly (readonly [what: string, reply: Partial<HttpResponse>])[] = [
    ['500', { status: 500 }],
    ['429', { status: 429 }],
    ['a page', htmlPage(200)],
    ['other JSON', { body: '[]' }],
  ]
  for (const [what, reply] of noAnswers) {
    it(`is answered by the first endpoint if the second one replies with ${what}`, () => {
      const hosts = { p1: () => answerAfter(6_000, 'g1'), p2: () => reply, p3: () => reply }
      expect(run(hosts, [['g1', 0]]).results).to.deep.equal(['g1 Right@6000'])
    })

    it(`is answered by the second endpoint if the first one replies with ${what}`, () => {
      const hosts = {
        p1: () => of({ ...answer('g1'), ...reply }).pipe(delay(6_000)),
        p2: () => answerAfter(2_000, 'g1'),
      }
      expect(run(hosts, [['g1', 0]]).results).to.deep.equal(['g1 Right@7000'])
    })
  }

  it('makes later queries start with a third endpoint if both are silent', () => {
    const { results, requests } = run({ p1: () => NEVER, p2: () => NEVER }, [
      ['g1', 0],
      ['g2', TIMEOUT_MS + 1],
    ])
    expect(results).to.deep.equal([`g1 RequestTimeout@${TIMEOUT_MS}`, `g2 Right@${TIMEOUT_MS + 1}`])
    expect(requests.at(-1)).to.equal(`p3 g2@${TIMEOUT_MS + 1}`)
  })

  it('does not make later queries leave a second endpoint that had less than 5 s', () => {
    const hosts = { p1: () => NEVER, p2: () => NEVER }
    // The query that becomes slow while another one is the trial is sent to a second endpoint after the trial has ended.
    const { requests } = run(hosts, [
      ['g1', 0, 27_000],
      ['g2', 0],
      ['g3', TIMEOUT_MS + 1],
    ])
    expect(requests.slice(-2)).to.deep.equal(['p2 g2@27000', `p2 g3@${TIMEOUT_MS + 1}`])
  })

  it('makes later queries start with the endpoint that answered', () => {
    const { requests } = run({ p1: () => NEVER }, [
      ['g1', 0],
      ['g2', 6_000],
    ])
    expect(requests.at(-1)).to.equal('p2 g2@6000')
  })

  it('waits for the second endpoint if the first one fails', () => {
    const { results, requests } = run({ p1: () => resetAfter(7_000), p2: () => answerAfter(4_000, 'g1') }, [['g1', 0]])
    expect(results).to.deep.equal(['g1 Right@9000'])
    expect(requests).to.have.lengthOf(2)
  })

  it('waits for the first endpoint if the second one fails', () => {
    const hosts = { p1: () => answerAfter(9_000, 'g1'), p2: () => htmlPage(502), p3: () => resetAfter(1_000) }
    const { results, requests } = run(hosts, [['g1', 0]])
    expect(results).to.deep.equal(['g1 Right@9000'])
    expect(requests).to.deep.equal(['p1 g1@0', 'p2 g1@5000', 'p3 g1@5000'])
  })

  it('fails if all endpoints fail', () => {
    const hosts = { p1: () => resetAfter(7_000), p2: () => htmlPage(502), p3: () => resetAfter(4_000) }
    expect(run(hosts, [['g1', 0]]).results).to.deep.equal(['g1 TransportError@9000'])
  })

  it('times out with the first request', () => {
    const { results, states } = run({ p1: () => NEVER, p2: () => NEVER }, [['g1', 0]])
    expect(results).to.deep.equal([`g1 RequestTimeout@${TIMEOUT_MS}`])
    expect(states).to.deep.equal(['cut', 'cut'])
  })

  it('is cancelled at both endpoints', () => {
    const { results, states } = run({ p1: () => NEVER, p2: () => NEVER }, [['g1', 0, 8_000]])
    expect(results).to.deep.equal([])
    expect(states).to.deep.equal(['cut', 'cut'])
  })

  it('is not slow again once its request has failed and the next endpoint has the query', () => {
    // While the trial `g1` is open, the slow `g2` fails at p1 and goes on to p2. When p2 answers `g1`, `g2` is there already.
    const hosts: Hosts = {
      p1: ({ id }) => (id === 'g1' ? NEVER : resetAfter(6_000)),
      p2: ({ id = '' }) => answerAfter(id === 'g1' ? 3_000 : 4_000, id),
    }
    const { results, requests } = run(hosts, [
      ['g1', 0],
      ['g2', 500],
    ])
    expect(requests).to.deep.equal(['p1 g1@0', 'p1 g2@500', 'p2 g1@5000', 'p2 g2@6500'])
    expect(results).to.deep.equal(['g1 Right@8000', 'g2 Right@10500'])
  })

  it('does not keep others waiting if it has no second endpoint', () => {
    const hosts: Hosts = {
      p1: ({ id = '' }) => (id === 'g1' ? htmlPage(502) : answer(id)),
      p2: () => htmlPage(502),
      p3: () => NEVER,
    }
    const { results, requests } = run(hosts, [
      ['g1', 0],
      ['g2', 1_000],
    ])
    expect(requests).to.deep.equal(['p1 g1@0', 'p2 g1@0', 'p3 g1@0', 'p3 g2@1000', 'p1 g2@6000'])
    expect(results[0]).to.equal('g2 Right@6000')
  })

  it('is sent once only, for a minute after a query that the first endpoint answered first', () => {
    const slowly: Hosts = { p1: ({ id = '' }) => answerAfter(6_000, id), p2: () => NEVER }
    const { requests } = run(slowly, [
      ['g1', 0],
      ['g2', 6_000],
      ['g3', 6_000 + PAUSE_MS],
    ])
    expect(requests).to.deep.equal(['p1 g1@0', 'p2 g1@5000', 'p1 g2@6000', 'p1 g3@66000', 'p2 g3@71000'])
  })
})
