import { statSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { RenewableToken } from '../request/token.ts'
import { readFile } from './read-file.ts'

/** The token in the text of a file of AIStore's command line; undefined if there is none. */
export function tokenIn(text: string): string | undefined {
  try {
    const { token } = JSON.parse(text) as { readonly token?: unknown }
    return typeof token === 'string' && token !== '' ? token : undefined
  } catch {
    // Discard the message of the parser, because it quotes the file and thus the token.
    return undefined
  }
}

/** The shortest time between two checks of the file. */
const CHECK_MS = 1_000

/**
 * The token of a file that may change while the cluster is in use, as an option of the cluster.
 *
 * The file is read again after a 401, and before a request if it has changed. While the file has no token, for example
 * because it is being written, the old token is used. After a 401, a file without a token is a transient failure.
 *
 * @param first the token that the file holds now
 */
export function tokenFile(path: string, first: string): RenewableToken {
  let token = first
  let stamp = stampOf(path)
  let checkedMs = performance.now()
  let isFresh = true
  const read = (): string => {
    const next = stampOf(path)
    const found = tokenIn(readFile(path, 0))
    // The library does not show this message to the user.
    if (found === undefined) throw new Error('the file of the token holds no token')
    stamp = next
    token = found
    return token
  }
  const get = (): string => {
    if (!isFresh) return read()
    isFresh = false
    return token
  }
  const isStale = (): boolean => {
    const nowMs = performance.now()
    if (nowMs - checkedMs < CHECK_MS) return false
    checkedMs = nowMs
    if (stampOf(path) === stamp) return false
    try {
      const before = token
      isFresh = read() !== before
      return isFresh
    } catch {
      return false
    }
  }
  return Object.assign(get, { isStale })
}

/** A text that changes when the file changes. Undefined if there is no file. */
function stampOf(path: string): string | undefined {
  try {
    const { ino, mtimeMs, size } = statSync(path)
    return `${ino} ${mtimeMs} ${size}`
  } catch {
    return undefined
  }
}
