import * as t from 'io-ts'
import { interned } from '../common/interned.ts'

/** Errors collected from one value; a reply with a hundred thousand of them costs no more than one with a hundred. */
export const MAX_ERRORS = 100

/** An object of the wire, before anything is known of its members. */
export type WireObject = Readonly<Record<string, unknown>>

/**
 * Where a hand-written codec is while it reads a value, and what it found wrong.
 *
 * io-ts builds a context for every member of every value; a poll that reads a thousand snapshots pays for that a
 * thousand times. A walk notes only the containers on the way down and makes a context when something is wrong.
 */
export class Walk {
  readonly errors: t.ValidationError[] = []
  private readonly path: t.ContextEntry[]

  constructor(context: t.Context) {
    this.path = [...context]
  }

  /** True when reading on would tell nobody anything new. */
  get full(): boolean {
    return this.errors.length >= MAX_ERRORS
  }

  /** Reads `actual`, which is the member `key` of the current value. */
  within<A>(key: string, type: t.Decoder<never, unknown>, actual: unknown, read: Read<A>): A | undefined {
    this.path.push({ key, type: type as t.Decoder<unknown, unknown>, actual })
    const value = read(actual, this)
    this.path.pop()
    return value
  }

  /** The member `key` of the current value is not what `type` reads. */
  wrong(key: string, type: t.Decoder<never, unknown>, actual: unknown): void {
    this.path.push({ key, type: type as t.Decoder<unknown, unknown>, actual })
    this.wrongHere()
    this.path.pop()
  }

  /** The current value itself is not what its codec reads. */
  wrongHere(): void {
    if (!this.full) this.errors.push({ value: this.path.at(-1)?.actual, context: [...this.path] })
  }

  /** The current value as an object, or a note that it is none. */
  object(value: unknown): WireObject | undefined {
    if (isObject(value)) return value
    this.wrongHere()
    return undefined
  }

  /** The member `key` as a string; `missing` stands in where there is none. */
  text(object: WireObject, key: string, missing?: string): string {
    const value = object[key]
    if (typeof value === 'string') return interned(value)
    if (value !== undefined || missing === undefined) this.wrong(key, t.string, value)
    return missing ?? ''
  }

  /** The member `key` as a boolean, false where there is none. */
  flag(object: WireObject, key: string): boolean {
    const value = object[key]
    if (typeof value === 'boolean') return value
    if (value !== undefined) this.wrong(key, t.boolean, value)
    return false
  }
}

/** Reads the current value of a walk, and tells the walk what is wrong; what it gives then is never used. */
export type Read<A> = (value: unknown, walk: Walk) => A | undefined

/** A codec whose reading half is a walk. */
export function walked<A, O>(
  name: string,
  is: (value: unknown) => value is A,
  read: Read<A>,
  encode: (value: A) => O,
): t.Type<A, O> {
  const validate: t.Validate<unknown, A> = (value, context) => {
    const walk = new Walk(context)
    const result = read(value, walk)
    return walk.errors.length === 0 ? t.success(result as A) : t.failures(walk.errors)
  }
  return new t.Type(name, is, validate, encode)
}

/** The items of an array, each read by `read`; `null` is Go's empty slice. */
export function readItems<A>(value: unknown, walk: Walk, item: t.Decoder<never, A>, read: Read<A>): readonly A[] {
  if (value === null) return []
  const items: A[] = []
  if (!Array.isArray(value)) walk.wrongHere()
  else
    for (let index = 0; index < value.length && !walk.full; index++)
      items.push(walk.within(String(index), item, value[index], read) as A)
  return items
}

/** An object that is no array, of whatever prototype. */
export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
