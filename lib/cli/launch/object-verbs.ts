import { defined } from '../../common/defined.ts'
import { show } from '../../common/text.ts'
import { deleteObjects, evictObjects, prefetch } from '../../launch/object-jobs.ts'
import { UsageError } from '../usage-error.ts'
import { bucketText } from '../../model/bucket-text.ts'
import { GO_ON, given, goOn, type LaunchVerb } from './launch-verb.ts'
import { LAUNCH } from './launch.ts'
import { bucketOf, remoteBucketOf } from './operands.ts'
import { OBJECTS, SELECT, requiredSelection } from './selection.ts'

/** Brings objects into the cluster. */
export const prefetchVerb: LaunchVerb = {
  name: 'prefetch',
  summary: 'bring objects of a remote bucket into the cluster',
  usage: `BUCKET ${SELECT}`,
  flags: {
    ...OBJECTS,
    latest: { type: 'boolean', help: 'look for newer versions in the cloud' },
    ...GO_ON,
    ...LAUNCH,
  },
  examples: ['aistore-rx prefetch s3://data --prefix train/ --wait --timeout 2h'],
  plan: (args) => {
    const bucket = remoteBucketOf(args)
    const options = {
      bucket,
      what: requiredSelection(args),
      ...goOn(args),
      ...defined({ latest: given(args, 'latest') }),
    }
    return { kind: 'prefetch-listrange', launch: (cluster) => prefetch(cluster, options) }
  },
}

/** Drops objects from the cluster. */
export const evict: LaunchVerb = {
  name: 'evict',
  summary: "drop the cluster's copies of objects of a remote bucket",
  usage: `BUCKET ${SELECT}`,
  details: 'The cloud keeps the objects. Names that the cluster does not have are errors of the job.',
  flags: { ...OBJECTS, ...GO_ON, ...LAUNCH },
  examples: ['aistore-rx evict s3://data --prefix train/ --wait'],
  plan: (args) => {
    const options = { bucket: remoteBucketOf(args), what: requiredSelection(args), ...goOn(args) }
    return { kind: 'evict-listrange', launch: (cluster) => evictObjects(cluster, options) }
  },
}

/** Deletes objects. */
export const deleteVerb: LaunchVerb = {
  name: 'delete',
  summary: 'delete objects of a bucket; of a remote one, in the cloud, too',
  usage: `BUCKET ${SELECT}`,
  details: 'There is no way back. Names that do not exist are errors of the job.',
  flags: {
    ...OBJECTS,
    yes: { type: 'boolean', short: 'y', help: 'confirms --prefix and --all' },
    ...GO_ON,
    ...LAUNCH,
  },
  examples: ['aistore-rx delete photos --names a.jpg,b.jpg --wait', 'aistore-rx delete photos --prefix old/ --yes'],
  plan: (args) => {
    const bucket = bucketOf(args)
    const what = requiredSelection(args)
    const mustConfirm = (which: string): void => {
      if (!args.has('yes')) throw new UsageError(`this deletes ${which} of ${bucketText(bucket)}; add --yes`)
    }
    if (what === 'everything') mustConfirm('every object')
    else if ('prefix' in what) mustConfirm(`every object that begins with ${show(what.prefix)}`)
    return { kind: 'delete-listrange', launch: (cluster) => deleteObjects(cluster, { bucket, what, ...goOn(args) }) }
  },
}
