import { expect } from 'chai'
import fc from 'fast-check'
import { decode } from '../../../lib/codec/decode.ts'
import { stringifyJson } from '../../../lib/codec/json.ts'
import { snapshotsIn } from '../../../lib/codec/snapshots-in.ts'
import { Snapshots } from '../../../lib/codec/snapshots.ts'
import { isRight } from '../../../lib/common/either.ts'
import { wireSnapshots } from '../../helpers/arbitraries.ts'
import { mutated } from './helpers/mutations.ts'
import { replies } from './helpers/replies.ts'
import { casesOf } from '../../fuzz/seed.ts'

// A reader of snapshots that parses one after the other. It must agree with the codec for any text.

const recordedBodies = Object.values(replies)
  .filter(({ codec }) => codec === 'Snapshots')
  .map(({ body }) => body)

/** Texts that look like the end of a snapshot or of a list, and members that are unusual. */
const TRICKS = [
  '},{',
  '"},{"',
  '\\"},{\\"',
  ']',
  ']}',
  '}]',
  '],"t1":[',
  'null',
  ',',
  ' ',
  '\n',
  '\uFEFF',
  '\u2028',
  '\\u0000',
  '"ext":[{"a":[1,{"b":2}]}],',
  '"__proto__":{},',
  '"id":"twice",',
  '"t1":null,',
  '"t1":[],',
  '1e400',
  '9'.repeat(20),
]

const anyTrick = fc.oneof(fc.constantFrom(...TRICKS), fc.string({ maxLength: 4 }))

const anyProperText = fc
  .tuple(wireSnapshots, anyTrick, fc.constantFrom('', '\n', ' ', '\u00A0', '\uFEFF', '\t\r\n'))
  .map(
    ([wire, target, end]) => stringifyJson({ ...wire, [target]: [{ id: target, kind: 'lru', ctlmsg: target }] }) + end,
  )

const anySplicedText = fc
  .tuple(anyProperText, anyTrick, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([text, trick, where]) => {
    const at = Math.floor(where * text.length)
    return text.slice(0, at) + trick + text.slice(at)
  })

const anyText = fc.oneof(
  { weight: 3, arbitrary: anyProperText },
  { weight: 2, arbitrary: anySplicedText },
  { weight: 2, arbitrary: mutated(recordedBodies) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'null',
      '',
      '{}',
      '{"t1":null}',
      '{"t1":[]}',
      '{"t1":[null]}',
      '{"t1":[{}]}',
      '{"t1":[],}',
      '[]',
    ),
  },
)

describe('snapshotsIn', () => {
  it('equals what the codec decodes, for any text', () => {
    const outcomes = { read: 0, refused: 0 }
    fc.assert(
      fc.property(anyText, (one) => {
        const expected = decode(Snapshots, one)
        expect(snapshotsIn(one, 0)).to.deep.equal(expected)
        outcomes[isRight(expected) ? 'read' : 'refused'] += 1
      }),
      { numRuns: casesOf(1000) },
    )
    // Makes sure that the random texts contain both valid and invalid replies.
    expect(Math.min(outcomes.read, outcomes.refused)).to.be.above(casesOf(200))
  }).timeout(30_000)

  it('equals what the codec decodes from each recorded reply, in the same order', () => {
    for (const body of recordedBodies) {
      const [read, expected] = [snapshotsIn(body, 0), decode(Snapshots, body)]
      expect(read).to.deep.equal(expected)
      if (isRight(read) && isRight(expected)) expect(Object.keys(read.right)).to.deep.equal(Object.keys(expected.right))
    }
    expect(recordedBodies.length).to.be.above(1)
  })

  it('accepts and refuses the same nesting depths as the codec', () => {
    for (let depth = 55; depth < 70; depth++) {
      const deep = `{"id":"a","kind":"lru","ext":${'['.repeat(depth)}${']'.repeat(depth)}}`
      for (const text of [`{"t1":[${deep}]}`, `{"t1":[${deep},${deep}]}`])
        expect(snapshotsIn(text, 0), String(depth)).to.deep.equal(decode(Snapshots, text))
    }
  })

  it('parses one snapshot after the other, although a cluster writes newlines between the targets', () => {
    const snap = JSON.stringify({ id: 'a', kind: 'lru', ext: [{ n: 1 }, { n: 2 }], ctlmsg: '},{' })
    const text = `{"t1":[${snap},${snap}]\n,"t2":null\n,"t3":[${snap}]\n}\n`
    const { parse } = JSON
    const lengths: number[] = []
    JSON.parse = (one: string) => {
      lengths.push(one.length)
      return parse(one) as unknown
    }
    try {
      const read = snapshotsIn(text, 0)
      expect(isRight(read) && Object.values(read.right).map(({ length }) => length)).to.deep.equal([2, 0, 1])
      expect(Math.max(...lengths)).to.equal(snap.length)
    } finally {
      JSON.parse = parse
    }
  })

  it('takes the last of two lists of one target', () => {
    const twice = '{"t1":[{"id":"a","kind":"lru"}],"t2":null,"t1":[{"id":"b","kind":"lru"}]}'
    const read = snapshotsIn(twice, 0)
    expect(read).to.deep.equal(decode(Snapshots, twice))
    expect(isRight(read) && Object.keys(read.right)).to.deep.equal(['t1', 't2'])
  })
})
