import type { Bucket } from '../../codec/bucket.ts'
import { defined } from '../../common/defined.ts'
import { archive } from '../../launch/archive.ts'
import { copyBucket } from '../../launch/copy-bucket.ts'
import { copyObjects } from '../../launch/copy-objects.ts'
import { isRemote } from '../../launch/fields.ts'
import { GO_ON, given, goOn, type LaunchVerb } from './launch-verb.ts'
import { LAUNCH } from './launch.ts'
import { bucketsOf, required } from './operands.ts'
import { OBJECTS, SELECT, requiredSelection, selectionOf } from './selection.ts'

/** Copies a bucket or objects of it. */
export const copy: LaunchVerb = {
  name: 'copy',
  summary: 'copy a bucket, or some of its objects, to another bucket',
  usage: 'FROM TO [--prefix TEXT | --names A,B | --template TEXT | --all]',
  details: 'Without a selection, it copies the bucket; of a remote one, the objects that the cluster has.',
  flags: {
    ...OBJECTS,
    all: { type: 'boolean', help: 'every object; of a remote bucket, also those that only the cloud has' },
    prepend: { type: 'string', value: 'TEXT', help: 'a text before each new name' },
    latest: { type: 'boolean', help: 'look for newer versions in the cloud' },
    'dry-run': { type: 'boolean', help: 'visit and count the objects, and write nothing' },
    ...GO_ON,
    ...LAUNCH,
  },
  examples: [
    'aistore-rx copy photos photos-copy --wait',
    "aistore-rx copy s3://data sample --template 'img-{0..9}.jpg'",
  ],
  plan: (args) => {
    const [from, to] = bucketsOf(args, 'FROM', 'TO') as readonly [Bucket, Bucket]
    const what = selectionOf(args)
    const options = {
      from,
      to,
      ...goOn(args),
      ...defined({ prepend: args.text('prepend'), latest: given(args, 'latest'), dryRun: given(args, 'dry-run') }),
    }
    if (typeof what === 'object' && !('prefix' in what))
      return { kind: 'copy-listrange', launch: (cluster) => copyObjects(cluster, { ...options, what }) }
    const include = what === 'everything' ? 'all' : 'cached'
    return {
      kind: include === 'all' && isRemote(from) ? 'copy-listrange' : 'copy-bck',
      launch: (cluster) => copyBucket(cluster, { ...options, include, ...defined({ what }) }),
    }
  },
}

/** Writes objects into an archive. */
export const archiveVerb: LaunchVerb = {
  name: 'archive',
  summary: 'write objects into one archive',
  usage: `FROM [TO] --name X.tar ${SELECT}`,
  details:
    'The ending of the name is the format: .tar, .tgz, .tar.gz, .zip or .tar.lz4. TO must exist; it defaults to FROM.',
  flags: {
    ...OBJECTS,
    name: { type: 'string', value: 'X.tar', help: 'name of the archive, which is overwritten if it exists' },
    append: { type: 'boolean', help: 'add to the archive if it exists' },
    ...GO_ON,
    ...LAUNCH,
  },
  examples: ["aistore-rx archive photos shards --name shard-0.tar --template 'img-{0000..0999}.jpg' --wait"],
  plan: (args) => {
    const [from, to] = bucketsOf(args, 'FROM', '[TO]') as readonly [Bucket, Bucket?]
    const name = required(args.text('name'), 'name X.tar')
    const options = {
      from,
      name,
      what: requiredSelection(args),
      ...goOn(args),
      ...defined({ to, append: given(args, 'append') }),
    }
    return { kind: 'archive', launch: (cluster) => archive(cluster, options) }
  },
}
