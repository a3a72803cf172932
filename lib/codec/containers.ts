import * as t from 'io-ts'
import { isLeft } from '../common/either.ts'
import { setOwn } from '../common/set-own.ts'
import { isObject } from './object.ts'
import { NO_CONTEXT, partErrors, type Part } from './parts.ts'

// The members are first read with NO_CONTEXT, for speed: only if one is invalid, all are read again for their errors.

/** Like `t.readonlyArray`, but stops at the hundredth error. */
export function listOf<A, O>(item: t.Type<A, O>, name: string): t.Type<readonly A[], readonly O[]> {
  return new t.Type(
    name,
    (value): value is readonly A[] => Array.isArray(value) && value.every(item.is),
    (value, context) => {
      if (!Array.isArray(value)) return t.failure(value, context)
      const items: A[] = []
      for (const one of value as readonly unknown[]) {
        const read = item.validate(one, NO_CONTEXT)
        if (isLeft(read)) return context === NO_CONTEXT ? read : partErrors(itemsOf(value, item), context)
        items.push(read.right)
      }
      return t.success(items)
    },
    (items) => items.map(item.encode),
  )
}

function* itemsOf(value: readonly unknown[], item: t.Mixed): Iterable<Part> {
  for (const [index, one] of value.entries()) yield [String(index), item, one]
}

/**
 * Like `t.record`, but keeps a key `__proto__` and stops at the hundredth error.
 */
export function recordOf<A, O>(
  member: t.Type<A, O>,
  name: string,
): t.Type<Readonly<Record<string, A>>, Readonly<Record<string, O>>> {
  return new t.Type(
    name,
    (value): value is Readonly<Record<string, A>> => isObject(value) && Object.values(value).every(member.is),
    (value, context) => {
      if (!isObject(value)) return t.failure(value, context)
      const record: Record<string, A> = {}
      for (const key of Object.keys(value)) {
        const read = member.validate(value[key], NO_CONTEXT)
        if (isLeft(read)) return context === NO_CONTEXT ? read : partErrors(membersOf(value, member), context)
        setOwn(record, key, read.right)
      }
      return t.success(record)
    },
    (record) => {
      const wire: Record<string, O> = {}
      for (const [key, value] of Object.entries(record)) setOwn(wire, key, member.encode(value))
      return wire
    },
  )
}

function* membersOf(value: Readonly<Record<string, unknown>>, member: t.Mixed): Iterable<Part> {
  for (const key of Object.keys(value)) yield [key, member, value[key]]
}
