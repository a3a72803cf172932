import { MOUNTPATHS } from '../cluster/mountpaths.ts'
import { bucketUri, isRemote, type BucketName } from '../cluster/bucket.ts'
import { listPage, type Page } from '../cluster/listing.ts'
import { mappedTargets } from '../cluster/launch.ts'
import { ownerOf } from '../cluster/owner.ts'
import { isRefusal } from '../cluster/refusal.ts'
import { isVersioned } from '../cluster/write-object.ts'
import { checksumOf } from '../store/checksum.ts'
import { errorReply } from './error-reply.ts'
import { JSON_TYPE, reply, type Answer, type Request } from './exchange.ts'
import { msgpack, type Packable } from './msgpack.ts'
import { member, textOf } from './selection.ts'
import type { Listed } from '../store/page.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Action } from './messages.ts'

/** Flags of a listing request, by their bit. */
const FLAG = { cached: 0, archives: 3, namesOnly: 4, nameSize: 5, notCached: 9, flat: 11 } as const

/** Flags of a listed entry. */
const MARK = { object: 0, archived: 128, directory: 256, archive: 512 } as const
const PRESENT = 64

const has = (value: unknown, flag: keyof typeof FLAG): boolean =>
  (BigInt(Math.trunc(Number(textOf(value, 'flags')) || 0)) & (1n << BigInt(FLAG[flag]))) !== 0n

/** The properties that the entries of a page have. */
const propsOf = (value: unknown): ReadonlySet<string> => {
  if (has(value, 'namesOnly')) return new Set(['name'])
  if (has(value, 'nameSize')) return new Set(['name', 'size'])
  const props = textOf(value, 'props')
  if (props !== '') return new Set(props.split(',').map((prop) => prop.trim()))
  return new Set(has(value, 'cached') ? ['name', 'size', 'checksum', 'atime'] : ['name', 'size', 'cached'])
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** A time as the server lists it by default: `26 Nov 26 17:45 UTC`. */
const shortTime = (ns: bigint): string => {
  const [, year = '', month = '', day = '', clock = ''] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(new Date(Number(ns / 1_000_000n)).toISOString()) ?? []
  return `${day} ${MONTHS[Number(month) - 1] ?? ''} ${year} ${clock} UTC`
}

/** A page, and the properties that its entries have. */
interface View {
  readonly page: Page
  readonly props: ReadonlySet<string>
  /** The id of the target that holds an object. */
  readonly targetOf: (name: string) => string
}

/** The members of an entry in the server's order, with the name of each in JSON and in MessagePack. */
const membersOf = (
  { name, size, type, object }: Listed,
  { page: { bucket }, props, targetOf }: View,
): readonly (readonly [long: string, short: string, value: string | number])[] => {
  const whole = type === 'archived' ? undefined : object
  const custom = Object.entries(whole?.custom ?? {}).map(([key, text]) => `${key}:${text}`)
  const flags = MARK[type] | (object?.present === true ? PRESENT : 0)
  const text = (prop: string, read: () => string): string => (whole && props.has(prop) ? read() : '')
  return [
    ['name', 'n', name],
    ['checksum', 'cs', text('checksum', () => (whole && checksumOf(bucket, whole)?.value) ?? '')],
    ['atime', 'a', text('atime', () => shortTime(whole?.readNs ?? 0n))],
    ['version', 'v', text('version', () => (isVersioned(bucket) ? String(whole?.version ?? '') : ''))],
    ['location', 't', text('location', () => `t[${targetOf(name)}]:mp[${MOUNTPATHS[0]}, vda, hdd]`)],
    ['custom-md', 'm', text('custom', () => custom.join(';'))],
    ['size', 's', props.has('size') ? size : 0],
    ['copies', 'c', whole && props.has('copies') ? whole.copies : 0],
    ['flags', 'f', flags],
  ]
}

const isSet = (value: string | number): boolean => value !== '' && value !== 0

/** A page as MessagePack, in which members have one-letter names. */
const asMessagePack = (view: View): Uint8Array => {
  const { page } = view
  const entryOf = (entry: Listed): Packable =>
    new Map(membersOf(entry, view).flatMap(([, key, value]) => (isSet(value) ? [[key, value] as const] : [])))
  const members: [string, Packable][] = [
    ['UUID', page.id],
    ['ContinuationToken', page.token],
    ['Entries', page.entries.map(entryOf)],
    ['Flags', 0],
  ]
  return msgpack(new Map(members))
}

const asJson = (view: View): string => {
  const { page } = view
  const entryOf = (entry: Listed): object =>
    Object.fromEntries(
      membersOf(entry, view).flatMap(([key, , value]) =>
        isSet(value) ? [[key, key === 'size' ? String(value) : value]] : [],
      ),
    )
  const entries = page.entries.length === 0 ? null : page.entries.map(entryOf)
  return `${JSON.stringify({ uuid: page.id, continuation_token: page.token, entries, flags: 0 })}\n`
}

/** Whether only objects in the cluster are listed, or only others. Empty if both are. */
function presenceOf(value: Action['value']): { readonly present?: boolean } {
  if (has(value, 'cached')) return { present: true }
  return has(value, 'notCached') ? { present: false } : {}
}

/** Replies with a page of a bucket's objects, as MessagePack if the client accepts it. */
export const answerListing = (
  cluster: Cluster,
  request: Request,
  bck: BucketName,
  { value }: Action,
  now: number,
): Answer => {
  const where = { request, proxy: request.node }
  const pageSize = Number(member(value, 'pagesize') ?? 0)
  const token = textOf(value, 'continuation_token')
  if (has(value, 'notCached') && !isRemote(bck)) {
    const message = `invalid flag "not-cached": bucket ${bck.provider}://${bck.name} is not remote`
    return errorReply({ status: 400, message }, where)
  }
  const plan = {
    id: textOf(value, 'uuid'),
    prefix: textOf(value, 'prefix'),
    after: token === '' ? textOf(value, 'start_after') : token,
    pageSize: Number.isInteger(pageSize) ? pageSize : 0,
    inArchives: has(value, 'archives'),
    flat: has(value, 'flat'),
    ...presenceOf(value),
  }
  const page = listPage(cluster, bck, plan, request.node, now)
  if (isRefusal(page)) return errorReply(page, where)
  const targetOf = (name: string): string => ownerOf(mappedTargets(cluster), `${bucketUri(bck)}/${name}`)?.id ?? ''
  const view = { page, props: propsOf(value), targetOf }
  if (!(request.headers['accept'] ?? '').includes('msgpack')) return reply(asJson(view), JSON_TYPE)
  const headers = { 'content-type': 'application/msgpack' }
  return { status: 200, headers, body: '', delayMs: 0, bytes: asMessagePack(view) }
}
