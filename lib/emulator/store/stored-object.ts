/** An object of a bucket. A change replaces it by a new one. */
export interface StoredObject {
  readonly name: string
  readonly size: number
  /**
   * The content, or a text that is repeated up to the size. A seeded object has such a text, so that a hundred thousand
   * of them need no memory for contents.
   */
  readonly content: Uint8Array | string
  /** Counts the writes of this name, from 1. */
  readonly version: number
  /** When it was last written and last read, in nanoseconds since the Unix epoch. */
  readonly writtenNs: bigint
  readonly readNs: bigint
  readonly custom: Readonly<Record<string, string>>
  readonly copies: number
  /** The chunks in which it is stored; absent for an object in one piece. */
  readonly chunks?: { readonly count: number; readonly maxBytes: number } | undefined
  /** Whether the cluster holds it. An evicted object of a remote bucket is only in the cloud. */
  readonly present: boolean
}

const repeated = (text: string, size: number): Uint8Array => {
  const unit = new TextEncoder().encode(text === '' ? ' ' : text)
  const bytes = new Uint8Array(size)
  bytes.set(unit.subarray(0, size))
  // Each step copies all that is there, so a few steps fill an object.
  for (let filled = unit.length; filled < size; filled *= 2) bytes.copyWithin(filled, 0, filled)
  return bytes
}

/** The content of an object. */
export const contentOf = ({ content, size }: StoredObject): Uint8Array =>
  typeof content === 'string' ? repeated(content, size) : content
