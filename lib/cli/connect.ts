import { constant } from '../cadence.ts'
import type { Cluster } from '../cluster.ts'
import { isLeft } from '../common/either.ts'
import { explain, type JobError } from '../error.ts'
import { clusterFromEnv, type Variables } from '../node/cluster-from-env.ts'
import type { Arguments } from './arguments.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage-error.ts'

/** The variable that each flag replaces. */
const VARIABLES: Readonly<Record<string, string>> = {
  endpoint: 'AIS_ENDPOINT',
  'token-file': 'AIS_AUTHN_TOKEN_FILE',
  'ca-file': 'AIS_CLIENT_CA',
  cert: 'AIS_CRT',
  key: 'AIS_CRT_KEY',
}

/** The variables of the environment, replaced by the flags that are given. */
export function variablesOf(args: Arguments, env: Variables): Variables {
  const variables: Record<string, string | undefined> = { ...env }
  for (const [flag, variable] of Object.entries(VARIABLES)) variables[variable] = args.text(flag) ?? variables[variable]
  // AIS_AUTHN_TOKEN would win over the file that the flag names.
  if (args.text('token-file') !== undefined) delete variables['AIS_AUTHN_TOKEN']
  if (args.has('skip-verify')) variables['AIS_SKIP_VERIFY_CRT'] = 'true'
  return variables
}

/** Creates the cluster that the flags name. The environment supplies the flags that are absent. */
export function connect(
  args: Arguments,
  { env, transport }: Pick<Io, 'env' | 'transport'>,
  { refreshMs, onReply }: { readonly refreshMs: number; readonly onReply: () => void },
): Cluster {
  const variables = variablesOf(args, env)
  if ((variables['AIS_ENDPOINT'] ?? '').trim() === '')
    throw new UsageError('no cluster: set AIS_ENDPOINT or give --endpoint URL (`aistore-rx emulator` runs one here)')
  const cluster = clusterFromEnv(variables, {
    cadence: constant(refreshMs),
    transport,
    log: ({ type }) => {
      if (type === 'reply') onReply()
    },
  })
  if (isLeft(cluster)) throw new UsageError(explain(withFlagName(cluster.left, args)))
  return cluster.right
}

/** Names the flag in the error if the invalid value is from a flag, not from a variable. */
function withFlagName(error: JobError, args: Arguments): JobError {
  if (error._tag !== 'InvalidArgument') return error
  const flag = Object.keys(VARIABLES).find((name) => VARIABLES[name] === error.argument)
  return flag === undefined || args.text(flag) === undefined ? error : { ...error, argument: `--${flag}` }
}
