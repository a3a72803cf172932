/**
 * An immutable map from ids to values, in the order in which the ids were added. A change returns a new map, which shares
 * its unchanged parts with the old one.
 */
export interface PersistentMap<A> {
  readonly size: number
  get(id: string): A | undefined
  has(id: string): boolean
  /** Returns the map with one value set, or removed if it is undefined. */
  with(id: string, value: A | undefined): PersistentMap<A>
  /** Returns the map with several values set, or removed if they are undefined. */
  withAll(changes: Iterable<readonly [string, A | undefined]>): PersistentMap<A>
  /**
   * Calls `visit` for each value that is new or different since the map `before`, in order; then for each removed id.
   */
  compare(before: PersistentMap<A>, visit: (id: string, value: A | undefined) => void): void
  /** Calls `visit` for each value, in any order. This is faster than `values`, which sorts. */
  each(visit: (value: A, id: string) => void): void
  /** The values that satisfy a condition, in order. If they are few, this is faster than to filter `values`. */
  matching(condition: (value: A) => boolean): readonly A[]
  keys(): readonly string[]
  values(): readonly A[]
}

/** A map without entries. */
export const emptyMap = <A>(): PersistentMap<A> => new TreeMap<A>(NOTHING, 0, 0)

/**
 * The view is immutable, and one reply often changes one run of ten thousand. Copying a whole `Map` whenever one of these
 * runs ends would cost more than all requests together. So the entries are in the leaves of a tree, and a change
 * copies only the path to one leaf.
 */
class TreeMap<A> implements PersistentMap<A> {
  readonly size: number
  private readonly root: Node
  /** The position that the next new id will have in the order. */
  private readonly next: number

  constructor(root: Node, size: number, next: number) {
    this.root = root
    this.size = size
    this.next = next
  }

  get(id: string): A | undefined {
    let node = this.root
    let hash = hashOf(id)
    for (let level = 0; level < LEVELS; level++, hash >>>= BITS) node = (node[hash & MASK] ?? NOTHING) as Node
    const at = indexIn(node, id)
    return at < 0 ? undefined : (node[at + 1] as A)
  }

  has(id: string): boolean {
    return this.get(id) !== undefined
  }

  with(id: string, value: A | undefined): TreeMap<A> {
    const before = this.get(id)
    if (before === value) return this
    const root = changed(this.root, LEVELS, hashOf(id), [id, value, this.next])
    if (value === undefined) return new TreeMap<A>(root, this.size - 1, this.next)
    return before === undefined
      ? new TreeMap<A>(root, this.size + 1, this.next + 1)
      : new TreeMap<A>(root, this.size, this.next)
  }

  withAll(changes: Iterable<readonly [string, A | undefined]>): TreeMap<A> {
    if (!(changes instanceof Map)) return this.withEach([...changes])
    return this.withDistinct(changes as ReadonlyMap<string, A | undefined>)
  }

  private withEach(changes: readonly (readonly [string, A | undefined])[]): TreeMap<A> {
    const byId = new Map(changes)
    // If an id occurs twice, its place depends on the order of the changes.
    return byId.size < changes.length
      ? changes.reduce((map: TreeMap<A>, [id, value]) => map.with(id, value), this)
      : this.withDistinct(byId)
  }

  private withDistinct(byId: ReadonlyMap<string, A | undefined>): TreeMap<A> {
    const all: Change[] = []
    let { size, next } = this
    for (const [id, value] of byId) {
      const before = this.get(id)
      if (before === value) continue
      all.push({ hash: hashOf(id), entry: [id, value, next] })
      if (before === undefined) next++
      size += Number(value !== undefined) - Number(before !== undefined)
    }
    return all.length === 0 ? this : new TreeMap<A>(allChanged(this.root, LEVELS, all), size, next)
  }

  compare(before: TreeMap<A>, visit: (id: string, value: A | undefined) => void): void {
    const set: Entry<A>[] = []
    const gone: Entry<A>[] = []
    differing(before.root, this.root, LEVELS, (was, is) => {
      for (let n = 0; n < is.length; n += WIDTH) {
        const at = indexIn(was, is[n])
        if (at < 0 || was[at + 1] !== is[n + 1]) set.push(entryAt(is, n))
      }
      for (let n = 0; n < was.length; n += WIDTH) if (indexIn(is, was[n]) < 0) gone.push(entryAt(was, n))
    })
    for (const [id, value] of set.sort(byPlace)) visit(id, value)
    for (const [id] of gone.sort(byPlace)) visit(id, undefined)
  }

  each(visit: (value: A, id: string) => void): void {
    eachLeaf(this.root, LEVELS, (leaf) => {
      for (let n = 0; n < leaf.length; n += WIDTH) visit(leaf[n + 1] as A, leaf[n] as string)
    })
  }

  matching(condition: (value: A) => boolean): readonly A[] {
    return this.ordered(condition).map(([, value]) => value)
  }

  keys(): readonly string[] {
    return this.ordered(() => true).map(([id]) => id)
  }

  values(): readonly A[] {
    return this.matching(() => true)
  }

  private ordered(condition: (value: A) => boolean): readonly Entry<A>[] {
    const all: Entry<A>[] = []
    eachLeaf(this.root, LEVELS, (leaf) => {
      for (let n = 0; n < leaf.length; n += WIDTH) if (condition(leaf[n + 1] as A)) all.push(entryAt(leaf, n))
    })
    return all.sort(byPlace)
  }
}

/** An id, its value, and its position in the order. */
type Entry<A> = readonly [id: string, value: A, position: number]

/**
 * An inner node has sixteen children. The nodes below three levels are leaves: flat lists of id, value and position.
 */
type Node = readonly unknown[]

const LEVELS = 3
const BITS = 4
const MASK = (1 << BITS) - 1
const WIDTH = 3
// Not frozen: V8 would give a frozen array another shape than the other nodes.
const NOTHING: Node = []

const byPlace = ([, , a]: Entry<unknown>, [, , b]: Entry<unknown>): number => a - b

const entryAt = <A>(leaf: Node, n: number): Entry<A> => [leaf[n] as string, leaf[n + 1] as A, leaf[n + 2] as number]

function hashOf(id: string): number {
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0
  // The three levels use only the lower 12 bits, so the upper bits are mixed into them.
  return (hash ^ (hash >>> 12)) >>> 0
}

function indexIn(leaf: Node, id: unknown): number {
  for (let n = 0; n < leaf.length; n += WIDTH) if (leaf[n] === id) return n
  return -1
}

function changed(node: Node, levels: number, hash: number, entry: Entry<unknown>): Node {
  if (levels === 0) return changedLeaf(node, entry)
  const copy = copyOf(node)
  const child = hash & MASK
  copy[child] = changed(copy[child] as Node, levels - 1, hash >>> BITS, entry)
  return copy
}

/** A change, and the part of the hash of its id that is not used yet. */
interface Change {
  readonly hash: number
  readonly entry: Entry<unknown>
}

/** Applies many changes. Each node on their paths is copied once, and not once for each change. */
function allChanged(node: Node, levels: number, changes: readonly Change[]): Node {
  const [only] = changes
  if (only !== undefined && changes.length === 1) return changed(node, levels, only.hash, only.entry)
  if (levels === 0) return changes.reduce((leaf, { entry }) => changedLeaf(leaf, entry), node)
  const below: Change[][] = Array.from({ length: 1 << BITS }, () => [])
  // Not a loop, for the reason that `takeAll` of the agenda gives.
  changes.forEach(({ hash, entry }) => below[hash & MASK]?.push({ hash: hash >>> BITS, entry }))
  const copy = copyOf(node)
  below.forEach((some, child) => {
    if (some.length > 0) copy[child] = allChanged(copy[child] as Node, levels - 1, some)
  })
  return copy
}

const copyOf = (node: Node): unknown[] =>
  node.length === 0 ? Array.from({ length: 1 << BITS }, () => NOTHING) : node.slice()

function changedLeaf(leaf: Node, entry: Entry<unknown>): Node {
  const [id, value] = entry
  const at = indexIn(leaf, id)
  if (value === undefined) return leaf.toSpliced(at, WIDTH)
  if (at < 0) return [...leaf, ...entry]
  const copy = leaf.slice()
  copy[at + 1] = value
  return copy
}

function eachLeaf(node: Node, levels: number, visit: (leaf: Node) => void): void {
  if (levels === 0) visit(node)
  else for (const child of node) if (child !== NOTHING) eachLeaf(child as Node, levels - 1, visit)
}

/** Calls `visit` for each pair of leaves at the same place of two trees, unless both leaves are the same object. */
function differing(one: Node, other: Node, levels: number, visit: (one: Node, other: Node) => void): void {
  if (one === other) return
  if (levels === 0) visit(one, other)
  else
    for (let n = 0; n <= MASK; n++)
      differing((one[n] ?? NOTHING) as Node, (other[n] ?? NOTHING) as Node, levels - 1, visit)
}
