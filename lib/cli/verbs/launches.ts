import type { Bucket } from '../../codec/bucket.ts'
import { defined } from '../../common/defined.ts'
import { archive } from '../../launch/archive.ts'
import { copyBucket } from '../../launch/copy-bucket.ts'
import { copyObjects } from '../../launch/copy-objects.ts'
import { prefetch } from '../../launch/object-jobs.ts'
import { isRemote } from '../../launch/fields.ts'
import type { Arguments } from '../arguments.ts'
import { LAUNCH, LAUNCH_CODES, launch, type LaunchPlan } from '../launch/launch.ts'
import { bucketsOf, remoteBucketOf, required } from '../launch/operands.ts'
import { OBJECTS, requiredSelection, selectionOf } from '../launch/selection.ts'
import type { Verb } from '../verb.ts'

/** A verb that launches one job. `plan` reads its command line, without a request. */
interface LaunchVerb extends Omit<Verb, 'codes' | 'run'> {
  readonly plan: (args: Arguments) => LaunchPlan
}

const GO_ON = {
  'continue-on-error': { type: 'boolean', help: 'go on after an object that fails' },
} as const

/** Flags that are sent only if they are given. */
const set = (args: Arguments, flag: string): true | undefined => (args.has(flag) ? true : undefined)
const goOn = (args: Arguments): { readonly continueOnError?: true } =>
  defined({ continueOnError: set(args, 'continue-on-error') })

const SELECT = '(--names A,B | --template TEXT | --prefix TEXT | --all)'

const copy: LaunchVerb = {
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
      ...defined({ prepend: args.text('prepend'), latest: set(args, 'latest'), dryRun: set(args, 'dry-run') }),
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

const prefetchVerb: LaunchVerb = {
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
      ...defined({ latest: set(args, 'latest') }),
    }
    return { kind: 'prefetch-listrange', launch: (cluster) => prefetch(cluster, options) }
  },
}

const archiveVerb: LaunchVerb = {
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
      ...defined({ to, append: set(args, 'append') }),
    }
    return { kind: 'archive', launch: (cluster) => archive(cluster, options) }
  },
}

/** The verbs that launch a job, in the order of the help. */
export const LAUNCHES: readonly Verb[] = [copy, prefetchVerb, archiveVerb].map(({ plan, ...verb }) => ({
  ...verb,
  codes: LAUNCH_CODES,
  run: (context) => launch(context, plan(context.args)),
}))
