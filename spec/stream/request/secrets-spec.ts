import { expect } from 'chai'
import { inspect } from 'node:util'
import { NEVER, type Observable } from 'rxjs'
import { abort, start } from '../../../lib/commands.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { AisError, explain, type Result } from '../../../lib/error.ts'
import type { LogEvent } from '../../../lib/common/log.ts'
import { clusterMap, details, status } from '../../../lib/queries.ts'
import { toJson } from '../../../lib/codec/to-json.ts'
import { marbles } from '../../helpers/marbles.ts'
import { json, refusal } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, failing, only, scripted, type Reply } from '../../helpers/scripted.ts'

// Two halves, so that a part of the token is found, too.
const HALVES = ['canary7f3a', 'canary9b1c'] as const
const padding = 'x'.repeat(60)
const TOKEN = `${HALVES[0]}.${padding}.${HALVES[1]}`

const expectNoToken = (text: string): void => {
  expect(HALVES.filter((half) => text.includes(half))).to.have.lengthOf(0, text)
}

/** Asserts that the values contain no part of the token. */
function expectClean(...values: readonly unknown[]): void {
  for (const value of values) expectNoToken(inspect(value, { depth: null, showHidden: true, maxStringLength: null }))
}

/** Asserts that the values and their JSON contain no part of the token. */
function expectCleanData(...values: readonly unknown[]): void {
  expectClean(...values)
  for (const value of values) expectNoToken(JSON.stringify([value, toJson(value)]))
}

const requests: readonly ((cluster: Cluster) => Observable<Result<unknown>>)[] = [
  (cluster) => status(cluster, { id: 'g1' }),
  (cluster) => details(cluster),
  (cluster) => clusterMap(cluster),
  (cluster) => start(cluster, { kind: 'lru' }),
  (cluster) => abort(cluster, { id: 'g1' }),
]

// Replies of a server, and failures of a transport, that repeat the token in each place that errors use.
const echoes: readonly (readonly [what: string, reply: Reply])[] = [
  ...[400, 401, 403, 404, 409, 418, 429, 500, 501, 502, 503].flatMap(
    (code): (readonly [what: string, reply: Reply])[] => [
      [`${code} JSON`, refusal(code, `invalid token ${TOKEN} in Bearer ${TOKEN}`, TOKEN)],
      [`${code} text`, { status: code, body: `Bearer ${TOKEN}` }],
      [`${code} text in which the token would be cut`, { status: code, body: `${'y'.repeat(295)}${TOKEN}` }],
      [`${code} JSON in which the token would be cut`, refusal(code, `${'y'.repeat(290)}${TOKEN}`)],
      [`${code} repeated often`, { status: code, body: TOKEN.repeat(500) }],
      [`${code} HTML`, { status: code, body: `<p>${TOKEN}</p>` }],
    ],
  ),
  ['in the name of a node', json({ message: 'm', tcode: 'x', node: TOKEN, caller: TOKEN, url_path: TOKEN }, 500)],
  ['200 text', { body: TOKEN }],
  ['200 HTML', { body: `<p>${TOKEN}` }],
  ['200 JSON text', json(TOKEN)],
  ['200 in values of the wrong type', json({ uuid: 'g1', kind: 'lru', end_time: TOKEN, aborted: TOKEN, t1: TOKEN })],
  ['200 in keys', json({ [TOKEN]: TOKEN, [`${'y'.repeat(40)}${TOKEN}`]: [TOKEN] })],
  ['200 in which the token would be cut', json({ uuid: 'g1', kind: 'lru', end_time: `${'y'.repeat(70)}${TOKEN}` })],
  ['a redirect', { status: 307, headers: { location: `http://evil.example/${TOKEN}?t=${TOKEN}` } }],
  [
    'a redirect in which the token would be cut',
    { status: 307, headers: { location: `http://evil/${'y'.repeat(280)}${TOKEN}` } },
  ],
  ['a redirect with it as a password', { status: 302, headers: { location: `http://u:${TOKEN}@p1/` } }],
  ['a failure of the transport', failing('ECONNRESET', `header "Bearer ${TOKEN}" is not allowed`)],
  ['a code of the transport', failing(`Bearer ${TOKEN}`, `${'y'.repeat(290)}${TOKEN}`)],
]

describe('a token is never revealed', () => {
  for (const [what, reply] of echoes)
    it(`in a result or log event if the server repeats it: ${what}`, () => {
      for (const token of [TOKEN, () => TOKEN])
        for (const request of requests) {
          const events: LogEvent[] = []
          const sent = scripted(() => reply)
          const cluster = clusterOf(sent, { token, log: (event) => events.push(event) }, ['http://p1', 'http://p2'])
          const result = only(request(cluster))
          expect(sent.requests[0]!.headers['authorization']).to.equal(`Bearer ${TOKEN}`)
          expectCleanData(events)
          if (!isLeft(result)) continue
          const error = new AisError(result.left)
          expectCleanData(result, explain(result.left), error.stack)
          expectClean(error)
        }
    })

  it('in the cases above, each of which leads to a Left', () => {
    const lefts = echoes.filter(([, reply]) => isLeft(only(status(clusterOf(scripted(() => reply)), { id: 'g1' }))))
    expect(lefts.length).to.equal(echoes.length)
  })

  it('in the cluster, before, during and after a request', () => {
    marbles(({ flush }, scheduler) => {
      for (const token of [TOKEN, () => TOKEN]) {
        const cluster = clusterOf(
          scripted(() => NEVER),
          { scheduler, token, requestTimeoutMs: 10 },
        )
        expectClean(cluster, cluster.job({ id: 'g1' }))
        expectNoToken(JSON.stringify(cluster))
        const subscription = status(cluster, { id: 'g1' }).subscribe()
        expectClean(cluster, subscription)
        flush()
        expectClean(cluster, subscription)
      }
    })
  })

  it('in a defect, even if it is very long', () => {
    marbles((_, scheduler) => {
      const token = TOKEN.repeat(10_000)
      const cluster = clusterOf(
        scripted(() => ({ status: 500, body: token })),
        { scheduler, token },
      )
      const error = only(status(cluster, { id: 'g1' }))
      expect(error).to.have.property('_tag', 'Left')
      expectCleanData(error)
    })
  })

  for (const token of [`${TOKEN}\nx`, `${TOKEN}é`, `${TOKEN} x`, `${TOKEN}\u0000`])
    it(`in the error for an invalid token: ${JSON.stringify(token.slice(-4))}`, () => {
      const sent = scripted(() => json({}))
      for (const option of [token, () => token]) {
        const cluster = clusterOf(sent, { token: option })
        const result = only(status(cluster, { id: 'g1' }))
        expect(isLeft(result)).to.equal(true)
        expectClean(cluster, result)
      }
      expect(sent.requests).to.have.lengthOf(0)
    })

  it('in the error for an endpoint that contains it', () => {
    for (const endpoint of [
      `http://u:${TOKEN}@p1`,
      `u:${TOKEN}@p1`,
      `http://p1/?token=${TOKEN}`,
      `http://p1#${TOKEN}`,
    ]) {
      const cluster = clusterOf(
        scripted(() => json({})),
        {},
        endpoint,
      )
      expectClean(cluster, only(status(cluster, { id: 'g1' })))
    }
  })

  it('in the log, which contains no bodies either', () => {
    const events: LogEvent[] = []
    let n = 0
    const good = json({ t1: [{ id: 'V7Bc1dasbT', kind: 'lru', bck: { name: 'wholebody' }, ctlmsg: 'wholebody' }] })
    const sent = scripted((_, nth) => (nth === 0 ? refusal(401, TOKEN) : good))
    const token = (): string => `${TOKEN}${++n}`
    const cluster = clusterOf(sent, { token, log: (event) => events.push(event) })
    expect(isLeft(only(details(cluster, { kind: 'lru', bucket: { name: 'wholebody' } })))).to.equal(false)
    expect(events.map(({ type }) => type)).to.include.members(['request', 'reply', 'retry'])
    expectCleanData(events)
    expect(JSON.stringify(events)).not.to.contain('wholebody')
  })
})
