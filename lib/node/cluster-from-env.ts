import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createCluster, type Cluster } from '../cluster.ts'
import { isLeft, left, right } from '../common/either.ts'
import { environmentOf, type ClusterOptions } from '../environment.ts'
import { invalidArgument, type InvalidArgument, type JobError, type Result } from '../error.ts'
import { show } from '../common/text.ts'
import { isToken, type TokenOption } from '../request/token.ts'
import { faultOf } from '../transport/fetch.ts'
import type { TlsOptions } from '../transport/tls.ts'
import { defined } from '../common/defined.ts'
import { NotRead, readFile } from './read-file.ts'
import { tokenFile, tokenIn } from './token-file.ts'

/** Environment variables, in the form of `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

/**
 * Creates the cluster that the environment variables of AIStore's own clients describe.
 *
 * This is the only function of the library that reads files. It reads them when it is called, and the file of the token again
 * after a 401 and when it has changed. An option takes precedence over its variable. An empty variable counts as not set.
 *
 * | variable | meaning |
 * | --- | --- |
 * | `AIS_ENDPOINT` | Address of a proxy, or several separated by commas to fail over between. Required. |
 * | `AIS_AUTHN_TOKEN` | The token itself. Takes precedence over the file. |
 * | `AIS_AUTHN_TOKEN_FILE` | A JSON file with a `token`. Defaults to `.config/ais/cli/auth.token` in the home directory (`HOME`, else `USERPROFILE`), if that file exists. |
 * | `AIS_CLIENT_CA` | A file with the certificate authorities to trust. |
 * | `AIS_CRT`, `AIS_CRT_KEY` | Files with the client's certificate and its key. Either both or neither must be set. |
 * | `AIS_SKIP_VERIFY_CRT` | `1`, `t`, `true`, `y`, `yes` or `on`: trust any certificate. `AIS_SKIP_VERIFY` is its old name. |
 *
 * @param env Environment variables. Defaults to `process.env`.
 * @param options Options of the cluster; see `ClusterOptions`.
 * @returns Right(cluster), or Left(InvalidArgument) that names the invalid option, or the variable that is missing, is
 * invalid or refers to an unreadable file. A Left never contains a token or the contents of a file.
 * @see docs/protocol.md#7-access-environment-retries; Python `Client`, Go `api/env`
 * @example
 * import { isRight, running } from 'aistore-rx'
 * import { clusterFromEnv } from 'aistore-rx/node'
 * const cluster = clusterFromEnv()
 * if (isRight(cluster)) running(cluster.right).subscribe(console.log)
 */
export function clusterFromEnv(env: Variables = process.env, options: ClusterOptions = {}): Result<Cluster> {
  const [variables, settings]: readonly unknown[] = [env, options]
  if (!isObject(variables)) return left(invalidArgument('env', `got ${show(variables)}; takes an object of variables`))
  if (!isObject(settings)) return left(invalidArgument('options', `got ${show(settings)}; takes an object`))
  const endpoint = valueOf(env, 'AIS_ENDPOINT')
  if (endpoint === undefined) return left(invalidArgument('AIS_ENDPOINT', 'is not set; takes the address of a proxy'))
  const token = options.token === undefined ? tokenOf(env) : right(undefined)
  if (isLeft(token)) return token
  const tls = options.tls === undefined ? tlsOf(env) : right(undefined)
  if (isLeft(tls)) return tls
  const cluster = createCluster(
    endpoint.split(',').map((one) => one.trim()),
    {
      ...options,
      ...defined({ token: token.right?.option, tls: tls.right }),
    },
  )
  const checked = environmentOf(cluster)
  if (!isLeft(checked)) return right(cluster)
  const error = withVariableName(checked.left, token.right?.variable ?? 'token')
  const isTls = error._tag === 'InvalidArgument' && error.argument === 'tls'
  return left(isTls && tls.right !== undefined ? tlsFaultOf(env, tls.right) : error)
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Names the variable in an error instead of the option. */
function withVariableName(error: JobError, tokenVariable: string): JobError {
  if (error._tag !== 'InvalidArgument') return error
  const variables: Readonly<Record<string, string>> = { endpoint: 'AIS_ENDPOINT', token: tokenVariable }
  return { ...error, argument: variables[error.argument] ?? error.argument }
}

function valueOf(env: Variables, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}

interface NamedToken {
  readonly option: TokenOption
  readonly variable: 'AIS_AUTHN_TOKEN' | 'AIS_AUTHN_TOKEN_FILE'
}

/** The token of the environment: the variable itself, or the file that another variable names. */
function tokenOf(env: Variables): Result<NamedToken | undefined> {
  const token = valueOf(env, 'AIS_AUTHN_TOKEN')
  if (token !== undefined) return right({ option: token, variable: 'AIS_AUTHN_TOKEN' })
  const variable = 'AIS_AUTHN_TOKEN_FILE'
  const configured = valueOf(env, variable)
  const home = homeOf(env)
  const path = configured ?? (home === undefined ? undefined : join(home, '.config', 'ais', 'cli', 'auth.token'))
  // The default file is optional: if it does not exist, there is no token.
  if (path === undefined || (configured === undefined && !existsSync(path))) return right(undefined)
  const text = read(variable, path)
  if (isLeft(text)) return text
  const held = tokenIn(text.right)
  if (held === undefined)
    return left(invalidArgument(variable, `the file ${JSON.stringify(path)} holds no JSON object with a token`))
  // An invalid token is passed as a text, so that `createCluster` reports it as an InvalidArgument. A valid token is passed as
  // a function, which can return another token after the file has changed.
  return right({ option: isToken(held.trim()) ? tokenFile(path, held) : held, variable })
}

/** How long the writer of a pipe has for its text. */
const WRITER_MS = 5_000

/** With variables other than `process.env`, the home directory of the process must not provide a token. */
const homeOf = (env: Variables): string | undefined =>
  valueOf(env, 'HOME') ?? valueOf(env, 'USERPROFILE') ?? (env === process.env ? homedir() : undefined)

/** The certificates and keys in the files that the environment names. */
function tlsOf(env: Variables): Result<TlsOptions | undefined> {
  const ca = optional(env, 'AIS_CLIENT_CA')
  const cert = optional(env, 'AIS_CRT')
  const key = optional(env, 'AIS_CRT_KEY')
  if (isLeft(ca)) return ca
  if (isLeft(cert)) return cert
  if (isLeft(key)) return key
  if ((cert.right === undefined) !== (key.right === undefined)) {
    const [has, lacks] = cert.right === undefined ? ['AIS_CRT_KEY', 'AIS_CRT'] : ['AIS_CRT', 'AIS_CRT_KEY']
    return left(invalidArgument(lacks, `is not set, but ${has} is; takes both or none`))
  }
  const skip = valueOf(env, 'AIS_SKIP_VERIFY_CRT') ?? valueOf(env, 'AIS_SKIP_VERIFY')
  const trusting = /^(?:1|t|true|y|yes|on)$/i.test(skip ?? '')
  if (ca.right === undefined && cert.right === undefined && !trusting) return right(undefined)
  const rejectUnauthorized = trusting ? false : undefined
  return right(defined({ ca: ca.right, cert: cert.right, key: key.right, rejectUnauthorized }))
}

/** Names the variable whose file the transport refuses. */
function tlsFaultOf(env: Variables, { ca, cert, key }: TlsOptions): InvalidArgument {
  const files = [
    ['AIS_CLIENT_CA', 'certificate', { ca }],
    ['AIS_CRT', 'certificate', { cert }],
    ['AIS_CRT_KEY', 'private key', { key }],
  ] as const
  for (const [name, what, one] of files)
    if (faultOf({ tls: defined(one) }) !== undefined)
      return invalidArgument(name, `the file ${show(env[name])} holds no ${what} in PEM that can be read`)
  return invalidArgument('AIS_CRT_KEY', 'holds a key that does not belong to the certificate of AIS_CRT')
}

function optional(env: Variables, name: string): Result<string | undefined> {
  const path = valueOf(env, name)
  return path === undefined ? right(undefined) : read(name, path)
}

function read(name: string, path: string): Result<string> {
  // A value that is a key or a token by mistake must not appear in an error, which may be logged.
  if (isContents(path)) return left(invalidArgument(name, 'got what looks like the contents; takes the path of a file'))
  try {
    return right(readFile(path, WRITER_MS))
  } catch (error) {
    const { code = 'EUNKNOWN' } = error as NodeJS.ErrnoException
    const why = error instanceof NotRead ? error.message : `cannot be read (${code})`
    return left(invalidArgument(name, `the file ${JSON.stringify(path)} ${why}`))
  }
}

/** Whether the text is the contents of a file, not a path: PEM, JSON, several lines, or the three parts of a JWT. */
const isContents = (text: string): boolean =>
  /-----BEGIN|[\r\n]|^\s*\{/.test(text) || /^[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/.test(text)
