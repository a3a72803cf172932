/** The texts of targets that learnt of an abort from another node. They do not name its cause. */
const WITHOUT_CAUSE = /^(?:remote target aborted|IC\(notifications\) abort)/

/**
 * Chooses one text for what went wrong, because targets describe the same event differently.
 *
 * A cause wins over a text that only repeats it. Otherwise the first in alphabetical order wins, so that the order
 * within a reply makes no difference.
 */
export function causeOf(texts: Iterable<string>): string | undefined {
  let cause: string | undefined
  for (const text of texts) if (text !== '' && (cause === undefined || isBetter(text, cause))) cause = text
  return cause
}

function isBetter(one: string, other: string): boolean {
  const [a, b] = [WITHOUT_CAUSE.test(one), WITHOUT_CAUSE.test(other)]
  return a === b ? one < other : b
}
