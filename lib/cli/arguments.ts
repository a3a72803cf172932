import { parseArgs } from 'node:util'
import { defined } from '../common/defined.ts'
import { getOwn } from '../common/get-own.ts'
import { show } from '../common/text.ts'
import { readNumber, whole } from './read-number.ts'
import { parseDuration } from './text/duration.ts'
import { nearest } from './text/nearest.ts'
import { UsageError } from './usage-error.ts'

/** One flag of a verb. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  /** The placeholder for the value of a string flag, in `--help`. */
  readonly value?: string
  readonly help: string
}

export type Flags = Readonly<Record<string, Flag>>

/** The flags of every verb that sends requests to a cluster. */
export const CLUSTER: Flags = {
  endpoint: { type: 'string', value: 'URL[,URL]', help: 'proxies of the cluster (AIS_ENDPOINT)' },
  'token-file': { type: 'string', value: 'FILE', help: 'JSON file with a token (AIS_AUTHN_TOKEN_FILE)' },
  'ca-file': { type: 'string', value: 'FILE', help: 'certificate authorities to trust (AIS_CLIENT_CA)' },
  cert: { type: 'string', value: 'FILE', help: 'certificate of the client (AIS_CRT)' },
  key: { type: 'string', value: 'FILE', help: 'private key of the client (AIS_CRT_KEY)' },
  'skip-verify': { type: 'boolean', help: 'trust any certificate (AIS_SKIP_VERIFY_CRT)' },
}

export const HELP: Flags = { help: { type: 'boolean', short: 'h', help: 'this text' } }

/** The flags of every verb that ends by itself. */
export const COMMON: Flags = {
  json: { type: 'boolean', short: 'j', help: 'one JSON object a line on stdout' },
  'no-headers': { type: 'boolean', short: 'H', help: 'tables without titles' },
  'no-color': { type: 'boolean', help: 'no colours (NO_COLOR)' },
  quiet: { type: 'boolean', short: 'q', help: 'no notes and no progress on stderr' },
  ...HELP,
}

/** A parsed command line. */
export interface Arguments {
  readonly positionals: readonly string[]
  readonly has: (flag: string) => boolean
  readonly text: (flag: string) => string | undefined
  readonly texts: (flag: string) => readonly string[]
  /** A duration in milliseconds. */
  readonly ms: (flag: string) => number | undefined
  /** A whole number from 1. */
  readonly count: (flag: string) => number | undefined
}

/**
 * Parses the arguments of a verb. Throws a UsageError with one line, which suggests the nearest flag.
 *
 * @param flags all flags that the verb takes
 * @param refusals messages for flags that the verb does not take, by flag
 */
export function parse(
  argv: readonly string[],
  flags: Flags,
  refusals: Readonly<Record<string, string>> = {},
): Arguments {
  const { values, positionals } = parsed(argv, flags, refusals)
  const text = (flag: string): string | undefined => {
    const value = values[flag]
    return typeof value === 'string' ? value : undefined
  }
  return {
    positionals,
    text,
    has: (flag) => values[flag] === true,
    texts: (flag) => {
      const value = values[flag]
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
    },
    ms: (flag) => readDuration(flag, text(flag)),
    count: (flag) => readNumber(flag, text(flag), whole(1, 1e9), 'a whole number from 1'),
  }
}

/** Throws a UsageError if there is a word that is neither a flag nor its value. */
export function refuseWords({ positionals: [word] }: Pick<Arguments, 'positionals'>): void {
  if (word !== undefined) throw new UsageError(`expected no arguments, got ${show(word)}`)
}

/** Reads a duration such as `500ms`, `30s` or `1h30m`, in milliseconds. */
function readDuration(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new UsageError(`--${flag} expected a duration such as 500ms, 3s, 2m or 1h, got ${show(text)}`)
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

function parsed(argv: readonly string[], flags: Flags, refusals: Readonly<Record<string, string>>): Parsed {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...defined({ short }) },
    ]),
  )
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(reason(error, flags, refusals))
  }
}

/** Why a command line is invalid, in the words of this command. */
function reason(error: unknown, flags: Flags, refusals: Readonly<Record<string, string>>): string {
  const message = error instanceof Error ? (error.message.split(/\n|\. /)[0] ?? '') : String(error)
  const lacksValue = /^Option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument (?:is ambiguous|missing)/.exec(message)?.[1]
  if (lacksValue !== undefined) return `${lacksValue} expected a value, such as ${lacksValue}=VALUE`
  const unknown = /^Unknown option '(-{1,2}[^']*)'/.exec(message)?.[1]
  if (unknown === undefined) return message
  const name = unknown.replace(/^-+/, '')
  const refusal = getOwn(refusals, name)
  if (refusal !== undefined) return refusal
  const near = nearest(name, Object.keys(flags))
  return `unknown option ${show(unknown).slice(1, -1)}${near === undefined ? '' : `; did you mean --${near}?`}`
}
