import { inspect } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { of, throwError, type Observable } from 'rxjs'
import { toJson } from '../../lib/codec/to-json.ts'
import { isLeft } from '../../lib/common/either.ts'
import {
  AisError,
  clusterMap,
  createCluster,
  details,
  explain,
  running,
  start,
  status,
  type Cluster,
  type HttpResponse,
  type Result,
} from '../../lib/index.ts'
import { encodingsOf } from '../../lib/transport/inflate.ts'
import { anyText, anyUrl } from '../helpers/any-text.ts'

// Random endpoints, replies and tokens: nothing throws, and no text reveals the token.

const SECRET = 'c4n4ry7f3a'

const QUERIES: readonly ((cluster: Cluster) => Observable<Result<unknown>>)[] = [
  (cluster) => clusterMap(cluster),
  (cluster) => running(cluster),
  (cluster) => status(cluster, { id: 'aB3dE5fG7' }),
  (cluster) => details(cluster, { kind: 'lru' }),
  (cluster) => start(cluster, { kind: 'lru' }),
]

/** The values that a stream emits at once. It must neither throw nor error. */
function valuesOf(stream: Observable<Result<unknown>>): readonly Result<unknown>[] {
  const values: Result<unknown>[] = []
  stream.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => {
      throw error
    },
  })
  return values
}

/** Everything that can be printed of a result. */
const textOf = (result: Result<unknown>): string =>
  [
    inspect(result, { depth: 9 }),
    JSON.stringify(toJson(result)),
    ...(isLeft(result) ? [explain(result.left), String(new AisError(result.left).stack)] : []),
  ].join('\n')

const anyShortText = anyText({ maxLength: 40 })
const anyPiece = fc.constantFrom(
  'http://',
  'https://',
  'p1',
  ':',
  '/',
  '@',
  '?',
  '#',
  '[',
  ']',
  '::1',
  '%',
  '\\',
  '\t',
  'é',
  '..',
)
const anyEndpoint = fc.oneof(
  anyShortText,
  fc.array(fc.oneof(anyPiece, anyShortText), { maxLength: 8 }).map((parts) => parts.join('')),
  anyUrl,
)

const anyHeaders = fc.dictionary(
  fc.constantFrom('retry-after', 'location', 'content-type', 'content-encoding', 'content-length', '__proto__', 'x'),
  fc.oneof(
    anyShortText,
    fc.constantFrom(
      '0',
      '-1',
      '1e9',
      '9'.repeat(400),
      'Wed, 21 Oct 2015 07:28:00 GMT',
      'Wed, 99',
      'http://p2/v1',
      '//x',
      '',
    ),
    anyEndpoint,
  ),
)
const anyReply: fc.Arbitrary<HttpResponse> = fc.record({
  status: fc.oneof(
    fc.constantFrom(0, 100, 200, 204, 301, 307, 308, 400, 401, 404, 409, 429, 503, 999, NaN, 200.5),
    fc.integer(),
  ),
  headers: anyHeaders,
  body: fc.oneof(
    anyShortText,
    fc.json(),
    fc.constantFrom('', 'null', '[]', '{}', `{"message":"${SECRET}"}`, `<p>${SECRET}`),
  ),
})

describe('random input', () => {
  it('as an endpoint gives a Left or a request to a plain address, and never throws', () => {
    fc.assert(
      fc.property(anyEndpoint, (address) => {
        const urls: string[] = []
        const transport = ({ url }: { readonly url: string }): Observable<HttpResponse> => {
          urls.push(url)
          return throwError(() => new Error(url))
        }
        const [result, ...more] = valuesOf(running(createCluster(address, { transport, discover: false })))
        expect(more).to.deep.equal([])
        expect(result !== undefined && isLeft(result)).to.equal(true)
        for (const url of urls)
          expect(url).to.match(/^(?:https?:\/\/[^/@?#\s]+)?(?:\/[^?#\s]*)?\/v1\/[a-z]+\?what=[a-z_]+$/)
      }),
    )
  })

  it('as a reply gives one value for each query, without the token in any of its texts', () => {
    fc.assert(
      fc.property(fc.array(anyReply, { minLength: 1, maxLength: 4 }), fc.nat(QUERIES.length - 1), (replies, n) => {
        let nth = 0
        const transport = (): Observable<HttpResponse> =>
          of(replies[nth++ % replies.length] ?? { status: 200, headers: {}, body: '' })
        const cluster = createCluster('http://p1', { transport, discover: false, token: SECRET })
        const values = valuesOf((QUERIES[n] ?? running)(cluster))
        expect(values).to.have.length(1)
        expect(values.map(textOf).join('\n')).to.not.include(SECRET)
      }),
    )
  })

  it('as a token is sent as it is or refused, and is in no text of the result', () => {
    fc.assert(
      fc.property(anyShortText, fc.boolean(), (tail, isFunction) => {
        const token = `${SECRET}${tail}`
        const sent: (string | undefined)[] = []
        const transport = ({
          headers,
        }: {
          readonly headers: Readonly<Record<string, string>>
        }): Observable<HttpResponse> => {
          sent.push(headers['authorization'])
          return of({ status: 500, headers: {}, body: token })
        }
        const cluster = createCluster('http://p1', {
          transport,
          discover: false,
          token: isFunction ? () => token : token,
        })
        const values = valuesOf(running(cluster))
        expect(values).to.have.length(1)
        expect(values.map(textOf).join('\n')).to.not.include(SECRET)
        for (const header of sent) expect(header).to.match(/^Bearer [\u0021-\u007e]+$/)
      }),
    )
  })

  it('as a Content-Encoding is read as names without commas', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyShortText,
          fc.array(fc.constantFrom('gzip', ' ', ',', 'identity', 'GZIP', '__proto__')).map((parts) => parts.join('')),
        ),
        (header) => {
          for (const name of encodingsOf(header)) expect(name).to.match(/^[^,]+$/)
        },
      ),
    )
  })
})
