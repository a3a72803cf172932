import { once } from 'node:events'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { constant } from '../cadence.ts'
import { createCluster, type Cluster } from '../cluster.ts'
import { isLeft } from '../common/either.ts'
import type { Allowed } from '../dashboard/config.ts'
import { fillBuckets, keepBusy } from '../dashboard/embedded.ts'
import { startDashboard, type Dashboard, type DashboardOptions } from '../dashboard/server.ts'
import { startEmulator } from '../emulator/start-emulator.ts'
import { show } from '../common/text.ts'
import { explain } from '../error.ts'
import { clusterFromEnv } from '../node/cluster-from-env.ts'
import { listeningLine } from './listening-line.ts'
import { readNumber, whole } from './read-number.ts'
import { UsageError, isUsageError, messageOf } from './usage-error.ts'

/** Used if `--port` is not given; if it is taken, any free port. */
const PORT = 8_090

const USAGE = `aistore-rx dashboard: serve a page with the jobs of a cluster until interrupted

usage: aistore-rx dashboard [--endpoint URL] [--port 8090] [--host 127.0.0.1] [--allow start,stop]
         [--json]

Without --endpoint, the page shows an embedded cluster, and AIS_ENDPOINT is ignored. With it, AIS_AUTHN_TOKEN,
AIS_AUTHN_TOKEN_FILE, AIS_CLIENT_CA, AIS_CRT and AIS_CRT_KEY hold. The first line on stdout is the address to open;
with --json, a JSON object whose url is the address.

example:
  aistore-rx dashboard --endpoint http://localhost:8080 --allow start,stop

exit codes:
  0    interrupted
  2    invalid command line
  4    the port cannot be opened
`

interface Options {
  readonly endpoint: string | undefined
  readonly port: number | undefined
  readonly host: string
  readonly allow: readonly Allowed[]
  readonly isJson: boolean
}

/** What ends together. */
interface Running {
  readonly dashboard: Dashboard
  readonly close: () => Promise<void>
}

/**
 * `aistore-rx dashboard`: serves a page with the jobs of a cluster until it is interrupted.
 *
 * The first line on stdout is the address to open. Without `--endpoint`, the page shows an embedded cluster, and
 * AIS_ENDPOINT is ignored; with it, the other AIS_ variables hold (AIS_AUTHN_TOKEN and so on).
 *
 * @param args the arguments after the name of the command
 * @returns the exit code: 0 after SIGINT or SIGTERM, 2 if the arguments are invalid, 4 if the port cannot be opened
 */
export async function runDashboard(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE)
    return 0
  }
  try {
    const options = parse(args)
    const running = await (options.endpoint === undefined
      ? runEmbedded(options)
      : runForeign(options, options.endpoint))
    if (typeof running === 'string') return complain(running, 2)
    // Listen for signals before printing the address, because its reader may send a signal at once.
    const ended = interrupted()
    process.stdout.write(listeningLine(running.dashboard.url, options.isJson))
    process.stderr.write(`${noteOf(options)}; Ctrl-C to stop\n`)
    await ended
    await running.close()
    return 0
  } catch (error) {
    return complain(messageOf(error), isUsageError(error) ? 2 : 4)
  }
}

function complain(message: string, code: number): number {
  process.stderr.write(`aistore-rx dashboard: ${message}\n`)
  return code
}

const noteOf = ({ endpoint, allow }: Options): string =>
  `${endpoint === undefined ? 'an embedded cluster; its jobs come and go' : `the jobs of ${endpoint}`}; ${
    allow.length === 0 ? 'read-only' : `may ${allow.join(' and ')}`
  }`

async function interrupted(): Promise<void> {
  const stop = new AbortController()
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, { signal: stop.signal })))
  stop.abort()
}

async function runForeign(options: Options, endpoint: string): Promise<Running | string> {
  const cluster = clusterFromEnv({ ...process.env, AIS_ENDPOINT: endpoint })
  if (isLeft(cluster)) return explain(cluster.left)
  const dashboard = await serve(cluster.right, options, { endpoint: hostOf(endpoint) })
  return { dashboard, close: () => dashboard.close() }
}

async function runEmbedded(options: Options): Promise<Running> {
  const emulator = await startEmulator({ objectsPerSecond: 300 })
  const objects = fillBuckets(emulator)
  const busy = keepBusy(emulator, createCluster(emulator.endpoints, { cadence: constant(1_000) })).subscribe()
  const close = async (): Promise<void> => {
    busy.unsubscribe()
    await emulator.close()
  }
  try {
    const cluster = createCluster(emulator.endpoints)
    const dashboard = await serve(cluster, options, { endpoint: hostOf(emulator.endpoint), embedded: true, objects })
    return { dashboard, close: () => Promise.all([dashboard.close(), close()]).then(() => undefined) }
  } catch (error) {
    await close()
    throw error
  }
}

const hostOf = (endpoint: string): string => (URL.canParse(endpoint) ? new URL(endpoint).host : endpoint)

/** Opens the port that was given; without one, the usual port, or a free one if it is taken. */
async function serve(
  cluster: Cluster,
  { host, port, allow }: Options,
  more: Pick<DashboardOptions, 'endpoint' | 'embedded' | 'objects'>,
): Promise<Dashboard> {
  const on = (one: number): Promise<Dashboard> => startDashboard(cluster, { host, port: one, allow, ...more })
  if (port !== undefined) return on(port)
  return on(PORT).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return on(0)
    throw error
  })
}

/** Throws a UsageError, or the TypeError of `parseArgs`. */
function parse(args: readonly string[]): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { endpoint: text, port: text, host: text, allow: text, json: { type: 'boolean', short: 'j' } },
  })
  const { endpoint, host = '127.0.0.1', allow = '', json: isJson = false } = values
  const commands = allow === '' ? [] : allow.split(',')
  if (!commands.every(isAllowed)) throw new UsageError(`--allow expected start, stop or start,stop, got ${show(allow)}`)
  const port = readNumber('port', values.port, whole(0, 65_535), '0 to 65535')
  return { endpoint, port, host, allow: [...new Set(commands)], isJson }
}

const isAllowed = (command: string): command is Allowed => command === 'start' || command === 'stop'
