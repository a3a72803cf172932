import { defined } from '../common/defined.ts'
import { isLeft, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { checkDownloadId } from '../model/download.ts'
import { select, type JobSelector } from '../model/selection.ts'
import { checkStart, type StartOptions } from '../model/start-options.ts'
import { show } from '../common/text.ts'
import { membersOf, messageOf, refuse } from './query.ts'

/** A command of a page. */
export type RelayCommand =
  | { readonly action: 'start'; readonly options: StartOptions }
  | { readonly action: 'stop'; readonly selector: JobSelector }

const ABORT: ReadonlySet<string> = new Set(['id'])
const ACTION: ReadonlySet<string> = new Set(['action', 'name', 'value'])
const START: ReadonlySet<string> = new Set(['Kind', 'DaemonID', 'Bck', 'Buckets', 'Force', 'flags'])
const STOP: ReadonlySet<string> = new Set(['ID', 'Kind', 'Bck', 'Force'])

/** @internal Reads the body of a command, and checks it as `start` and `abort` do. */
export const commandOf = (env: Environment, target: string, body: string): Result<RelayCommand> =>
  target.endsWith('/v1/download/abort') ? abortOfDownload(body) : commandOfCluster(env, body)

/** A download has its own path. For the option `commands`, its abort is a `stop`. */
function abortOfDownload(body: string): Result<RelayCommand> {
  const sent = messageOf(body, ABORT)
  if (isLeft(sent)) return sent
  const checked = checkDownloadId(sent.right['id'])
  return isLeft(checked) ? checked : right({ action: 'stop', selector: { id: checked.right } })
}

function commandOfCluster(env: Environment, body: string): Result<RelayCommand> {
  const sent = messageOf(body, ACTION)
  if (isLeft(sent)) return sent
  const { action, name, value } = sent.right
  if (action !== 'start' && action !== 'stop') return refuse('action', `got ${show(action)}; takes start or stop`)
  const inner = membersOf(value, action === 'start' ? START : STOP)
  if (isLeft(inner)) return inner
  return action === 'start' ? startOf(env, name, inner.right) : stopOf(env, inner.right)
}

function startOf(env: Environment, name: unknown, value: Readonly<Record<string, unknown>>): Result<RelayCommand> {
  const { Kind: kind, DaemonID: target, Bck: bucket, Buckets: buckets, Force: force, flags } = value
  const given = defined({ kind, target, bucket, buckets, force, flags, name: name === '' ? undefined : name })
  const options = given as unknown as StartOptions
  const checked = checkStart(options, env.kinds)
  return isLeft(checked) ? checked : right({ action: 'start', options })
}

function stopOf(env: Environment, value: Readonly<Record<string, unknown>>): Result<RelayCommand> {
  const { ID: id, Kind: kind, Bck: bucket } = value
  const selector = defined({ id, kind, bucket }) as JobSelector
  const checked = select(selector, env.kinds, 'job', env.ids)
  return isLeft(checked) ? checked : right({ action: 'stop', selector })
}
