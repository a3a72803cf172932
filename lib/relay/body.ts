/** The longest body that the relay reads. A query has some hundred bytes. */
export const MAX_BODY_BYTES = 65_536

/** How long a body may take to arrive. */
export const BODY_MS = 10_000

/** Joins the chunks of a body; undefined if it is not UTF-8. */
export function textOf(chunks: readonly Uint8Array[]): string | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
  } catch {
    return undefined
  }
}
