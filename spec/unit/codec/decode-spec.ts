import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import type { Either } from 'fp-ts/lib/Either.js'
import { decode, type Undecodable } from '../../../lib/codec/decode.ts'
import { JobStatus } from '../../../lib/codec/job-status.ts'
import { parseJson, stringifyJson } from '../../../lib/codec/json.ts'
import { Snapshots } from '../../../lib/codec/snapshots.ts'
import { isLeft, isRight, left, right } from '../../../lib/common/either.ts'
import { cpuMs } from './helpers/cpu.ts'
import { mutated } from './helpers/mutations.ts'
import { bodyOf, codecOf, replies } from './helpers/replies.ts'
import { casesOf } from '../../fuzz/seed.ts'

// `decode` turns a reply into a value, or into a Left with the problems. It must survive any bytes.
// An id in a title, such as D4, is a row of docs/faults.md.

describe('decode', () => {
  for (const [name, reply] of Object.entries(replies))
    it(`decodes ${name}, sent as ${reply.contentType}, and encodes it unchanged (T2)`, () => {
      const codec = codecOf(reply)
      const value = decode(codec, reply.body)
      if (isLeft(value)) throw new Error(value.left.problems.join('\n'))
      const wire = parseJson(stringifyJson(codec.encode(value.right)))
      // Only a part of the map is decoded, and null is encoded as an empty list. Everything else is unchanged.
      if (reply.codec === 'ClusterMap')
        expect(decode(codec, stringifyJson(codec.encode(value.right)))).to.deep.equal(value)
      else expect(wire).to.deep.equal(name === 'statuses-null' ? right([]) : parseJson(reply.body))
    })

  it('keeps the nanoseconds of a recorded end time', () => {
    expectTypeOf(decode<JobStatus>).returns.toEqualTypeOf<Either<Undecodable, JobStatus>>()
    const status = decode(JobStatus, bodyOf('status-aborted'))
    expect(isRight(status) && status.right.endTime).to.equal(1795428774154592875n)
  })

  it('marks a reply that is not JSON, and not one that is JSON of a wrong shape', () => {
    expect(decode(Snapshots, '<html>')).to.deep.equal(
      left({ problems: ['$: not JSON: 6 characters starting like HTML'], notJson: true }),
    )
    expect(decode(Snapshots, '[]')).to.deep.equal(left({ problems: ['$: expected Snapshots, got an array of 0'] }))
  })

  for (const name of ['snapshots-ec-put', 'status-aborted', 'statuses', 'running', 'cluster-map'])
    it(`returns a Left if ${name} is cut off at any position`, () => {
      const reply = replies[name]!
      const body = reply.body.trimEnd()
      for (let at = 0; at < body.length; at++) {
        const result = decode(codecOf(reply), body.slice(0, at))
        expect(isLeft(result) && result.left.notJson, `cut at ${at}`).to.equal(true)
      }
    })

  it('returns an Either within 250 ms for mutated recordings (D4)', () => {
    const bodies = Object.values(replies).map(({ body }) => body)
    const codecs = Object.values(replies).map(codecOf)
    fc.assert(
      fc.property(mutated(bodies), fc.constantFrom(...codecs), (text, codec) => {
        expect(cpuMs(() => decode(codec, text))).to.be.below(250)
        const result = decode(codec, text)
        if (isRight(result)) expect(codec.is(result.right)).to.equal(true)
        else
          for (const problem of result.left.problems) {
            expect(problem).to.match(/^\$.*$/u)
            expect(problem.length).to.be.below(600)
          }
      }),
      { numRuns: casesOf(2000) },
    )
  })

  it('returns an Either for any JSON (D4)', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(...Object.values(replies).map(codecOf)), (text, codec) => {
        expect(decode(codec, text)._tag).to.be.oneOf(['Left', 'Right'])
      }),
      { numRuns: casesOf(500) },
    )
  })
})
