import { expect } from 'chai'
import fc from 'fast-check'
import { emptyMap as inPage } from '../../../lib/browser/common/persistent-map.ts'
import { emptyMap as ofTree, type PersistentMap } from '../../../lib/common/persistent-map.ts'

// A map that never changes: `with` returns another map, which shares most of the first. The two implementations, for
// Node and for pages, must behave alike.

const id = fc.oneof(fc.stringMatching(/^[a-z]{1,2}$/), fc.constantFrom('__proto__', 'constructor', ''))
const changes = fc.array(fc.tuple(id, fc.option(fc.nat(9), { nil: undefined })), { maxLength: 8 })

for (const [what, emptyMap] of [
  ['a persistent map', ofTree],
  ['a persistent map in a page', inPage],
] as const)
  describe(what, () => {
    const mapOf = (...entries: readonly (readonly [string, number])[]): PersistentMap<number> =>
      emptyMap<number>().withAll(entries)

    it('equals a Map after each change, and reports each difference between two maps', () => {
      fc.assert(
        fc.property(fc.array(changes), (all) => {
          const model = new Map<string, number>()
          let map = emptyMap<number>()
          for (const some of all) {
            const [before, modelBefore] = [map, new Map(model)]
            map = map.withAll(some)
            for (const [key, value] of some)
              if (value === undefined) model.delete(key)
              else model.set(key, value)
            // The order of the entries is the same, too.
            expect(map.keys()).to.deep.equal([...model.keys()])
            expect(map.values()).to.deep.equal([...model.values()])
            expect(map.matching((value) => value % 2 === 1)).to.deep.equal(
              [...model.values()].filter((n) => n % 2 === 1),
            )
            const each: unknown[] = []
            map.each((value, key) => each.push([key, value]))
            expect(each.sort()).to.deep.equal([...model].sort())
            expect(map.size).to.equal(model.size)
            for (const [key] of some)
              expect([map.get(key), map.has(key)]).to.deep.equal([model.get(key), model.has(key)])
            const differences: unknown[] = []
            map.compare(before, (key, value) => differences.push([key, value]))
            expect(differences).to.deep.equal([
              ...[...model].filter(([key, value]) => modelBefore.get(key) !== value),
              ...[...modelBefore.keys()].filter((key) => !model.has(key)).map((key) => [key, undefined]),
            ])
          }
        }),
      )
    })

    it('does not change when another map is derived from it', () => {
      const before = mapOf(['a', 1])
      const after = before.with('a', undefined).with('b', 2)
      expect([before.get('a'), before.get('b')]).to.deep.equal([1, undefined])
      expect([after.get('a'), after.get('b')]).to.deep.equal([undefined, 2])
    })

    it('returns itself if nothing changes', () => {
      const before = mapOf(['a', 1], ['b', 2])
      expect(before.with('a', 1)).to.equal(before)
      expect(before.with('c', undefined)).to.equal(before)
      expect(before.withAll([])).to.equal(before)
    })

    it('reports only the changed entry of two maps with ten thousand entries', () => {
      const before = emptyMap<number>().withAll(Array.from({ length: 10_000 }, (_, n) => [`run-${n}`, n]))
      const differences: unknown[] = []
      before.with('run-77', -1).compare(before, (...difference) => differences.push(difference))
      expect(differences).to.deep.equal([['run-77', -1]])
    })
  })
