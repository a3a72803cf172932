/** How busy the insides of a job are; the wire packs the three into one int64, `glob.id`. */
export interface GlobId {
  readonly joggers: number
  readonly workers: number
  readonly chanFull: number
}

const NOTHING: GlobId = { joggers: 0, workers: 0, chanFull: 0 }

/**
 * Unpacks bits 0-9, 10-19 and 20-63.
 *
 * The upper 44 bits fit a number; a set sign bit is one of them, not a sign.
 *
 * Source: protocol 3.1, `glob.id`.
 */
export function readGlobId(packed: bigint): GlobId {
  if (packed === 0n) return NOTHING
  const bits = BigInt.asUintN(64, packed)
  return {
    joggers: Number(bits & 0x3ffn),
    workers: Number((bits >> 10n) & 0x3ffn),
    chanFull: Number(bits >> 20n),
  }
}

/** Packs the three again, as the decimal string of an int64. */
export function encodeGlobId({ joggers, workers, chanFull }: GlobId): string {
  const bits = (BigInt(chanFull) << 20n) | (BigInt(workers & 0x3ff) << 10n) | BigInt(joggers & 0x3ff)
  return String(BigInt.asIntN(64, bits))
}
