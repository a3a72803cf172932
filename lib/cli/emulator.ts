import { once } from 'node:events'
import { defined } from '../common/defined.ts'
import { startEmulator } from '../emulator/start-emulator.ts'
import type { Emulator, EmulatorOptions } from '../emulator/emulator.ts'
import { listeningLine } from './listening-line.ts'
import { HELP, parse, refuseWords } from './arguments.ts'
import { readNumber, whole } from './read-number.ts'
import { findKind } from '../model/kind.ts'
import { UsageError, messageOf } from './usage-error.ts'
import type { Server } from './server.ts'
import type { Page } from './verb.ts'
import { FAULT_NAMES, readFault, type FaultOption } from './fault-option.ts'

/** Joins the names into lines of nine names. */
const inLines = (names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [names.slice(0, 9).join(', '), ...inLines(names.slice(9))]

const page: Page = {
  name: 'emulator',
  summary: 'run an emulated cluster until interrupted',
  usage: '',
  details:
    'The first line on stdout is the endpoint; with --json, a JSON object with the endpoint as `url`.\n' +
    ['Faults:', ...inLines(FAULT_NAMES)].join('\n  '),
  flags: {
    port: { type: 'string', value: 'PORT', help: 'the port (8080); 0 is any free one' },
    targets: { type: 'string', value: 'N', help: 'number of targets (3)' },
    proxies: { type: 'string', value: 'N', help: 'number of proxies (2)' },
    speed: { type: 'string', value: 'N', help: 'how much faster than real time its jobs run (1)' },
    pace: { type: 'string', multiple: true, value: 'KIND=N', help: 'objects a second per target; repeatable' },
    seed: { type: 'string', value: 'N', help: 'makes ids and random faults the same in each run' },
    token: { type: 'string', value: 'TOKEN', help: 'refuse requests without this token' },
    cloud: { type: 'string', multiple: true, value: 'gcp://NAME', help: 'an empty bucket of a cloud; repeatable' },
    memory: { type: 'string', value: 'MIB', help: 'memory for the contents of objects' },
    'allow-loopback': { type: 'boolean', help: 'downloads may fetch links to this machine' },
    fault: { type: 'string', multiple: true, value: 'NAME[=VALUE]', help: 'inject a fault; repeatable' },
    'fault-rate': { type: 'string', value: 'SHARE', help: 'share of the requests that faults disturb (1)' },
    'fault-after': { type: 'string', value: 'SECONDS', help: 'when the faults begin (0)' },
    json: { type: 'boolean', short: 'j', help: 'the endpoint as a JSON object' },
    ...HELP,
  },
  examples: ['aistore-rx emulator --port 8080 --fault status=503,7 --fault-rate 0.1'],
  codes: [0, 4],
  meanings: { 0: 'interrupted', 4: 'the port cannot be opened' },
}

/** The faults of the command line. */
interface Faults {
  readonly faults: readonly FaultOption[]
  /** The share of requests that faults of the wire disturb. */
  readonly rate: number
  /** When the faults begin, in seconds of real time. */
  readonly afterSeconds: number
}

interface Options extends Faults {
  readonly isJson: boolean
  readonly emulator: EmulatorOptions
  readonly clouds: readonly CloudBucket[]
}

/** An empty bucket of a cloud, which the emulator holds in memory. */
interface CloudBucket {
  readonly provider: string
  readonly name: string
}

const readCloud = (value: string): CloudBucket => {
  const [, provider = '', name = ''] = /^(aws|s3|gcp|gs|azure|az|oci|oc):\/\/([\w.-]+)$/.exec(value) ?? []
  if (name === '') throw new UsageError(`--cloud: ${value} is not a bucket of a cloud, such as gcp://NAME`)
  return { provider, name }
}

/** A real cluster does this job within milliseconds. Here it takes some seconds, so that a first program sees it run. */
const PACES: Readonly<Record<string, number>> = { 'load-lom-cache': 150 }

const readPace = (value: string): readonly [string, number] => {
  const [, name = '', number = ''] = /^([^=]+)=(\d+)$/.exec(value) ?? []
  const kind = findKind(name)?.kind
  if (kind === undefined || Number(number) === 0)
    throw new UsageError(`--pace: ${value} is not a kind of job and a number above 0, such as rechunk=50`)
  return [kind, Number(number)]
}

const read = (argv: readonly string[]): Options => {
  const args = parse(argv, page.flags)
  const number = (flag: string, isValid: (value: number) => boolean, expected: string): number | undefined =>
    readNumber(flag, args.text(flag), isValid, expected)
  refuseWords(args)
  const memory = number('memory', whole(1, 1_048_576), 'MiB')
  const options = {
    port: number('port', whole(0, 65_535), '0 to 65535') ?? 8_080,
    targets: number('targets', whole(0, 1_000), '0 to 1000'),
    proxies: number('proxies', whole(1, 100), '1 to 100'),
    speed: number('speed', (value) => value > 0 && value < Infinity, 'a number above 0'),
    paces: { ...PACES, ...Object.fromEntries(args.texts('pace').map(readPace)) },
    seed: number('seed', whole(0, 2 ** 31 - 1), '0 to 2147483647'),
    token: args.text('token'),
    allowLoopback: args.has('allow-loopback'),
    memoryBytes: memory === undefined ? undefined : memory * 2 ** 20,
  }
  const isShare = (value: number): boolean => value > 0 && value <= 1
  return {
    isJson: args.has('json'),
    emulator: defined(options),
    clouds: args.texts('cloud').map(readCloud),
    faults: args.texts('fault').map(readFault),
    rate: number('fault-rate', isShare, 'a number above 0, up to 1') ?? 1,
    afterSeconds: number('fault-after', (value) => value >= 0 && value < 2e6, 'seconds') ?? 0,
  }
}

/** Injects the faults of the command line. A disturbed request meets exactly one of the wire faults. */
const inject = async (emulator: Emulator, { faults, rate }: Faults): Promise<void> => {
  const wire = faults.flatMap((fault) => ('wire' in fault ? [fault.wire] : []))
  wire.forEach((fault, i) => {
    // A request that earlier faults have not disturbed meets this one with a higher probability, so that all faults
    // disturb equally many requests.
    const share = rate / wire.length / (1 - (rate * i) / wire.length)
    emulator.faults.always(fault, () => Math.random() < share)
  })
  for (const fault of faults) if ('cluster' in fault) await fault.cluster(emulator)
}

/** Calls `inject` after the given time. A fault that does not fit the cluster is reported, and the cluster goes on. */
const injectLater = (emulator: Emulator, faults: Faults): (() => void) => {
  const timer = setTimeout(() => {
    inject(emulator, faults).catch((error: unknown) => {
      process.stderr.write(`aistore-rx emulator: ${messageOf(error)}\n`)
    })
  }, faults.afterSeconds * 1_000)
  return () => clearTimeout(timer)
}

/** Resolves at SIGINT (Ctrl-C) or SIGTERM. */
const interrupted = async (): Promise<void> => {
  const stop = new AbortController()
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, { signal: stop.signal })))
  stop.abort()
}

/**
 * Runs an emulated cluster until it is interrupted. It has buckets to start jobs on: `demo` and `photos` with 3,000
 * objects each, the remote `aws://cloud`, and an empty one for each `--cloud`.
 */
async function run(argv: readonly string[]): Promise<void> {
  const options = read(argv)
  const cluster = await startEmulator(options.emulator)
  cluster.seedBucket('demo', { objects: 3_000, objectSize: 4_096 })
  cluster.seedBucket('photos', { objects: 3_000, objectSize: 4_096 })
  cluster.seedBucket('cloud', { objects: 1_000, objectSize: 65_536, provider: 'aws' })
  for (const { name, provider } of options.clouds) cluster.seedBucket(name, { provider })
  if (options.afterSeconds === 0) {
    try {
      await inject(cluster, options)
    } catch (error) {
      await cluster.close()
      throw new UsageError(messageOf(error))
    }
  }
  const stop = options.afterSeconds === 0 ? () => undefined : injectLater(cluster, options)
  // Listen for signals before printing the endpoint, because its reader may send a signal at once.
  const ended = interrupted()
  process.stdout.write(listeningLine(cluster.endpoint, options.isJson))
  const empty = options.clouds.map(({ provider, name }) => `, ${provider}://${name} (empty)`).join('')
  process.stderr.write(
    `buckets: ais://demo and ais://photos (3,000 objects each), aws://cloud (1,000)${empty}; Ctrl-C to stop\n`,
  )
  await ended
  stop()
  await cluster.close()
}

/** `aistore-rx emulator`. */
export const emulator: Server = { page, run }
