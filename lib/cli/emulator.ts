import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { defined } from '../common/defined.ts'
import { startEmulator } from '../emulator/start-emulator.ts'
import type { Emulator, EmulatorOptions } from '../emulator/emulator.ts'
import { listeningLine } from './listening-line.ts'
import { readNumber, whole } from './read-number.ts'
import { UsageError, isUsageError, messageOf } from './usage-error.ts'
import { FAULT_NAMES, readFault, type FaultOption } from './fault-option.ts'

const USAGE =
  'usage: aistore-rx emulator [--port 8080] [--targets 3] [--proxies 2] [--speed 1] [--seed N] [--token TOKEN]\n' +
  '         [--cloud gcp://NAME]... [--memory MIB] [--allow-loopback]\n' +
  '         [--fault NAME[=VALUE]]... [--fault-rate 1] [--fault-after SECONDS] [--json]\n' +
  'The first line on stdout is the endpoint; with --json, a JSON object with the endpoint as `url`.\n' +
  `faults: ${FAULT_NAMES.join(', ')}\n` +
  'example:\n  aistore-rx emulator --port 8080 --fault status=503,7 --fault-rate 0.1\n' +
  'exit codes:\n  0    interrupted\n  2    invalid command line\n  4    the port cannot be opened\n'

const text = { type: 'string' } as const

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

const read = (argv: readonly string[]): Options | 'help' => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: text,
      targets: text,
      proxies: text,
      speed: text,
      seed: text,
      token: text,
      cloud: { type: 'string', multiple: true },
      memory: text,
      'allow-loopback': { type: 'boolean' },
      fault: { type: 'string', multiple: true },
      'fault-rate': text,
      'fault-after': text,
      json: { type: 'boolean', short: 'j' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return 'help'
  const memory = readNumber('memory', values.memory, whole(1, 1_048_576), 'MiB')
  const options = {
    port: readNumber('port', values.port, whole(0, 65_535), '0 to 65535') ?? 8_080,
    targets: readNumber('targets', values.targets, whole(0, 1_000), '0 to 1000'),
    proxies: readNumber('proxies', values.proxies, whole(1, 100), '1 to 100'),
    speed: readNumber('speed', values.speed, (value) => value > 0 && value < Infinity, 'a number above 0'),
    seed: readNumber('seed', values.seed, whole(0, 2 ** 31 - 1), '0 to 2147483647'),
    token: values.token,
    allowLoopback: values['allow-loopback'],
    memoryBytes: memory === undefined ? undefined : memory * 2 ** 20,
  }
  const isShare = (value: number): boolean => value > 0 && value <= 1
  return {
    isJson: values.json === true,
    emulator: defined(options),
    clouds: (values.cloud ?? []).map(readCloud),
    faults: (values.fault ?? []).map(readFault),
    rate: readNumber('fault-rate', values['fault-rate'], isShare, 'a number above 0, up to 1') ?? 1,
    afterSeconds:
      readNumber('fault-after', values['fault-after'], (value) => value >= 0 && value < 2e6, 'seconds') ?? 0,
  }
}

/** Injects the faults of the command line. Of several faults of the wire, each disturbed request gets one. */
const inject = async (emulator: Emulator, { faults, rate }: Faults): Promise<void> => {
  const wire = faults.flatMap((fault) => ('wire' in fault ? [fault.wire] : []))
  wire.forEach((fault, i) => {
    // Each fault takes its share of what the faults before it leave, so that all have the same share.
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
 * `aistore-rx emulator`: runs an emulated cluster until it is interrupted.
 *
 * The first line on stdout is the endpoint. The cluster has buckets to start jobs on: `demo` and `photos` with 3,000
 * objects each, the remote `aws://cloud`, and an empty one for each `--cloud`.
 *
 * @param argv - Arguments after the name of the command.
 * @returns The exit code: 0 after SIGINT or SIGTERM, 2 if `argv` is invalid, 4 if the port cannot be opened.
 */
export const runEmulator = async (argv: readonly string[]): Promise<number> => {
  try {
    const options = read(argv)
    if (options === 'help') {
      process.stdout.write(USAGE)
      return 0
    }
    const emulator = await startEmulator(options.emulator)
    emulator.seedBucket('demo', { objects: 3_000, objectSize: 4_096 })
    emulator.seedBucket('photos', { objects: 3_000, objectSize: 4_096 })
    emulator.seedBucket('cloud', { objects: 1_000, objectSize: 65_536, provider: 'aws' })
    for (const { name, provider } of options.clouds) emulator.seedBucket(name, { provider })
    if (options.afterSeconds === 0) {
      try {
        await inject(emulator, options)
      } catch (error) {
        await emulator.close()
        throw new UsageError(messageOf(error))
      }
    }
    const stop = options.afterSeconds === 0 ? () => undefined : injectLater(emulator, options)
    // Listen for signals before printing the endpoint, because its reader may send a signal at once.
    const ended = interrupted()
    process.stdout.write(listeningLine(emulator.endpoint, options.isJson))
    const empty = options.clouds.map(({ provider, name }) => `, ${provider}://${name} (empty)`).join('')
    process.stderr.write(
      `buckets: ais://demo and ais://photos (3,000 objects each), aws://cloud (1,000)${empty}; Ctrl-C to stop\n`,
    )
    await ended
    stop()
    await emulator.close()
    return 0
  } catch (error) {
    process.stderr.write(`aistore-rx emulator: ${messageOf(error)}\n`)
    return isUsageError(error) ? 2 : 4
  }
}
