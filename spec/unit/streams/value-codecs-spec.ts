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

// Live values cross the wire between a server and a page as JSON. Their codecs must give back each value.

const anyText = fc.string({ unit: 'grapheme' })
const anyCount = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const anyState = fc.constantFrom('starting', 'running', 'idle', 'finished', 'failed', 'aborted', 'lost')

/** Any of the members may be absent. */
const sparse = (
  must: Record<string, fc.Arbitrary<unknown>>,
  may: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<unknown> => fc.record({ ...must, ...may }, { requiredKeys: Object.keys(must), noNullPrototype: true })

const anyTable = nullRecord(
  sparse(
    { id: anyText, kind: anyText, state: fc.oneof(anyState, fc.constant('ended')) },
    { endTime: instant, error: anyText, snapshots },
  ),
)
const anyOutcome = fc.constantFrom('finished', 'failed', 'aborted', 'idle', 'started', 'not-running', 'lost')
const anyResult = sparse(
  { outcome: anyOutcome, success: fc.boolean(), aborted: fc.boolean() },
  { jobId: anyText, kind: anyText, error: anyText, endTime: instant, lostTargets: fc.array(anyText) },
)
const EVENT_TYPES = ['started', 'progressed', 'idle', 'resumed', 'finished', 'failed', 'aborted', 'vanished']
const anyEvent = sparse({ type: fc.constantFrom(...EVENT_TYPES), job: jobRef, atMs: anyCount }, { result: anyResult })
const anyProgress = sparse(
  {
    objects: anyCount,
    bytes: anyCount,
    elapsedMs: anyCount,
    state: anyState,
    stalled: fc.boolean(),
    windingDown: fc.boolean(),
    targets: nullRecord(sparse({ objects: anyCount, bytes: anyCount, state: anyState }, {})),
  },
  { objectsPerSecond: anyCount, bytesPerSecond: anyCount, ratio: anyCount, etaMs: anyCount },
)

describe('the codecs of live values', () => {
  for (const [name, codec, values] of [
    ['JobTable', JobTable, anyTable],
    ['JobEvent', JobEvent, anyEvent],
    ['Progress', Progress, anyProgress],
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
