import type { Bucket } from '../codec/bucket.ts'
import { isLeft, right } from '../common/either.ts'
import { defined } from '../common/defined.ts'
import { hasControl, show } from '../common/text.ts'
import { checkBucket } from '../model/selection.ts'
import { checkSource, refuse, type Checked, type CheckedSource } from './source.ts'

/** Valid options, as the request has them. */
export interface CheckedDownload {
  readonly to: Bucket
  readonly source: CheckedSource
  readonly description?: string
  readonly timeout?: string
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly limits?: { readonly connections?: number; readonly bytes_per_hour?: number }
}

const OPTIONS = ['to', 'what', 'description', 'fileTimeoutMs', 'headers', 'limits']

/** Checks the options of a download. An option that it does not know is refused, since it may be misspelt. */
export function checkDownload(given: unknown): Checked<CheckedDownload> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refuse('options', `got ${show(given)}; takes an object such as { to, what }`)
  const options = given as Readonly<Record<string, unknown>>
  const unknown = Object.keys(options).find((name) => options[name] !== undefined && !OPTIONS.includes(name))
  if (unknown !== undefined) return refuse(unknown, `is no option of a download; takes ${OPTIONS.join(', ')}`)
  const to = checkBucket('to', options['to'])
  if (isLeft(to)) return to
  const source = checkSource(options['what'])
  if (isLeft(source)) return source
  if (source.right.isBackend === true && !isRemote(to.right))
    return refuse('to', 'got a bucket of this cluster; takes a remote one, such as { name: "data", provider: "aws" }')
  const { description, fileTimeoutMs } = options
  if (description !== undefined && (typeof description !== 'string' || hasControl(description)))
    return refuse('description', `got ${show(description)}; takes a text without control characters`)
  const timeout = fileTimeoutMs === undefined ? right(undefined) : duration('fileTimeoutMs', fileTimeoutMs)
  if (isLeft(timeout)) return timeout
  const headers = headersOf(options['headers'])
  if (isLeft(headers)) return headers
  const limits = limitsOf(options['limits'])
  if (isLeft(limits)) return limits
  return right({
    to: to.right,
    source: source.right,
    ...defined({ description, timeout: timeout.right, headers: headers.right, limits: limits.right }),
  })
}

/** Whether a bucket is in a cloud or in another AIS cluster. */
const isRemote = ({ provider = '', namespace }: Bucket): boolean =>
  (provider !== '' && provider !== 'ais') || (namespace?.uuid ?? '') !== ''

function whole(argument: string, given: unknown): Checked<number> {
  return Number.isSafeInteger(given) && (given as number) >= 1
    ? right(given as number)
    : refuse(argument, `got ${show(given)}; takes a whole number from 1`)
}

/** Milliseconds, which the server reads as a Go duration. */
function duration(argument: string, given: unknown): Checked<string> {
  const ms = whole(argument, given)
  return isLeft(ms) ? ms : right(`${ms.right}ms`)
}

/** Go keeps a list of values for each header. */
function headersOf(given: unknown): Checked<CheckedDownload['headers']> {
  if (given === undefined) return right(undefined)
  const entries: readonly (readonly [string, unknown])[] =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : []
  const wrong = entries.find(
    ([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || typeof value !== 'string' || hasControl(value),
  )
  // Without the value, which may be a secret.
  if (entries.length === 0 || wrong !== undefined)
    return refuse('headers', `got ${show(wrong?.[0] ?? given)}; takes texts by the names of headers`)
  return right(Object.fromEntries(entries.map(([name, value]) => [name, [value as string]])))
}

function limitsOf(given: unknown): Checked<CheckedDownload['limits']> {
  if (given === undefined) return right(undefined)
  if (typeof given !== 'object' || given === null)
    return refuse('limits', `got ${show(given)}; takes { connections, bytesPerHour }`)
  const limits = given as Readonly<Record<string, unknown>>
  const unknown = Object.keys(limits).find((name) => name !== 'connections' && name !== 'bytesPerHour')
  if (unknown !== undefined) return refuse(`limits.${unknown}`, 'is no limit; takes connections, bytesPerHour')
  const read: { connections?: number; bytes_per_hour?: number } = {}
  for (const [name, key] of [
    ['connections', 'connections'],
    ['bytesPerHour', 'bytes_per_hour'],
  ] as const) {
    if (limits[name] === undefined) continue
    const checked = whole(`limits.${name}`, limits[name])
    if (isLeft(checked)) return checked
    read[key] = checked.right
  }
  return right(read)
}
