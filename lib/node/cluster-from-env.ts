import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createCluster, type Cluster } from '../cluster.ts'
import { isLeft, left, right } from '../common/either.ts'
import { environmentOf, type ClusterOptions } from '../environment.ts'
import { invalidArgument, type JobError, type Result } from '../error.ts'
import { show } from '../common/text.ts'
import type { TlsOptions } from '../transport/tls.ts'
import { defined } from '../common/defined.ts'

/** ClusterLike variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>

/**
 * Describes the cluster that the environment names, by the variables of AIStore's own clients.
 *
 * The one call of this library that reads files: once, now. An option that is given wins over its variable, and an
 * empty variable is as good as none.
 *
 * | variable | what |
 * | --- | --- |
 * | `AIS_ENDPOINT` | the address; required |
 * | `AIS_AUTHN_TOKEN` | the token itself; wins over the file |
 * | `AIS_AUTHN_TOKEN_FILE` | a JSON file with a `token`; default `.config/ais/cli/auth.token` in the home directory (`HOME`, else `USERPROFILE`), if it is there |
 * | `AIS_CLIENT_CA` | a file with the authorities to trust |
 * | `AIS_CRT`, `AIS_CRT_KEY` | files with the client's certificate and its key: both or none |
 * | `AIS_SKIP_VERIFY_CRT` | `1 t true y yes on`: trust any certificate (`AIS_SKIP_VERIFY` is its old name) |
 *
 * @param env default `process.env`
 * @param options see `ClusterOptions`
 * @returns Right(cluster), or Left(InvalidArgument) that names the variable (missing, of no use, or with a file that cannot
 * be read) or the option; never with a token or what a file holds
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
  const endpoint = given(env, 'AIS_ENDPOINT')
  if (endpoint === undefined) return left(invalidArgument('AIS_ENDPOINT', 'is not set; takes the address of a proxy'))
  const token = options.token === undefined ? tokenOf(env) : right(undefined)
  if (isLeft(token)) return token
  const tls = options.tls === undefined ? tlsOf(env) : right(undefined)
  if (isLeft(tls)) return tls
  const cluster = createCluster(endpoint, {
    ...options,
    ...(token.right === undefined ? {} : { token: token.right.token }),
    ...defined({ tls: tls.right }),
  })
  const checked = environmentOf(cluster)
  return isLeft(checked) ? left(named(checked.left, token.right?.variable ?? 'token')) : right(cluster)
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong with an argument, by the variable that it came from. */
function named(error: JobError, tokenVariable: string): JobError {
  if (error._tag !== 'InvalidArgument') return error
  const variables: Readonly<Record<string, string>> = { endpoint: 'AIS_ENDPOINT', token: tokenVariable }
  return { ...error, argument: variables[error.argument] ?? error.argument }
}

function given(env: Variables, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}

interface NamedToken {
  readonly token: string
  readonly variable: 'AIS_AUTHN_TOKEN' | 'AIS_AUTHN_TOKEN_FILE'
}

function tokenOf(env: Variables): Result<NamedToken | undefined> {
  const token = given(env, 'AIS_AUTHN_TOKEN')
  if (token !== undefined) return right({ token, variable: 'AIS_AUTHN_TOKEN' })
  const variable = 'AIS_AUTHN_TOKEN_FILE'
  const asked = given(env, variable)
  const home = homeOf(env)
  const path = asked ?? (home === undefined ? undefined : join(home, '.config', 'ais', 'cli', 'auth.token'))
  // Nobody asked for the default file: without it there is simply no token.
  if (path === undefined || (asked === undefined && !existsSync(path))) return right(undefined)
  const text = read(variable, path)
  if (isLeft(text)) return text
  const held = tokenIn(text.right)
  return held === undefined
    ? left(invalidArgument(variable, `the file ${JSON.stringify(path)} holds no JSON object with a token`))
    : right({ token: held, variable })
}

/** Of variables that a caller made up, only those count: they must not bring the token of whoever runs the process. */
const homeOf = (env: Variables): string | undefined =>
  given(env, 'HOME') ?? given(env, 'USERPROFILE') ?? (env === process.env ? homedir() : undefined)

function tokenIn(text: string): string | undefined {
  try {
    const { token } = JSON.parse(text) as { readonly token?: unknown }
    return typeof token === 'string' && token !== '' ? token : undefined
  } catch {
    // The parser's own message would quote the file, and so the token.
    return undefined
  }
}

function tlsOf(env: Variables): Result<TlsOptions | undefined> {
  const [ca, cert, key] = ['AIS_CLIENT_CA', 'AIS_CRT', 'AIS_CRT_KEY'].map((name) => optional(env, name)) as [
    Result<string | undefined>,
    Result<string | undefined>,
    Result<string | undefined>,
  ]
  if (isLeft(ca)) return ca
  if (isLeft(cert)) return cert
  if (isLeft(key)) return key
  if ((cert.right === undefined) !== (key.right === undefined)) {
    const [has, lacks] = cert.right === undefined ? ['AIS_CRT_KEY', 'AIS_CRT'] : ['AIS_CRT', 'AIS_CRT_KEY']
    return left(invalidArgument(lacks, `is not set, but ${has} is; takes both or none`))
  }
  const skip = given(env, 'AIS_SKIP_VERIFY_CRT') ?? given(env, 'AIS_SKIP_VERIFY')
  const trusting = /^(?:1|t|true|y|yes|on)$/i.test(skip ?? '')
  if (ca.right === undefined && cert.right === undefined && !trusting) return right(undefined)
  return right({
    ...defined({ ca: ca.right }),
    ...(cert.right === undefined || key.right === undefined ? {} : { cert: cert.right, key: key.right }),
    ...(trusting ? { rejectUnauthorized: false } : {}),
  })
}

function optional(env: Variables, name: string): Result<string | undefined> {
  const path = given(env, name)
  return path === undefined ? right(undefined) : read(name, path)
}

function read(name: string, path: string): Result<string> {
  // Who gives the contents by mistake must not find a key or a token in a log.
  if (isContents(path)) return left(invalidArgument(name, 'got what looks like the contents; takes the path of a file'))
  try {
    return right(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code = 'EUNKNOWN' } = error as NodeJS.ErrnoException
    return left(invalidArgument(name, `the file ${JSON.stringify(path)} cannot be read (${code})`))
  }
}

/** PEM, JSON, more lines than one, or the three parts of a JWT. */
const isContents = (text: string): boolean =>
  /-----BEGIN|[\r\n]|^\s*\{/.test(text) || /^[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/.test(text)
