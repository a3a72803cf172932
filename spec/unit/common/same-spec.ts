import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import fc from 'fast-check'
import { same } from '../../../lib/common/same.ts'

// `same` compares two values by their contents.

const withoutPrototype = (members: object): object => Object.assign(Object.create(null) as object, members)

describe('same', () => {
  it('compares primitive values like Object.is', () => {
    for (const value of [0, NaN, 1n, '', 'a', null, undefined, true]) expect(same(value, value)).to.equal(true)
    for (const [a, b] of [
      [0, -0],
      [1, 1n],
      [1, '1'],
      [null, undefined],
      [0, false],
      ['a', 'b'],
      [1n, 2n],
    ])
      // prettier-ignore
      expect(same(a, b), `${String(a)} ${String(b)}`).to.equal(false)
  })

  it('compares records and arrays at any depth', () => {
    expect(same({ a: [{ b: 1n }] }, { a: [{ b: 1n }] })).to.equal(true)
    expect(same({ a: [{ b: 1n }] }, { a: [{ b: 2n }] })).to.equal(false)
    expect(same([1, 2], [1])).to.equal(false)
    expect(same([1], [1, 2])).to.equal(false)
    expect(same([], {})).to.equal(false)
    expect(same({}, null)).to.equal(false)
    expect(same([[NaN]], [[NaN]])).to.equal(true)
  })

  it('ignores the order of members, a missing prototype and another realm', () => {
    expect(same({ a: 1, b: 2 }, { b: 2, a: 1 })).to.equal(true)
    expect(same(withoutPrototype({ a: 1 }), { a: 1 })).to.equal(true)
    expect(same(runInNewContext('({ a: [1] })'), { a: [1] })).to.equal(true)
  })

  it('treats an absent member as undefined on either side, and ignores inherited members', () => {
    expect(same({ a: 1, b: undefined }, { a: 1 })).to.equal(true)
    expect(same({ a: 1 }, { a: 1, b: undefined })).to.equal(true)
    expect(same({ a: 1 }, { a: 1, b: 0 })).to.equal(false)
    expect(same({ constructor: Object }, {})).to.equal(false)
    expect(same(JSON.parse('{"__proto__":1}'), {})).to.equal(false)
    expect(same(JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'))).to.equal(true)
  })

  it('compares anything but plain data by identity', () => {
    const day = new Date(0)
    expect(same(day, day)).to.equal(true)
    expect(same(day, new Date(0))).to.equal(false)
    expect(same(new Map(), new Map())).to.equal(false)
    expect(
      same(
        () => 1,
        () => 1,
      ),
    ).to.equal(false)
    class Point {
      readonly x = 1
    }
    expect(same(new Point(), new Point())).to.equal(false)
    expect(same(new Point(), { x: 1 })).to.equal(false)
  })

  const anyData = fc.anything({ withBigInt: true, withNullPrototype: true, maxDepth: 4 })

  it('is symmetric, and true for a copy', () => {
    fc.assert(
      fc.property(anyData, anyData, (a, b) => {
        expect(same(a, b)).to.equal(same(b, a))
        expect(same(a, structuredClone(a))).to.equal(true)
      }),
    )
  })
})
