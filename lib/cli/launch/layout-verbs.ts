import { erasureCode, mirror } from '../../launch/layout-jobs.ts'
import type { LaunchVerb } from './launch-verb.ts'
import { LAUNCH } from './launch.ts'
import { bucketOf, required } from './operands.ts'

/** Mirrors a bucket. */
export const mirrorVerb: LaunchVerb = {
  name: 'mirror',
  summary: 'keep several copies of each object of a bucket',
  usage: 'BUCKET --copies N',
  flags: {
    copies: { type: 'string', value: 'N', help: 'copies on the mountpaths of a target; 1 means no mirroring' },
    ...LAUNCH,
  },
  examples: ['aistore-rx mirror photos --copies 2 --wait'],
  plan: (args) => {
    const options = { bucket: bucketOf(args), copies: required(args.count('copies'), 'copies N') }
    return { kind: 'make-n-copies', launch: (cluster) => mirror(cluster, options) }
  },
}

/** Erasure-codes a bucket. */
export const erasureCodeVerb: LaunchVerb = {
  name: 'erasure-code',
  summary: 'erasure-code a bucket',
  usage: 'BUCKET --data N --parity N',
  details: 'It takes data + parity + 1 targets. The numbers cannot be changed later.',
  flags: {
    data: { type: 'string', value: 'N', help: 'data slices of each object' },
    parity: { type: 'string', value: 'N', help: 'parity slices of each object: as many targets may be lost' },
    recover: { type: 'boolean', help: 'check a bucket that is coded already, and rebuild what is missing' },
    ...LAUNCH,
  },
  examples: ['aistore-rx erasure-code photos --data 1 --parity 1 --wait'],
  plan: (args) => {
    const options = {
      bucket: bucketOf(args),
      dataSlices: required(args.count('data'), 'data N'),
      paritySlices: required(args.count('parity'), 'parity N'),
      recover: args.has('recover'),
    }
    return { kind: 'ec-encode', launch: (cluster) => erasureCode(cluster, options) }
  },
}
