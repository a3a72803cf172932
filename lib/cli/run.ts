import { readFileSync } from 'node:fs'
import { lastValueFrom } from 'rxjs'
import { show } from '../common/text.ts'
import { untilAborted } from '../operators/until-aborted.ts'
import { parse, type Arguments } from './arguments.ts'
import { connect } from './connect.ts'
import { type Ending } from './ending.ts'
import { isUsageError, messageOf, UsageError } from './usage-error.ts'
import { EXIT, exitOfStop } from './exit-code.ts'
import { help, helpOf } from './help.ts'
import type { Io, Stop } from './io.ts'
import { printerOf, type Printer } from './printer.ts'
import { nearest } from './text/nearest.ts'
import type { Server } from './server.ts'
import { flagsOf, type Context, type Verb } from './verb.ts'
import { VERBS } from './verbs/index.ts'

const REFRESH_MS = 2_000
const LEAST_REFRESH_MS = 100

/**
 * The verbs that run a server until they are interrupted, and parse their own arguments. Their modules load slowly, so
 * no other verb imports them.
 */
const SERVERS: Readonly<Record<string, () => Promise<Server>>> = {
  emulator: async () => (await import('./emulator.ts')).emulator,
  dashboard: async () => (await import('./dashboard.ts')).dashboard,
}

const HELP = ['--help', '-h']

/**
 * Runs one command line.
 *
 * @returns The exit code. After a signal it is the code of that signal, and the caller sends the signal to itself again.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  // `job wait X` is a habit of `ais` users.
  const [name = '', ...rest] = argv[0] === 'job' ? argv.slice(1) : argv
  const server = Object.hasOwn(SERVERS, name) ? SERVERS[name] : undefined
  if (server !== undefined) return runServer(await server(), rest, io)
  if (name === '--version' || name === 'version') {
    io.stdout.write(`${version()}\n`)
    return EXIT.done
  }
  if (['help', ...HELP].includes(name)) {
    const [of = ''] = rest
    if (Object.hasOwn(SERVERS, of)) return run([of, '--help'], io)
    const verb = verbOf(of)
    if (verb === undefined && of !== '') return refuseVerb(of, rest, io)
    io.stdout.write(verb === undefined ? help(VERBS) : helpOfVerb(verb))
    return EXIT.done
  }
  const verb = verbOf(name)
  if (verb !== undefined) return runVerb(verb, rest, io)
  if (name !== '') return refuseVerb(name, rest, io)
  io.stderr.write(help(VERBS))
  return EXIT.usage
}

const helpOfVerb = (verb: Verb): string => helpOf({ ...verb, flags: flagsOf(verb) })

const verbOf = (name: string): Verb | undefined => VERBS.find((verb) => verb.name === name)

/** Whether a command line has the flag for JSON, even if it cannot be parsed. */
const wantsJson = (argv: readonly string[]): boolean => argv.includes('--json') || argv.includes('-j')

/** Ends with an error that suggests the verb with the most similar name. */
function refuseVerb(name: string, argv: readonly string[], io: Io): number {
  const near = nearest(name, [...VERBS.map((verb) => verb.name), ...Object.keys(SERVERS)])
  const hint = near === undefined ? '`aistore-rx help` lists them' : `did you mean ${near}?`
  const printer = printerOf(io, { isJson: wantsJson(argv), isQuiet: false })
  printer.end({ code: EXIT.usage, message: `unknown verb ${show(name)}; ${hint}`, error: 'Usage' })
  return EXIT.usage
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string })
    .version

/** Runs a verb that serves until it is interrupted. */
async function runServer({ page, run: serve }: Server, argv: readonly string[], io: Io): Promise<number> {
  if (argv.some((word) => HELP.includes(word))) {
    io.stdout.write(helpOf(page))
    return EXIT.done
  }
  try {
    await serve(argv)
    return EXIT.done
  } catch (error) {
    const code = isUsageError(error) ? EXIT.usage : EXIT.unreachable
    const message = messageOf(error)
    io.stderr.write(`aistore-rx ${page.name}: ${message}\n`)
    printerOf(io, { isJson: wantsJson(argv), isQuiet: false }).record('end', { terminal: true, code, message })
    return code
  }
}

/** What a verb sets while it runs. */
interface Session {
  /** Printed if the command is interrupted. */
  hint: string | undefined
  endpoints: readonly string[]
  hasReplied: boolean
}

/** Parses the command line of a verb, runs the verb, and prints how it ended. */
async function runVerb(verb: Verb, argv: readonly string[], io: Io): Promise<number> {
  let printer = printerOf(io, { isJson: wantsJson(argv), isQuiet: false })
  const end = (ending: Ending): number => {
    printer.end(ending)
    return ending.code
  }
  try {
    const args = parse(argv, flagsOf(verb), verb.refusals)
    if (args.has('help')) {
      io.stdout.write(helpOfVerb(verb))
      return EXIT.done
    }
    printer = printerOf(io, { isJson: args.has('json'), isQuiet: args.has('quiet') })
    const session: Session = { hint: undefined, endpoints: [], hasReplied: false }
    const ending = await verb.run(contextOf(args, io, printer, session))
    return end(io.stop.aborted ? interrupted(io.stop.reason as Stop, session.hint) : withAddress(ending, session))
  } catch (error) {
    if (error instanceof UsageError) return end({ code: EXIT.usage, message: error.message, error: 'Usage' })
    throw error
  }
}

function interrupted(stop: Stop, hint: string | undefined): Ending {
  const code = exitOfStop(stop)
  if (stop !== 'SIGINT' && stop !== 'SIGTERM') return { code, error: 'Interrupted' }
  return { code, error: 'Interrupted', message: hint === undefined ? 'interrupted' : `interrupted; ${hint}` }
}

/** Names the address that has not replied, because it may be a wrong one. */
function withAddress(ending: Ending, { endpoints }: Session): Ending {
  const { error = '', message = '' } = ending
  const isSilent = error === 'TransportError' || error === 'RequestTimeout'
  return isSilent ? { ...ending, message: `${endpoints.join(', ')}: ${message}` } : ending
}

/** What a verb may use. Nothing is connected until it calls `cluster`. */
function contextOf(args: Arguments, io: Io, printer: Printer, session: Session): Context {
  const refreshMs = args.ms('refresh') ?? REFRESH_MS
  if (refreshMs < LEAST_REFRESH_MS) throw new UsageError(`--refresh expected at least 100ms, got ${refreshMs}ms`)
  return {
    io,
    args,
    printer,
    refreshMs,
    setInterruptHint: (text) => (session.hint = text),
    hasReplied: () => session.hasReplied,
    last: (source, fallback) => lastValueFrom(source.pipe(untilAborted(io.stop)), { defaultValue: fallback }),
    cluster: () => {
      if (args.has('skip-verify')) printer.note('certificates are not verified (--skip-verify)')
      const cluster = connect(args, io, { refreshMs, onReply: () => (session.hasReplied = true) })
      session.endpoints = cluster.endpoints
      return cluster
    },
  }
}
