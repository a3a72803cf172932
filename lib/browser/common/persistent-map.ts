import type * as all from '../../common/persistent-map.ts'

/** A page follows few runs, so a change may copy the whole map. */
class CopiedMap<A> implements all.PersistentMap<A> {
  readonly size: number
  private readonly entries: ReadonlyMap<string, A>

  constructor(entries: ReadonlyMap<string, A>) {
    this.entries = entries
    this.size = entries.size
  }

  get(id: string): A | undefined {
    return this.entries.get(id)
  }

  has(id: string): boolean {
    return this.entries.has(id)
  }

  with(id: string, value: A | undefined): CopiedMap<A> {
    return this.withAll([[id, value]])
  }

  withAll(changes: Iterable<readonly [string, A | undefined]>): CopiedMap<A> {
    let copy: Map<string, A> | undefined
    for (const [id, value] of changes) {
      if ((copy ?? this.entries).get(id) === value) continue
      copy ??= new Map(this.entries)
      if (value === undefined) copy.delete(id)
      else copy.set(id, value)
    }
    return copy === undefined ? this : new CopiedMap(copy)
  }

  compare(before: CopiedMap<A>, visit: (id: string, value: A | undefined) => void): void {
    for (const [id, value] of this.entries) if (before.get(id) !== value) visit(id, value)
    for (const [id] of before.entries) if (!this.has(id)) visit(id, undefined)
  }

  each(visit: (value: A, id: string) => void): void {
    this.entries.forEach(visit)
  }

  matching(condition: (value: A) => boolean): readonly A[] {
    return this.values().filter(condition)
  }

  keys(): readonly string[] {
    return [...this.entries.keys()]
  }

  values(): readonly A[] {
    return [...this.entries.values()]
  }
}

export const emptyMap: typeof all.emptyMap = <A>() => new CopiedMap<A>(new Map())
