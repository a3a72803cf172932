import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import { toJson } from '../../../lib/codec/to-json.ts'
import { left, right } from '../../../lib/common/either.ts'
import { snapshots } from '../../helpers/arbitraries.ts'

// `toJson` copies a value and turns each bigint into text, because JSON.stringify refuses bigints.

describe('toJson', () => {
  it('turns each bigint into its decimal string', () => {
    expectTypeOf(toJson).toEqualTypeOf<(value: unknown) => unknown>()
    expect(toJson(1795427154572988356n)).to.equal('1795427154572988356')
    expect(toJson({ a: [1n, { b: -2n }], c: 3 })).to.deep.equal({ a: ['1', { b: '-2' }], c: 3 })
  })

  it('copies an Either', () => {
    expect(JSON.stringify(toJson(right({ endTime: 5n })))).to.equal('{"_tag":"Right","right":{"endTime":"5"}}')
    expect(JSON.stringify(toJson(left({ afterMs: 5 })))).to.equal('{"_tag":"Left","left":{"afterMs":5}}')
  })

  it('keeps all keys of a record without a prototype, including __proto__', () => {
    const record = Object.create(null) as Record<string, unknown>
    record['__proto__'] = [1n]
    record['a'] = 2n
    const plain = toJson(record) as object
    expect(JSON.stringify(plain)).to.equal('{"__proto__":["1"],"a":"2"}')
    expect(Object.getPrototypeOf(plain)).to.equal(Object.prototype)
  })

  it('copies any snapshots to a value that JSON.stringify accepts, with the same keys', () => {
    fc.assert(
      fc.property(snapshots, (value) => {
        const names = Object.keys(value)
        expect(Object.keys(JSON.parse(JSON.stringify(toJson(value))) as object)).to.deep.equal(names)
      }),
    )
  })

  it('does not change the JSON of a value that JSON.stringify accepts', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withDate: true, withMap: true, withSparseArray: true }),
        (value) => {
          expect(JSON.stringify(toJson(value))).to.equal(JSON.stringify(value))
        },
      ),
    )
  })

  it('calls toJSON once, also if it returns its own object', () => {
    const itself = { n: 1, toJSON: (): unknown => itself }
    expect(toJson([itself])).to.deep.equal([{ n: 1, toJSON: itself.toJSON }])
    expect(JSON.stringify(toJson({ n: 1 }))).to.equal('{"n":1}')
  })

  it('copies an object that two members share, and refuses a value that contains itself', () => {
    const shared = { n: 1n }
    expect(toJson([shared, shared])).to.deep.equal([{ n: '1' }, { n: '1' }])
    const loop: { self?: unknown } = {}
    loop.self = loop
    expect(() => toJson(loop)).to.throw(TypeError, 'contains itself')
  })
})
