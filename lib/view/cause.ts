/** The text of a target that learnt of an abort from another node, without its cause. */
const HEARSAY = /^(?:remote target aborted|IC\(notifications\) abort)/

/**
 * Chooses one text for what went wrong, since targets describe the same event differently.
 *
 * A cause wins over its echo; otherwise the first in the alphabet wins, so that the order of a reply makes no
 * difference.
 */
export function causeOf(texts: Iterable<string>): string | undefined {
  let cause: string | undefined
  for (const text of texts) if (text !== '' && (cause === undefined || isBetter(text, cause))) cause = text
  return cause
}

function isBetter(one: string, other: string): boolean {
  const [a, b] = [HEARSAY.test(one), HEARSAY.test(other)]
  return a === b ? one < other : b
}
