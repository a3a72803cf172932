import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** How many wrong tokens are accepted in a minute before every try is refused. */
const MOST_WRONG = 10
const MINUTE_MS = 60_000
/** How many sessions may be open. A further one replaces the oldest. */
const MOST_SESSIONS = 100

/** Accepts browsers that present the token. */
export interface Gate {
  /** Whether a session is open. Always true without a token. */
  readonly isOpen: (session: string | undefined) => boolean
  /** Returns a new session for the right token, `wrong` for another one, `later` after too many wrong ones. */
  readonly enter: (token: string) => { readonly session: string } | 'wrong' | 'later'
}

/** A secret of 256 bits, in characters that a URL and a cookie may have. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/**
 * Creates a gate.
 *
 * @param token the token; without one, everybody may enter
 * @param now a clock, in milliseconds
 */
export function createGate(token: string | undefined, now: () => number): Gate {
  const sessions = new Set<string>()
  let wrong: readonly number[] = []
  return {
    isOpen: (session) => token === undefined || (session !== undefined && sessions.has(digestOf(session))),
    enter: (given) => {
      if (token === undefined) return { session: newSecret() }
      wrong = wrong.filter((atMs) => now() - atMs < MINUTE_MS)
      if (wrong.length >= MOST_WRONG) return 'later'
      // Digests have equal lengths, so the comparison takes the same time for every token.
      if (!timingSafeEqual(Buffer.from(digestOf(given)), Buffer.from(digestOf(token)))) {
        wrong = [...wrong, now()]
        return 'wrong'
      }
      const session = newSecret()
      // The set holds digests, so that the time of a look-up reveals nothing about a session.
      sessions.add(digestOf(session))
      for (const oldest of sessions) if (sessions.size > MOST_SESSIONS) sessions.delete(oldest)
      return { session }
    },
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
