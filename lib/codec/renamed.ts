import * as t from 'io-ts'
import { isLeft } from '../common/either.ts'
import { isObject } from './object.ts'
import { NO_CONTEXT, partErrors, type Part } from './parts.ts'

const SPREAD = '...'

/**
 * A codec for an object whose members may have other names on the wire. `names` maps wire names to ours.
 *
 * A member `...` is replaced by its own members, like a spread in an object literal. Unknown members are dropped, so
 * that the replies of a newer server can be decoded. A member that is undefined is absent, both decoded and encoded.
 *
 * @example
 * const Mood = renamed({ 'is-glad': 'isGlad' }, { name: t.string, isGlad: t.boolean }, 'Mood')
 */
export function renamed<P extends t.Props, const N extends Names<P>>(names: N, props: P, name: string): RenamedC<P, N> {
  const wireNames = new Map(Object.entries(names).map(([wire, name]) => [name, wire]))
  const members = Object.entries(props).map(([name, codec]) => ({
    name,
    wire: wireNames.get(name) ?? name,
    codec,
  }))
  const Plain = plainClass()
  return new t.Type(
    name,
    (value): value is Ours<t.TypeOfProps<P>> =>
      isObject(value) && members.every(({ name, codec }) => codec.is(name === SPREAD ? value : value[name])),
    (value, context) => {
      if (!isObject(value)) return t.failure(value, context)
      const read = new Plain()
      for (const { name, wire, codec } of members) {
        const member = codec.validate(value[wire], NO_CONTEXT) as t.Validation<unknown>
        // Without a context, the caller only needs to know that the value is invalid.
        if (isLeft(member)) return context === NO_CONTEXT ? member : partErrors(partsOf(value, members), context)
        if (name === SPREAD) Object.assign(read, member.right)
        else if (member.right !== undefined) read[name] = member.right
      }
      return t.success(read as Ours<t.TypeOfProps<P>>)
    },
    (value) => {
      const written: Record<string, unknown> = {}
      for (const { name, wire, codec } of members) {
        const member: unknown = codec.encode(name === SPREAD ? value : (value as Record<string, unknown>)[name])
        if (member !== undefined) written[wire] = member
      }
      return written as Sparse<ByWireName<t.OutputOfProps<P>, N>>
    },
  )
}

/**
 * A class of plain objects. V8 learns from its first objects how many members the others will have, and allocates each
 * of them at once. An object that begins as `{}` would take a third more memory.
 */
function plainClass(): new () => Record<string, unknown> {
  function Plain(): void {}
  Plain.prototype = Object.prototype
  return Plain as unknown as new () => Record<string, unknown>
}

/** Like `renamed`, for an object whose members have the same names on the wire. */
export function sparse<P extends t.Props>(props: P, name: string): RenamedC<P, unknown> {
  return renamed({}, props, name)
}

function* partsOf(
  value: Readonly<Record<string, unknown>>,
  members: readonly { readonly wire: string; readonly codec: t.Mixed }[],
): Iterable<Part> {
  for (const { wire, codec } of members) yield [wire, codec, value[wire]]
}

/** Our names of members, by their wire names. */
type Names<P> = Readonly<Record<string, keyof P & string>>

/** The codec that `renamed` returns. */
export interface RenamedC<P extends t.Props, N> extends t.Type<
  Ours<t.TypeOfProps<P>>,
  Sparse<ByWireName<t.OutputOfProps<P>, N>>
> {}

type Ours<T> = Sparse<Omitted<T, Exclude<keyof T, '...'>>> & (T extends { '...': infer S } ? S : unknown)
type Omitted<T, K extends keyof T> = { [P in K]: T[P] }

type ByWireName<T, N> = { [K in keyof T as WireName<K, N>]: T[K] }
type WireName<K, N> = K extends N[keyof N] ? { [W in keyof N]: K extends N[W] ? W : never }[keyof N] : K

/**
 * The members of `T`, in which a member that may be undefined is optional. The type remaps no keys, because that would
 * lose their comments.
 */
type Sparse<T> = Required<T, Exclude<keyof T, AbsentKey<T>>> & Optional<T, AbsentKey<T>>
type Required<T, K extends keyof T> = { readonly [P in K]: T[P] }
type Optional<T, K extends keyof T> = { readonly [P in K]?: Exclude<T[P], undefined> }
type AbsentKey<T> = { [K in keyof T]: unknown extends T[K] ? never : undefined extends T[K] ? K : never }[keyof T]
