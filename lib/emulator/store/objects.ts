import type { StoredObject } from './stored-object.ts'

/** The objects of a bucket by name, in the order of names for listings. */
export class Objects {
  private readonly byName = new Map<string, StoredObject>()
  private sorted: readonly string[] | undefined
  /** Sum of the sizes of all objects. */
  bytes = 0
  /** Bytes of contents in memory. */
  held = 0

  /** Number of objects. */
  get count(): number {
    return this.byName.size
  }

  /** The object with that name. */
  get(name: string): StoredObject | undefined {
    return this.byName.get(name)
  }

  /** Adds an object, or replaces the one with its name. */
  set(object: StoredObject): void {
    const before = this.byName.get(object.name)
    if (!before) this.sorted = undefined
    this.tally(before, -1)
    this.tally(object, 1)
    this.byName.set(object.name, object)
  }

  /** Removes an object; returns whether there was one. */
  delete(name: string): boolean {
    const before = this.byName.get(name)
    if (!before) return false
    this.tally(before, -1)
    this.sorted = undefined
    return this.byName.delete(name)
  }

  /** All names in ascending order. */
  names(): readonly string[] {
    return (this.sorted ??= [...this.byName.keys()].sort())
  }

  /** All objects in the order of their names. */
  all(): readonly StoredObject[] {
    return this.names().flatMap((name) => this.byName.get(name) ?? [])
  }

  private tally(object: StoredObject | undefined, sign: 1 | -1): void {
    if (!object) return
    this.bytes += sign * object.size
    if (typeof object.content !== 'string') this.held += sign * object.content.length
  }
}
