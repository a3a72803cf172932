import { expect } from 'chai'
import fc from 'fast-check'
import { agendaOf as inPage } from '../../../lib/browser/view/agenda.ts'
import { agendaOf as ofHeap, type Due } from '../../../lib/view/agenda.ts'

// The agenda holds the due times of all members. The two implementations, for Node and for pages, must behave alike.

interface Item extends Due {
  readonly name: number
}
const itemsOf = (count: number): readonly Item[] =>
  Array.from({ length: count }, (_, name) => ({ name, dueMs: Infinity }))

for (const [what, agendaOf] of [
  ['an agenda', ofHeap],
  ['an agenda in a page', inPage],
] as const)
  describe(what, () => {
    it('returns each due item once, the earliest first', () => {
      const agenda = agendaOf<Item>()
      const [a, b, c] = itemsOf(3) as [Item, Item, Item]
      agenda.set(a, 30)
      agenda.set(b, 10)
      agenda.set(c, 10)
      expect(agenda.earliest()).to.equal(10)
      expect(agenda.take(9)).to.deep.equal([])
      expect(agenda.take(10)).to.deep.equal([b, c])
      expect(b.dueMs).to.equal(Infinity)
      expect(agenda.earliest()).to.equal(30)
      expect(agenda.take(1_000)).to.deep.equal([a])
      expect(agenda.earliest()).to.equal(Infinity)
      expect(agenda.take(1_000)).to.deep.equal([])
    })

    it('returns a due item at once, however long ago it became due', () => {
      const agenda = agendaOf<Item>()
      const [a] = itemsOf(1) as [Item]
      agenda.set(a, -Infinity)
      expect(agenda.earliest()).to.equal(-Infinity)
      expect(agenda.take(0)).to.deep.equal([a])
    })

    it('behaves like a sorted list after each change', () => {
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ item: fc.nat(7), dueMs: fc.oneof(fc.nat(20), fc.constant(Infinity)) }) },
        { weight: 1, arbitrary: fc.record({ nowMs: fc.nat(20) }) },
      )
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const agenda = agendaOf<Item>()
          const items = itemsOf(8)
          const model = new Map<number, number>()
          for (const one of steps) {
            if ('nowMs' in one) {
              const due = [...model].filter(([, dueMs]) => dueMs <= one.nowMs)
              for (const [name] of due) model.delete(name)
              const taken = agenda.take(one.nowMs).map(({ name }) => name)
              expect(taken.toSorted()).to.deep.equal(due.map(([name]) => name).toSorted())
              const dueOf = new Map(due)
              expect(taken.map((name) => dueOf.get(name))).to.deep.equal([...dueOf.values()].toSorted((a, b) => a - b))
            } else {
              agenda.set(items[one.item]!, one.dueMs)
              if (one.dueMs === Infinity) model.delete(one.item)
              else model.set(one.item, one.dueMs)
            }
            expect(agenda.earliest()).to.equal(Math.min(Infinity, ...model.values()))
          }
        }),
      )
    })
  })
