import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { startEmulator } from '../emulator/start-emulator.ts'
import type { EmulatorOptions } from '../emulator/emulator.ts'

const USAGE =
  'usage: aistore-rx emulator [--port 8080] [--targets 3] [--proxies 2] [--speed 1] [--seed N] [--token TOKEN]\n'

/** An invalid command line. Its message is one line for the user. */
class UsageError extends Error {}

const number = (
  name: string,
  text: string | undefined,
  isValid: (value: number) => boolean,
  expected: string,
): number | undefined => {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? NaN : Number(text)
  if (!isValid(value)) throw new UsageError(`--${name} expected ${expected}, got ${JSON.stringify(text)}`)
  return value
}

const whole =
  (from: number, to: number) =>
  (value: number): boolean =>
    Number.isInteger(value) && value >= from && value <= to

const text = { type: 'string' } as const

const read = (argv: readonly string[]): EmulatorOptions | 'help' => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: text,
      targets: text,
      proxies: text,
      speed: text,
      seed: text,
      token: text,
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return 'help'
  const options = {
    port: number('port', values.port, whole(0, 65_535), '0 to 65535') ?? 8_080,
    targets: number('targets', values.targets, whole(0, 1_000), '0 to 1000'),
    proxies: number('proxies', values.proxies, whole(1, 100), '1 to 100'),
    speed: number('speed', values.speed, (value) => value > 0 && value < Infinity, 'a number above 0'),
    seed: number('seed', values.seed, whole(0, 2 ** 31 - 1), '0 to 2147483647'),
    token: values.token,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
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
 * objects each, and the remote `aws://cloud`.
 *
 * @param argv - Arguments after the name of the command.
 * @returns The exit code: 0 after SIGINT or SIGTERM, 1 if the port cannot be opened, 2 if `argv` is invalid.
 */
export const runEmulator = async (argv: readonly string[]): Promise<number> => {
  try {
    const options = read(argv)
    if (options === 'help') {
      process.stdout.write(USAGE)
      return 0
    }
    const emulator = await startEmulator(options)
    emulator.seedBucket('demo', { objects: 3_000, objectSize: 4_096 })
    emulator.seedBucket('photos', { objects: 3_000, objectSize: 4_096 })
    emulator.seedBucket('cloud', { objects: 1_000, objectSize: 65_536, provider: 'aws' })
    // Listen for signals before printing the endpoint, because its reader may send a signal at once.
    const ended = interrupted()
    process.stdout.write(`${emulator.endpoint}\n`)
    process.stderr.write('buckets: ais://demo and ais://photos (3,000 objects), aws://cloud (1,000); Ctrl-C to stop\n')
    await ended
    await emulator.close()
    return 0
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error)
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error)
    process.stderr.write(`aistore-rx emulator: ${message ?? ''}\n`)
    return isUsage ? 2 : 1
  }
}
