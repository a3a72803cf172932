import type * as t from 'io-ts'
import { Int64FromString } from './int64.ts'
import { mapped, natural } from './members.ts'
import { sparse } from './renamed.ts'

const Count = natural('Count')

const GlobIdSchema = sparse(
  {
    /** The number of disk walkers. */
    joggers: Count,
    /** The number of workers. */
    workers: Count,
    /** How often the queue of the workers was full. */
    chanFull: Count,
  },
  'GlobId',
)

/** How busy the internal workers of a job are. */
export interface GlobId extends t.TypeOf<typeof GlobIdSchema> {}

/** Reads bits 0-9, 10-19 and 20-63. The upper 44 bits fit into a number; the highest of them is data, not a sign. */
function unpacked(packed: bigint): GlobId {
  if (packed === 0n) return NOTHING
  const bits = BigInt.asUintN(64, packed)
  return {
    joggers: Number(bits & 0x3ffn),
    workers: Number((bits >> 10n) & 0x3ffn),
    chanFull: Number(bits >> 20n),
  }
}

const NOTHING: GlobId = { joggers: 0, workers: 0, chanFull: 0 }

function packed({ joggers, workers, chanFull }: GlobId): bigint {
  return BigInt.asIntN(64, (BigInt(chanFull) << 20n) | (BigInt(workers & 0x3ff) << 10n) | BigInt(joggers & 0x3ff))
}

/**
 * How busy the internal workers of a job are: three numbers, which the wire packs into one int64.
 *
 * Source: protocol 3.1, `glob.id`.
 */
export const GlobId: t.Type<GlobId, string> = mapped(Int64FromString, GlobIdSchema, unpacked, packed)
