import { bucketName } from '../cluster/bucket.ts'
import type { AskedBucket } from '../cluster/asked.ts'
import type { Question } from '../cluster/questions.ts'
import type { StartArgs } from '../cluster/start.ts'
import { anything, decode, flag, listOf, struct, text, whole, type Decoder } from './go-decode.ts'

/** An action as the server reads it: unknown keys are skipped. */
export interface Action {
  readonly action: string
  readonly name: string
  readonly value: unknown
}

const namespace = struct('cmn.Ns', { UUID: text, Name: text })
const bckFields = struct('cmn.Bck', { Name: text, Provider: text, Namespace: namespace })

/** A bucket; nothing where it has no name, which is how clients say "none". */
const bck: Decoder<AskedBucket | undefined> = (reader) => {
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
    Timeout: whole,
    flags: whole,
    Force: flag,
    OnlyRunning: flag,
  },
  true,
)

/** The arguments of a start or a stop. */
export interface Args extends StartArgs {
  readonly id: string
}

/** Reads an action; throws the server's words for what is wrong with it. */
export const readAction = (body: string): Action => {
  const read = decode(body, action)
  return { action: read.Action ?? '', name: read.Name ?? '', value: read.Value ?? null }
}

/** A client that polls sends the same body again and again: to read it costs more than most answers. */
const readBefore = new Map<string, Question>()
const MOST_READ = 1_000

/** Reads a question; throws the server's words for what is wrong with it. */
export const readQuestion = (body: string): Question => {
  const before = readBefore.get(body)
  if (before !== undefined) return before
  const read = decode(body, query)
  const question = { id: read.ID ?? '', kind: read.Kind ?? '', bck: read.Bck, showActive: read.show_active }
  if (readBefore.size >= MOST_READ) readBefore.clear()
  readBefore.set(body, question)
  return question
}

/** How Go prints the type of a decoded value. */
export const goType = (value: unknown): string => {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  return typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : 'string'
}

/** The value once more as text, its keys sorted as Go writes a map: what mistakes are quoted from. */
const goText = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )

/** Reads the value of a start or a stop, strictly; throws the server's words for what is wrong with it. */
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
