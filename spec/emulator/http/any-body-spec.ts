import { expect } from 'chai'
import fc from 'fast-check'
import { World } from '../world.ts'
import { casesOf } from '../../fuzz/seed.ts'

// Random requests, made of words that the server knows, never crash the emulator.

const WORDS = [
  'action',
  'start',
  'stop',
  'value',
  'Kind',
  'ID',
  'Bck',
  'Buckets',
  'name',
  'lru',
  'rebalance',
  'copy-bck',
  'g1',
  'bad',
  'b',
]

const anyWord = fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 5 }))

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    anyWord,
    fc.constantFrom(null, true, false, 0, -1, 7.5, 1e300),
    fc.dictionary(anyWord, tie('tree'), { maxKeys: 4 }),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
}))

/** Bodies: well-formed JSON, truncated JSON, and any text. */
const anyBody = fc.oneof(
  tree.map((value) => JSON.stringify(value)),
  fc.tuple(tree, fc.nat(60)).map(([value, length]) => JSON.stringify(value).slice(0, length)),
  fc.string(),
)

const anyPath = fc.constantFrom(
  '/v1/cluster?what=status',
  '/v1/cluster?what=status_all&frc=true',
  '/v1/cluster?what=qryxstats',
  '/v1/cluster?what=running_all',
  '/v1/cluster',
  '/v1/buckets/b?provider=ais&bck_to=ais%2F%40%23%2Fc%2F',
  '/v1/buckets/%zz?namespace=%40a%23b',
  '/v1/objects/b/o',
  '/v1/daemon?what=smap',
  '/',
)

describe('emulator, arbitrary requests', () => {
  it('should get a reply with a status that the server uses, and with JSON if its type is JSON', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH'),
        anyPath,
        anyBody,
        (method, path, body) => {
          const reply = new World().send(method, path, body)
          expect(reply.status).to.be.oneOf([200, 301, 307, 400, 403, 404, 405, 409, 501])
          if (reply.headers['content-type'] === 'application/json')
            expect(() => JSON.parse(reply.body || '{}') as unknown).to.not.throw()
        },
      ),
      { numRuns: casesOf(2_000) },
    )
  })

  it('should not crash the emulator with a body of a hundred thousand brackets', () => {
    expect(new World().send('PUT', '/v1/cluster', `{"value":${'['.repeat(100_000)}`).status).to.equal(400)
  })
})
