import { mappedTargets } from './launch.ts'
import { pick } from './random.ts'
import type { BucketName } from './bucket.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster } from './state.ts'

/** The mountpaths of each target. Its objects are on the first. */
export const MOUNTPATHS: readonly [string, ...string[]] = [
  '/tmp/ais/mp1',
  '/tmp/ais/mp2',
  '/tmp/ais/mp3',
  '/tmp/ais/mp4',
]

const MOST_COPIES = 16

/** Refuses more copies of each object than a target has mountpaths. */
export const refuseCopies = (cluster: Cluster, bck: BucketName, copies: number): Refusal | undefined => {
  if (copies >= 1 && copies <= MOUNTPATHS.length) return undefined
  const target = pick(cluster.random, mappedTargets(cluster)).id
  const reason =
    copies < 1 || copies > MOST_COPIES
      ? `invalid num copies ${copies}, must be in [1, ${MOST_COPIES}] range`
      : `number of copies (${copies}) exceeds the number of mountpaths (${MOUNTPATHS.length})`
  return { status: 400, message: `t[${target}]: ${reason}`, target, path: `/v1/txn/${bck.name}/begin` }
}
