import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import type * as t from 'io-ts'
import { decode } from '../../../lib/codec/decode.ts'
import { stringifyJson } from '../../../lib/codec/json.ts'
import { isLeft, right } from '../../../lib/common/either.ts'
import { JobEvent, JobTable, Progress } from '../../../lib/streams/value-codecs.ts'
import type * as rows from '../../../lib/view/rows.ts'
import { instant, jobRef, nullRecord, snapshots } from '../../helpers/arbitraries.ts'

const text = fc.string({ unit: 'grapheme' })
const count = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const state = fc.constantFrom('starting', 'running', 'idle', 'finished', 'failed', 'aborted', 'lost')

/** Any of the members may be absent. */
const sparse = (
  must: Record<string, fc.Arbitrary<unknown>>,
  may: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<unknown> => fc.record({ ...must, ...may }, { requiredKeys: Object.keys(must), noNullPrototype: true })

const table = nullRecord(
  sparse(
    { id: text, kind: text, state: fc.oneof(state, fc.constant('ended')) },
    { endTime: instant, error: text, snapshots },
  ),
)
const outcome = fc.constantFrom('finished', 'failed', 'aborted', 'idle', 'started', 'not-running', 'lost')
const result = sparse(
  { outcome, success: fc.boolean(), aborted: fc.boolean() },
  { jobId: text, kind: text, error: text, endTime: instant, lostTargets: fc.array(text) },
)
const types = ['started', 'progressed', 'idle', 'resumed', 'finished', 'failed', 'aborted', 'vanished']
const event = sparse({ type: fc.constantFrom(...types), job: jobRef, atMs: count }, { result })
const progress = sparse(
  {
    objects: count,
    bytes: count,
    elapsedMs: count,
    state,
    stalled: fc.boolean(),
    windingDown: fc.boolean(),
    targets: nullRecord(sparse({ objects: count, bytes: count, state }, {})),
  },
  { objectsPerSecond: count, bytesPerSecond: count, ratio: count, etaMs: count },
)

describe('the codecs of live values', () => {
  for (const [name, codec, values] of [
    ['JobTable', JobTable, table],
    ['JobEvent', JobEvent, event],
    ['Progress', Progress, progress],
  ] as readonly (readonly [name: string, codec: t.Type<unknown>, values: fc.Arbitrary<unknown>])[]) {
    it(`${name} gives back each value that it has encoded, bigints included`, () => {
      fc.assert(
        fc.property(values, (value) => {
          expect(codec.is(value)).to.equal(true)
          expect(decode(codec, stringifyJson(codec.encode(value)))).to.deep.equal(right(value))
        }),
      )
    })

    it(`${name} refuses anything else`, () => {
      for (const other of ['null', '[]', '7', '{"a":7}', '{"a":{"id":"g1","kind":"lru","state":"gone"}}'])
        expect(isLeft(decode(codec, other)), other).to.equal(true)
    })
  }

  it('have the types of the streams', () => {
    expectTypeOf(JobTable).toEqualTypeOf<t.Type<rows.JobTable, unknown>>()
  })
})
