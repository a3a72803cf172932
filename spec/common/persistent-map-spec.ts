import { expect } from 'chai'
import fc from 'fast-check'
import { PersistentMap } from '../../lib/common/persistent-map.ts'

const id = fc.oneof(fc.stringMatching(/^[a-z]{1,2}$/), fc.constantFrom('__proto__', 'constructor', ''))
const changes = fc.array(fc.tuple(id, fc.option(fc.nat(9), { nil: undefined })), { maxLength: 8 })
const mapOf = (...entries: readonly (readonly [string, number])[]): PersistentMap<number> =>
  PersistentMap.empty<number>().withAll(entries)

describe('PersistentMap', () => {
  it('holds what a Map would hold, change by change, and tells each difference between two maps', () => {
    fc.assert(
      fc.property(fc.array(changes), (all) => {
        const model = new Map<string, number>()
        let map = PersistentMap.empty<number>()
        for (const some of all) {
          const [before, modelBefore] = [map, new Map(model)]
          map = map.withAll(some)
          for (const [key, value] of some)
            if (value === undefined) model.delete(key)
            else model.set(key, value)
          expect([...map].sort()).to.deep.equal([...model].sort())
          expect([...map.entries()]).to.deep.equal([...map.keys()].map((key) => [key, map.get(key)]))
          expect([...map.values()].sort()).to.deep.equal([...model.values()].sort())
          expect(map.size).to.equal(model.size)
          for (const [key] of some) expect([map.get(key), map.has(key)]).to.deep.equal([model.get(key), model.has(key)])
          const told = new Map<string, readonly unknown[]>()
          map.compare(before, (key, value, old) => told.set(key, [value, old]))
          const keys = new Set([...model.keys(), ...modelBefore.keys()])
          for (const key of keys)
            expect(told.get(key)).to.deep.equal(
              model.get(key) === modelBefore.get(key) ? undefined : [model.get(key), modelBefore.get(key)],
            )
        }
      }),
    )
  })

  it('stays what it was when another map is made of it', () => {
    const before = mapOf(['a', 1])
    const after = before.with('a', undefined).with('b', 2)
    expect([before.get('a'), before.get('b')]).to.deep.equal([1, undefined])
    expect([after.get('a'), after.get('b')]).to.deep.equal([undefined, 2])
  })

  it('is the very same map where nothing changes', () => {
    const before = mapOf(['a', 1], ['b', 2])
    expect(before.with('a', 1)).to.equal(before)
    expect(before.with('c', undefined)).to.equal(before)
    expect(before.withAll([])).to.equal(before)
  })

  it('compares maps of ten thousand entries without a look at those that are the same', () => {
    const before = PersistentMap.empty<number>().withAll(Array.from({ length: 10_000 }, (_, n) => [`run-${n}`, n]))
    const told: unknown[] = []
    before.with('run-77', -1).compare(before, (...difference) => told.push(difference))
    expect(told).to.deep.equal([['run-77', -1, 77]])
  })
})
