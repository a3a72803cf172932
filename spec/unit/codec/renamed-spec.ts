import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import * as t from 'io-ts'
import { listOf, recordOf } from '../../../lib/codec/containers.ts'
import { absentIfZero, TextIfAny, withDefault } from '../../../lib/codec/members.ts'
import { MAX_ERRORS } from '../../../lib/codec/parts.ts'
import { problems } from '../../../lib/codec/problems.ts'
import { renamed, sparse } from '../../../lib/codec/renamed.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// `renamed` makes a codec whose members have other names on the wire. `containers` are the codecs of lists and
// records.

/** A part of the value that the wire has as one text, such as `1..2`. */
const Span = sparse({ from: t.number, to: t.number }, 'Span')
const SpanText = new t.Type<t.TypeOf<typeof Span>, string>(
  'SpanText',
  Span.is,
  (value, context) => {
    const [from, to, more] = typeof value === 'string' ? value.split('..').map(Number) : []
    return from !== undefined && to !== undefined && more === undefined && Number.isFinite(from + to)
      ? t.success({ from, to })
      : t.failure(value, context)
  },
  ({ from, to }) => `${from}..${to}`,
)

const Thing = renamed(
  { 'is-new': 'isNew', owner_name: 'owner', span: '...' },

  {
    id: t.string,
    isNew: withDefault(t.boolean, false),
    owner: absentIfZero(t.string, ''),
    note: TextIfAny,
    '...': SpanText,
  },
  'Thing',
)

const WIRE_THING = { id: 'a', 'is-new': true, owner_name: 'me', span: '1..2' }
const THING = { id: 'a', isNew: true, owner: 'me', from: 1, to: 2 }

const anyText = fc.string({ minLength: 1 })
const [numbers, texts] = [fc.nat(), fc.string()]

describe('renamed', () => {
  itIsLawful({
    codec: Thing,
    wire: fc.record(
      {
        id: texts,
        'is-new': fc.boolean(),
        owner_name: texts,
        note: anyText,
        span: fc.tuple(numbers, numbers).map((two) => two.join('..')),
      },
      { requiredKeys: ['id', 'is-new', 'owner_name', 'span'], noNullPrototype: true },
    ),
    value: fc.record(
      { id: texts, isNew: fc.boolean(), owner: anyText, note: anyText, from: numbers, to: numbers },
      { requiredKeys: ['id', 'isNew', 'from', 'to'], noNullPrototype: true },
    ),
  })

  it('decodes to our names and encodes to wire names', () => {
    expect(decoded(Thing, WIRE_THING)).to.deep.equal(THING)
    expect(Thing.encode(THING)).to.deep.equal(WIRE_THING)
  })

  it('has the types of its schema, with optional members where a value may be absent', () => {
    expectTypeOf<t.TypeOf<typeof Thing>>().toExtend<{
      readonly id: string
      readonly isNew: boolean
      readonly owner?: string
      readonly note?: string
      readonly from: number
      readonly to: number
    }>()
    expectTypeOf<t.OutputOf<typeof Thing>>().toExtend<{
      readonly id: string
      readonly 'is-new': boolean
      readonly owner_name: string
      readonly note?: string
      readonly span: string
    }>()
    expectTypeOf<{ id: string; isNew: boolean; from: number; to: number }>().toExtend<t.TypeOf<typeof Thing>>()
  })

  it('drops members that the schema does not have', () => {
    expect(decoded(Thing, { ...WIRE_THING, isNew: 5, from: 7, novel: 1 })).to.deep.equal(THING)
  })

  it('omits absent members instead of setting them to undefined', () => {
    const bare = decoded(Thing, { id: 'a', span: '1..2' })
    expect(Object.keys(bare)).to.have.members(['id', 'isNew', 'from', 'to'])
    expect(Object.keys(Thing.encode(bare))).to.have.members(['id', 'is-new', 'owner_name', 'span'])
  })

  it('reports errors at any depth, in wire names', () => {
    const Things = recordOf(listOf(Thing, 'Things'), 'All')
    const result = Things.decode({ a: [WIRE_THING], 'b-c': [WIRE_THING, { ...WIRE_THING, 'is-new': 1, span: '1' }] })
    expect(isLeft(result) && problems(result.left)).to.deep.equal([
      '$["b-c"][1]["is-new"]: expected boolean, got 1',
      '$["b-c"][1].span: expected SpanText, got "1"',
    ])
  })
})

describe('containers', () => {
  const Names = listOf(t.string, 'Names')
  const Lists = recordOf(Names, 'Lists')

  it('accept what the containers of io-ts accept', () => {
    const plain = t.record(t.string, listOf(t.string, 'ic'))
    const some = fc.dictionary(
      fc.stringMatching(/^[a-z]+$/),
      fc.array(fc.oneof({ weight: 9, arbitrary: texts }, numbers)),
    )
    fc.assert(
      fc.property(some, (lists) => {
        expect(refuses(Lists, lists)).to.equal(refuses(plain, lists))
        if (plain.is(lists)) expect(Object.entries(decoded(Lists, lists))).to.deep.equal(Object.entries(lists))
      }),
    )
  })

  it('return the same errors as io-ts if they are few', () => {
    const result = Lists.decode({ a: ['x', 1], b: 2, c: [null] })
    const same = t.record(t.string, listOf(t.string, 'ic')).decode({ a: ['x', 1], b: 2, c: [null] })
    const keys = (of: typeof result | typeof same) =>
      isLeft(of) && of.left.map(({ context }) => context.map(({ key }) => key))
    expect(keys(result)).to.deep.equal(keys(same))
  })

  it('stop at the hundredth error, in one list or in many', () => {
    for (const lists of [
      { a: Array(1_000).fill(1) },
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, [1, 2, 3]])),
    ]) {
      const result = Lists.decode(lists)
      expect(isLeft(result) && result.left).to.have.lengthOf(MAX_ERRORS)
    }
  })
})
