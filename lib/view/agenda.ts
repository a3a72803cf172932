/** The due times of many items. */
export interface Agenda<A extends Due> {
  /** Sets the due time of an item; `Infinity` removes it. */
  readonly set: (item: A, dueMs: number) => void
  /** Returns the earliest due time; `Infinity` if the agenda is empty. */
  readonly earliest: () => number
  /** Removes and returns all items that are due. */
  readonly take: (nowMs: number) => A[]
}

/** An item of an agenda. Only the agenda writes its time. */
export interface Due {
  dueMs: number
}

/**
 * Creates an agenda: a heap of due times, in which items with the same time share an entry. Ten thousand waits that are
 * due together therefore cost one heap operation.
 */
export function agendaOf<A extends Due>(): Agenda<A> {
  /** The items by time. An item whose time has changed stays in its old entry, where it is skipped. */
  const items = new Map<number, A[]>()
  const heap: number[] = []
  const set = (item: A, dueMs: number): void => {
    if (item.dueMs === dueMs) return
    item.dueMs = dueMs
    if (dueMs === Infinity) return
    const same = items.get(dueMs)
    if (same !== undefined) same.push(item)
    else {
      items.set(dueMs, [item])
      push(heap, dueMs)
    }
  }
  const earliest = (): number => {
    for (;;) {
      const first = heap[0]
      if (first === undefined) return Infinity
      const same = items.get(first) ?? []
      while (same.length > 0 && same.at(-1)?.dueMs !== first) same.pop()
      if (same.length > 0) return first
      items.delete(first)
      pop(heap)
    }
  }
  return {
    set,
    earliest,
    take: (nowMs) => {
      const due: A[] = []
      for (let first = earliest(); first <= nowMs; first = earliest()) {
        takeAll(items.get(first) ?? [], first, due)
        items.delete(first)
        pop(heap)
      }
      return due
    },
  }
}

/**
 * Moves the items whose time is still `dueMs` to `due`.
 *
 * It is a function of its own, and ends with its loop, for speed. V8 compiles it while its first long loop still runs. Code
 * after that loop has not run by then, so the compiled function does not have it, and each later call would fall back to
 * the interpreter there.
 */
function takeAll<A extends Due>(items: readonly A[], dueMs: number, due: A[]): void {
  for (const item of items) {
    if (item.dueMs !== dueMs) continue
    item.dueMs = Infinity
    due.push(item)
  }
}

/** Adds a value to a binary heap: `heap[n]` is at most `heap[2n + 1]` and `heap[2n + 2]`. */
function push(heap: number[], value: number): void {
  let at = heap.length
  heap.push(value)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent] ?? -Infinity
    if (above <= value) break
    heap[at] = above
    at = parent
  }
  heap[at] = value
}

/** Removes the least value of a heap. */
function pop(heap: number[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const child = 2 * at + 1
    const [one = Infinity, other = Infinity] = [heap[child], heap[child + 1]]
    const least = Math.min(one, other)
    if (least >= last) break
    heap[at] = least
    at = other < one ? child + 1 : child
  }
  heap[at] = last
}
