import { invalidArgument, type InvalidArgument } from '../error.ts'
import { show } from '../common/text.ts'
import type { Total } from './progress-of.ts'

/** Longer than the pauses of a healthy job: one frozen target makes the cluster answer after 20 s. */
const STALL_MS = 60_000

/** Returns what is wrong with the settings. Undefined if nothing is. */
export function checkProgress(total: unknown, stallMs: unknown): InvalidArgument | undefined {
  if (stallMs !== undefined && !(typeof stallMs === 'number' && stallMs > 0))
    return invalidArgument('stallMs', `got ${show(stallMs)}; takes milliseconds above 0, or Infinity`)
  if (total === undefined) return undefined
  if (typeof total !== 'object' || total === null || Array.isArray(total))
    return invalidArgument('total', `got ${show(total)}; takes an object such as { objects: 1000 }`)
  const { objects, bytes } = total as Partial<Record<keyof Total, unknown>>
  for (const [name, count] of Object.entries({ objects, bytes }))
    if (count !== undefined && !(typeof count === 'number' && count >= 0 && count < Infinity))
      return invalidArgument('total', `got ${show(count)} ${name}; takes a number from 0`)
  return undefined
}

/** The time without a change after which a job is stalled, in milliseconds. */
export const stallMsOf = (stallMs: number | undefined): number => stallMs ?? STALL_MS
