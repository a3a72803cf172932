import { decode } from '../../codec/decode.ts'
import { Snapshots } from '../../codec/snapshots.ts'
import type * as all from '../../codec/snapshots-in.ts'

/** A page seldom gets long replies, so each may be parsed as a whole. */
export const snapshotsIn: typeof all.snapshotsIn = (text) => decode(Snapshots, text)
