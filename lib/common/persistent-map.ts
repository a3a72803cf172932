/**
 * An immutable map from ids to values: a change makes another map, which shares all that did not change.
 *
 * The view is a value, and one reply changes one run of ten thousand: a copy of a whole `Map` for each of ten thousand
 * ends would cost more than all requests together. The entries are therefore spread over the leaves of a tree, and a
 * change copies the path to one leaf.
 */
export class PersistentMap<A> implements ReadonlyMap<string, A> {
  readonly size: number
  private readonly root: Node

  private constructor(root: Node, size: number) {
    this.root = root
    this.size = size
  }

  static empty<A>(): PersistentMap<A> {
    return new PersistentMap<A>(NOTHING, 0)
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

  /** The map with one value set, or removed where it is undefined. */
  with(id: string, value: A | undefined): PersistentMap<A> {
    const before = this.get(id)
    if (before === value) return this
    const size = this.size + (value === undefined ? -1 : before === undefined ? 1 : 0)
    return new PersistentMap<A>(changed(this.root, LEVELS, hashOf(id), id, value), size)
  }

  /** The map with several values set, or removed where they are undefined. */
  withAll(changes: Iterable<readonly [string, A | undefined]>): PersistentMap<A> {
    return [...changes].reduce((map: PersistentMap<A>, [id, value]) => map.with(id, value), this)
  }

  /** Calls `visit` with each value that this map has and the other lacks, or the other way round, or that differs. */
  compare(before: PersistentMap<A>, visit: (id: string, value: A | undefined, before: A | undefined) => void): void {
    differing(before.root, this.root, LEVELS, (was, is) => {
      for (let n = 0; n < is.length; n += 2) {
        const at = indexIn(was, is[n])
        if (at < 0) visit(is[n] as string, is[n + 1] as A, undefined)
        else if (was[at + 1] !== is[n + 1]) visit(is[n] as string, is[n + 1] as A, was[at + 1] as A)
      }
      for (let n = 0; n < was.length; n += 2)
        if (indexIn(is, was[n]) < 0) visit(was[n] as string, undefined, was[n + 1] as A)
    })
  }

  forEach(visit: (value: A, id: string, map: ReadonlyMap<string, A>) => void): void {
    eachLeaf(this.root, LEVELS, (leaf) => {
      for (let n = 0; n < leaf.length; n += 2) visit(leaf[n + 1] as A, leaf[n] as string, this)
    })
  }

  [Symbol.iterator](): ReturnType<Map<string, A>['entries']> {
    const all: [string, A][] = []
    this.forEach((value, id) => all.push([id, value]))
    return all.values()
  }

  entries(): ReturnType<Map<string, A>['entries']> {
    return this[Symbol.iterator]()
  }

  keys(): ReturnType<Map<string, A>['keys']> {
    const all: string[] = []
    this.forEach((_, id) => all.push(id))
    return all.values()
  }

  values(): ReturnType<Map<string, A>['values']> {
    const all: A[] = []
    this.forEach((value) => all.push(value))
    return all.values()
  }
}

/** Sixteen children; after three levels a leaf, which is a list of ids and values in turn. */
type Node = readonly unknown[]

const LEVELS = 3
const BITS = 4
const MASK = (1 << BITS) - 1
const NOTHING: Node = Object.freeze([])

function hashOf(id: string): number {
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0
  return (hash ^ (hash >>> 12)) >>> 0
}

function indexIn(leaf: Node, id: unknown): number {
  for (let n = 0; n < leaf.length; n += 2) if (leaf[n] === id) return n
  return -1
}

function changed(node: Node, levels: number, hash: number, id: string, value: unknown): Node {
  if (levels === 0) return changedLeaf(node, id, value)
  const copy = node.length === 0 ? Array.from({ length: 1 << BITS }, () => NOTHING) : node.slice()
  const child = hash & MASK
  copy[child] = changed(copy[child] as Node, levels - 1, hash >>> BITS, id, value)
  return copy
}

function changedLeaf(leaf: Node, id: string, value: unknown): Node {
  const at = indexIn(leaf, id)
  if (value === undefined) return at < 0 ? leaf : leaf.toSpliced(at, 2)
  if (at < 0) return [...leaf, id, value]
  const copy = leaf.slice()
  copy[at + 1] = value
  return copy
}

function eachLeaf(node: Node, levels: number, visit: (leaf: Node) => void): void {
  if (levels === 0) visit(node)
  else for (const child of node) if (child !== NOTHING) eachLeaf(child as Node, levels - 1, visit)
}

/** The leaves of two trees that are not the same object. */
function differing(one: Node, other: Node, levels: number, visit: (one: Node, other: Node) => void): void {
  if (one === other) return
  if (levels === 0) visit(one, other)
  else
    for (let n = 0; n <= MASK; n++)
      differing((one[n] ?? NOTHING) as Node, (other[n] ?? NOTHING) as Node, levels - 1, visit)
}
