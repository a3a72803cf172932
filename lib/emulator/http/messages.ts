import { bucketName } from '../cluster/bucket.ts'
import type { RequestedBucket } from '../cluster/requested-bucket.ts'
import type { JobQuery } from '../cluster/queries.ts'
import type { StartArgs } from '../cluster/start.ts'
import { anything, decode, flag, listOf, struct, text, integer, type Decoder } from './go-decode.ts'

/** An action, as the server reads it. Unknown keys are ignored. */
export interface Action {
  readonly action: string
  readonly name: string
  readonly value: unknown
}

const namespace = struct('cmn.Ns', { UUID: text, Name: text })
const bckFields = struct('cmn.Bck', { Name: text, Provider: text, Namespace: namespace })

/** Reads a bucket; undefined if it has no name, because clients send an empty name for "no bucket". */
const bck: Decoder<RequestedBucket | undefined> = (reader) => {
  const { Name = '', Provider = '', Namespace } = bckFields(reader)
  if (Name === '') return undefined
  return { bck: bucketName(Name, Provider, Namespace?.UUID, Namespace?.Name), provider: Provider }
}

const action = struct('apc.ActMsg', { Action: text, Name: text, Value: anything })

const query = struct('xact.QueryMsg', {
  ID: text,
  Kind: text,
  Bck: bck,
  show_active: flag,
  node: text,
  Buckets: listOf('cmn.Bck', bck),
})

const args = struct(
  'xact.ArgsMsg',
  {
    ID: text,
    Kind: text,
    DaemonID: text,
    Bck: bck,
    Buckets: listOf('cmn.Bck', bck),
    Timeout: integer,
    flags: integer,
    Force: flag,
    OnlyRunning: flag,
  },
  true,
)

/** The arguments of a start or a stop. */
export interface Args extends StartArgs {
  readonly id: string
}

/** Reads an action. Throws the server's error message if the body is invalid. */
export const readAction = (body: string): Action => {
  const read = decode(body, action)
  return { action: read.Action ?? '', name: read.Name ?? '', value: read.Value ?? null }
}

/** Cache of parsed queries. Pollers send the same body repeatedly, and parsing it costs more than most replies. */
const parsedBefore = new Map<string, JobQuery>()
const MAX_PARSED = 1_000

/** Reads a query about jobs. Throws the server's error message if the body is invalid. */
export const readJobQuery = (body: string): JobQuery => {
  const before = parsedBefore.get(body)
  if (before !== undefined) return before
  const read = decode(body, query)
  const jobQuery = { id: read.ID ?? '', kind: read.Kind ?? '', bck: read.Bck, showActive: read.show_active }
  if (parsedBefore.size >= MAX_PARSED) parsedBefore.clear()
  parsedBefore.set(body, jobQuery)
  return jobQuery
}

/** The type of a decoded value, as Go prints it. */
export const goType = (value: unknown): string => {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** The value as JSON with sorted keys, as Go writes a map. Error messages quote this text. */
const goText = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )

/** Reads the value of a start or stop. Unknown fields are errors. Throws the server's error message. */
export const readArgs = (value: unknown): Args => {
  const read = decode(goText(value), args)
  return {
    id: read.ID ?? '',
    kind: read.Kind ?? '',
    daemonId: read.DaemonID ?? '',
    bck: read.Bck,
    buckets: (read.Buckets ?? []).filter((bucket) => bucket !== undefined),
    force: read.Force ?? false,
  }
}
