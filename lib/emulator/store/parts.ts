/** An object that is written in parts, which no reader sees until it is complete. */
export interface Parts {
  /** Bucket and name, as one text. */
  readonly of: string
  /** Contents by part number. Appended contents are numbered in their order. */
  readonly parts: Map<number, Uint8Array>
}

/** The contents in the order of their numbers, as one. */
export const joined = (contents: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(contents.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of contents) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
