import type * as all from '../../view/agenda.ts'

/** A page has few subscribers, so it looks at all their due times. */
export const agendaOf: typeof all.agendaOf = <A extends all.Due>(): all.Agenda<A> => {
  const items = new Set<A>()
  return {
    set: (item, dueMs) => {
      if (item.dueMs === dueMs) return
      item.dueMs = dueMs
      items.delete(item)
      if (dueMs < Infinity) items.add(item)
    },
    earliest: () => {
      let earliestMs = Infinity
      for (const { dueMs } of items) earliestMs = Math.min(earliestMs, dueMs)
      return earliestMs
    },
    take: (nowMs) => {
      const due = [...items].filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs)
      for (const item of due) {
        item.dueMs = Infinity
        items.delete(item)
      }
      return due
    },
  }
}
