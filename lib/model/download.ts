import { left, right } from '../common/either.ts'
import { show } from '../common/text.ts'
import type { Result } from '../error.ts'
import { invalidArgument } from '../error.ts'

/** Checks the id of a download. */
export function checkDownloadId(id: unknown): Result<string> {
  return typeof id === 'string' && /^dnl-[A-Za-z0-9_-]{1,60}$/.test(id)
    ? right(id)
    : left(invalidArgument('id', `got ${show(id)}; takes the id of a download such as "dnl-FH-CdapbR"`))
}
