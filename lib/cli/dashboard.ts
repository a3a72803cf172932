import { once } from 'node:events'
import process from 'node:process'
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
import { HELP, parse, refuseWords } from './arguments.ts'
import { readNumber, whole } from './read-number.ts'
import type { Server } from './server.ts'
import type { Page } from './verb.ts'
import { UsageError } from './usage-error.ts'

/** The port without `--port`. If it is in use, the server takes any free port. */
const PORT = 8_090

const page: Page = {
  name: 'dashboard',
  summary: 'serve a page with the jobs of a cluster until interrupted',
  usage: '',
  details:
    'Without --endpoint, the page shows an embedded cluster, and AIS_ENDPOINT is ignored. With it, AIS_AUTHN_TOKEN,\n' +
    'AIS_AUTHN_TOKEN_FILE, AIS_CLIENT_CA, AIS_CRT and AIS_CRT_KEY apply. The first line on stdout is the address to open;\n' +
    'with --json, a JSON object whose url is the address.',
  flags: {
    endpoint: { type: 'string', value: 'URL', help: 'the cluster to show' },
    port: { type: 'string', value: 'PORT', help: `the port (${PORT}, or any free one)` },
    host: { type: 'string', value: 'HOST', help: 'the address to listen on (127.0.0.1)' },
    allow: { type: 'string', value: 'start,stop', help: 'the commands that the page may send (none)' },
    json: { type: 'boolean', short: 'j', help: 'the address as a JSON object' },
    ...HELP,
  },
  examples: ['aistore-rx dashboard --endpoint http://localhost:8080 --allow start,stop'],
  codes: [0, 4],
  meanings: { 0: 'interrupted', 4: 'the port cannot be opened' },
}

interface Options {
  readonly endpoint: string | undefined
  readonly port: number | undefined
  readonly host: string
  readonly allow: readonly Allowed[]
  readonly isJson: boolean
}

/** A dashboard, with the function that closes it and its embedded cluster. */
interface Running {
  readonly dashboard: Dashboard
  readonly close: () => Promise<void>
}

/**
 * Serves a page with the jobs of a cluster until it is interrupted. Without `--endpoint`, the page shows an embedded
 * cluster, and AIS_ENDPOINT is ignored; with it, the other AIS_ variables apply (AIS_AUTHN_TOKEN and so on).
 */
async function run(argv: readonly string[]): Promise<void> {
  const options = read(argv)
  const running = await (options.endpoint === undefined ? runEmbedded(options) : runForeign(options, options.endpoint))
  // Listen for signals before printing the address, because its reader may send a signal at once.
  const ended = interrupted()
  process.stdout.write(listeningLine(running.dashboard.url, options.isJson))
  process.stderr.write(`${noteOf(options)}; Ctrl-C to stop\n`)
  await ended
  await running.close()
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

async function runForeign(options: Options, endpoint: string): Promise<Running> {
  const cluster = clusterFromEnv({ ...process.env, AIS_ENDPOINT: endpoint })
  if (isLeft(cluster)) throw new UsageError(explain(cluster.left))
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

/** Opens the given port. Without one, opens the default port or, if that is in use, any free port. */
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

/** Throws a UsageError. */
function read(argv: readonly string[]): Options {
  const args = parse(argv, page.flags)
  refuseWords(args)
  const allow = args.text('allow') ?? ''
  const commands = allow === '' ? [] : allow.split(',')
  if (!commands.every(isAllowed)) throw new UsageError(`--allow expected start, stop or start,stop, got ${show(allow)}`)
  return {
    endpoint: args.text('endpoint'),
    port: readNumber('port', args.text('port'), whole(0, 65_535), '0 to 65535'),
    host: args.text('host') ?? '127.0.0.1',
    allow: [...new Set(commands)],
    isJson: args.has('json'),
  }
}

const isAllowed = (command: string): command is Allowed => command === 'start' || command === 'stop'

/** `aistore-rx dashboard`. */
export const dashboard: Server = { page, run }
