import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { firstValueFrom, take, timeout, toArray, type Observable } from 'rxjs'
import type { Emulator, Fault } from '../../../lib/emulator/index.ts'
import {
  abort,
  AisError,
  clusterMap,
  createCluster,
  details,
  explain,
  health,
  isLeft,
  running,
  start,
  status,
  wait,
  watchJobs,
  type Cluster,
  type LogEvent,
  type Result,
} from '../../../lib/index.ts'
import { toJson } from '../../../lib/codec/to-json.ts'
import { closeAll, emulated, impatient, leftOf } from './helpers/live.ts'
import { closeServers, serveHttp } from './helpers/servers.ts'
import { allFree, forgetConnections } from './helpers/sockets.ts'

// Secrets (a token, a key, credentials in an endpoint) must not occur in anything that a user can print. The spec
// searches all of it for the secret and for its parts.
// An id in a title, such as S3, is a row of docs/faults.md.

/** A token in the form of a JSON Web Token. None of its parts may appear either. */
const CANARY = 'eyJjYW5hcnkiOiJjNGY3In0.c4n4ryc4n4ryc4n4ry.s1gn4tures1gn4ture'
const PARTS = [CANARY, ...CANARY.split('.'), Buffer.from(CANARY).toString('base64'), encodeURIComponent(CANARY)]

const pem = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')

/** A key that no certificate here belongs to. */
const OTHER_KEY = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey

/** Everything that a user can print or store of a value. */
const everything = (value: unknown): string => {
  const json = (): string => {
    try {
      return JSON.stringify(toJson(value))
    } catch (error) {
      return String(error)
    }
  }
  const error = value instanceof Error ? [value.message, value.stack, inspect(value.cause)] : []
  return [inspect(value, { depth: 12, showHidden: true, getters: true }), json(), ...error].join('\n')
}

const FAULTS: readonly Fault[] = [
  { type: 'reset' },
  { type: 'reset-headers' },
  { type: 'reset-body' },
  { type: 'truncate' },
  { type: 'stall' },
  { type: 'stall-body' },
  { type: 'garbage' },
  { type: 'giant-header' },
  { type: 'wrong-type' },
  { type: 'wrong-type', status: 502 },
  { type: 'content-encoding', value: 'gzip' },
  { type: 'content-type', value: `text/${CANARY}` },
  { type: 'gzip-bomb', bytes: 4 * 2 ** 20 },
  { type: 'status', status: 503, retryAfter: CANARY },
  { type: 'status', status: 401 },
  { type: 'status', status: 403 },
  { type: 'redirect' },
  { type: 'redirect', location: `http://${CANARY}.invalid/${CANARY}?${CANARY}#${CANARY}` },
  { type: 'redirect', location: `http://user:${CANARY}@127.0.0.1:1/` },
  { type: 'body', body: `"${CANARY}"` },
  { type: 'body', body: `{"message":"bad token ${CANARY}","status":${JSON.stringify(CANARY)}}` },
  { type: 'body', body: `[{"${CANARY}":"Bearer ${CANARY}"}]` },
  { type: 'body', body: `<html>${CANARY}</html>` },
  { type: 'giant', bytes: 4 * 2 ** 20 },
  { type: 'deep' },
  { type: 'invalid-utf8' },
]

/** The streams that a user subscribes to. Each emits at least one value within its limits. */
const queries = (cluster: Cluster): readonly Observable<Result<unknown>>[] => [
  clusterMap(cluster),
  running(cluster),
  status(cluster, { id: 'aB3dE5fG7' }),
  details(cluster, { id: 'aB3dE5fG7', kind: 'lru' }),
  start(cluster, { kind: 'lru' }),
  abort(cluster, { id: 'aB3dE5fG7', kind: 'lru' }),
  watchJobs(cluster),
  wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }, { timeoutMs: 150 }),
]

describe('a secret', () => {
  let emulator: Emulator
  beforeEach(async () => {
    forgetConnections()
    emulator = await emulated({ speed: 20, token: CANARY })
  })
  afterEach(allFree)
  afterEach(closeAll)
  afterEach(closeServers)

  FAULTS.forEach((fault) => {
    const name = inspect(fault, { breakLength: Infinity }).replaceAll(CANARY, 'SECRET')

    it(`S3: is in no value, error, log event or health, whatever breaks: ${name}`, async () => {
      const seen: unknown[] = []
      const log = (event: LogEvent): void => void seen.push(event)
      const cluster = impatient(emulator, {
        token: () => CANARY,
        log,
        requestTimeoutMs: 150,
        maxReplyBytes: 2 ** 20,
        discover: true,
      })
      const following = health(cluster).subscribe((state) => seen.push(state))
      emulator.faults.always(fault)

      for (const query of queries(cluster)) {
        const results = await firstValueFrom(query.pipe(take(1), toArray(), timeout(5_000)))
        for (const result of results) {
          seen.push(result)
          if (isLeft(result)) seen.push(new AisError(result.left), explain(result.left))
        }
      }
      following.unsubscribe()
      seen.push(cluster)

      const text = seen.map(everything).join('\n')
      expect(PARTS.filter((part) => text.includes(part))).to.deep.equal([])
      expect(seen.length).to.be.above(10)
      await allFree()
    })
  })

  for (const [what, endpoint] of [
    ['credentials', `http://user:${CANARY}@127.0.0.1:1`],
    ['a query', `http://127.0.0.1:1/?token=${CANARY}`],
    ['a fragment', `http://127.0.0.1:1/#${CANARY}`],
  ] as const) {
    it(`S3, S4: in an endpoint is not repeated by any value: ${what}`, async () => {
      const cluster = createCluster(endpoint, { discover: false })
      const result = await leftOf(clusterMap(cluster))

      expect(result._tag).to.equal('InvalidArgument')
      const text = [result, new AisError(result), cluster].map(everything).join('\n')
      expect(PARTS.filter((part) => text.includes(part))).to.deep.equal([])
    })
  }

  for (const [what, tls] of [
    ['a key without its certificate', { key: CANARY }],
    ['a key that is no PEM', { cert: CANARY, key: CANARY }],
    ['a certificate that is no PEM', { ca: `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----` }],
    ['a key of another certificate', { ca: pem('self-signed'), cert: pem('other-name'), key: OTHER_KEY }],
  ] as const) {
    it(`S3: in the TLS options is not repeated by any value: ${what}`, async () => {
      const cluster = createCluster('https://127.0.0.1:1', { tls, discover: false })
      const result = await leftOf(clusterMap(cluster))

      expect(result._tag).to.be.oneOf(['InvalidArgument', 'TransportError'])
      const text = [result, new AisError(result), explain(result), cluster].map(everything).join('\n')
      expect(
        [...PARTS, ...OTHER_KEY.split('\n').filter((line) => line.length > 20)].filter((part) => text.includes(part)),
      ).to.deep.equal([])
    })
  }

  for (const [what, token] of [
    ['a line break', `${CANARY}\r\nx: y`],
    ['NUL', `${CANARY}\0`],
    ['a letter that is not ASCII', `${CANARY}€`],
  ] as const) {
    it(`S2, S3: as a token with ${what} is refused, not sent and not repeated`, async () => {
      const server = await serveHttp((_, response) => response.end('{}'))
      for (const option of [token, () => token]) {
        const cluster = createCluster(`http://127.0.0.1:${server.port}`, { token: option, discover: false })
        const error = await leftOf(clusterMap(cluster))
        expect(error._tag).to.be.oneOf(['InvalidArgument', 'Unauthorized'])
        const text = [error, new AisError(error)].map(everything).join('\n')
        expect(PARTS.filter((part) => text.includes(part))).to.deep.equal([])
      }
      expect(server.received).to.deep.equal([])
    })
  }
})
