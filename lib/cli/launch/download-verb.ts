import { defined } from '../../common/defined.ts'
import { show } from '../../common/text.ts'
import { download } from '../../launch/download.ts'
import type { DownloadSource } from '../../launch/download-source.ts'
import type { Arguments } from '../arguments.ts'
import { readBucket } from '../subject.ts'
import { UsageError } from '../usage-error.ts'
import type { LaunchVerb } from './launch-verb.ts'
import { LAUNCH } from './launch.ts'
import { required } from './operands.ts'

/** Downloads files. */
export const downloadVerb: LaunchVerb = {
  name: 'download',
  summary: 'download files from links into a bucket',
  usage: 'LINK... --to BUCKET',
  details:
    'A link may have a range, such as https://example.com/{000..099}.tar (in quotes). Each object has the last part of its\n' +
    'link as its name. A link that fails makes the download fail.',
  flags: {
    to: { type: 'string', value: 'BUCKET', help: 'the bucket that gets the files' },
    name: { type: 'string', value: 'TEXT', help: 'the name of the object, for a single link' },
    description: { type: 'string', value: 'TEXT', help: 'a text that the cluster keeps with the download' },
    ...LAUNCH,
  },
  examples: [
    'aistore-rx download https://example.com/a.tar https://example.com/b.tar --to shards --wait',
    "aistore-rx download 'https://example.com/{000..099}.tar' --to shards",
  ],
  plan: (args) => {
    const what = sourceOf(args)
    const to = readBucket(required(args.text('to'), 'to BUCKET'))
    const options = { to, what, ...defined({ description: args.text('description') }) }
    return { kind: 'download', launch: (cluster) => download(cluster, options) }
  },
}

const hasRange = (link: string): boolean => /\{\d+\.\.\d+/.test(link)

/** Which files the links of a command line name: one, several, or those of a range. */
function sourceOf(args: Arguments): DownloadSource {
  const links = args.positionals
  const object = args.text('name')
  const [link] = links
  if (link === undefined) throw new UsageError('expected LINK...')
  const wrong = links.find((one) => !/^[a-z][a-z\d+.-]*:\/\/./i.test(one))
  if (wrong !== undefined)
    throw new UsageError(`${show(wrong)} is no link; expected one such as https://example.com/a.tar`)
  const isSingle = links.length === 1 && !hasRange(link)
  if (object !== undefined && !isSingle) throw new UsageError('--name requires a single link, without a range')
  if (isSingle) return { link, ...defined({ object }) }
  if (!links.some(hasRange)) return { links }
  if (links.length > 1) throw new UsageError('expected a single link if it has a range')
  return { template: link }
}
