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

describe('decode', () => {
  for (const [name, reply] of Object.entries(replies))
    it(`reads ${name}, labelled ${reply.contentType}, and writes it back (T2)`, () => {
      const codec = codecOf(reply)
      const value = decode(codec, reply.body)
      if (isLeft(value)) throw new Error(value.left.problems.join('\n'))
      const wire = parseJson(stringifyJson(codec.encode(value.right)))
      // The map is kept in part only, and null comes back as an empty list; all else to the letter.
      if (reply.codec === 'ClusterMap')
        expect(decode(codec, stringifyJson(codec.encode(value.right)))).to.deep.equal(value)
      else expect(wire).to.deep.equal(name === 'statuses-null' ? right([]) : parseJson(reply.body))
    })

  it('keeps each nanosecond of a recorded end', () => {
    expectTypeOf(decode<JobStatus>).returns.toEqualTypeOf<Either<Undecodable, JobStatus>>()
    const status = decode(JobStatus, bodyOf('status-aborted'))
    expect(isRight(status) && status.right.endTime).to.equal(1795428774154592875n)
  })

  it('tells a reply of somebody else from a reply that is wrong', () => {
    expect(decode(Snapshots, '<html>')).to.deep.equal(
      left({ problems: ['$: not JSON: 6 characters starting like HTML'], notJson: true }),
    )
    expect(decode(Snapshots, '[]')).to.deep.equal(left({ problems: ['$: expected Snapshots, got an array of 0'] }))
  })

  for (const name of ['snapshots-ec-put', 'status-aborted', 'statuses', 'running', 'cluster-map'])
    it(`gives a Left for ${name} cut anywhere`, () => {
      const reply = replies[name]!
      const body = reply.body.trimEnd()
      for (let at = 0; at < body.length; at++) {
        const result = decode(codecOf(reply), body.slice(0, at))
        expect(isLeft(result) && result.left.notJson, `cut at ${at}`).to.equal(true)
      }
    })

  it('gives an Either for mutated recordings, soon', () => {
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
      { numRuns: 2000 },
    )
  })

  it('gives an Either for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(...Object.values(replies).map(codecOf)), (text, codec) => {
        expect(decode(codec, text)._tag).to.be.oneOf(['Left', 'Right'])
      }),
      { numRuns: 500 },
    )
  })
})
