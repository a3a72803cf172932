#!/usr/bin/env node
import process from 'node:process'
import { EXIT } from './exit-code.ts'
import type { Stop } from './io.ts'
import { run } from './run.ts'
import { messageOf } from './usage-error.ts'

const argv = process.argv.slice(2)
const stop = new AbortController()
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

// The servers end with 0 after a signal, and listen for it themselves. For the other verbs, a second signal ends the
// process at once, because the listener is gone.
const isServer = ['emulator', 'dashboard'].includes(argv[0] ?? '')
if (!isServer) for (const signal of SIGNALS) process.once(signal, () => stop.abort(signal satisfies Stop))

const complain = (error: unknown): void => {
  process.stderr.write(`aistore-rx: ${messageOf(error)}\n`)
  process.exitCode = EXIT.unreachable
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader such as `| head -1` may close the pipe early. Any other error means that output is missing.
  const reason: Stop = error.code === 'EPIPE' ? 'EPIPE' : 'output'
  if (reason === 'output' && !stop.signal.aborted) complain(new Error(`cannot write to stdout: ${error.message}`))
  stop.abort(reason)
})
process.stderr.on('error', () => undefined)

/** Sends the signal to this process again, so that a shell loop that runs the command stops, too. */
function resend(): void {
  const signal = SIGNALS.find((one) => one === stop.signal.reason)
  if (signal === undefined) return
  process.removeAllListeners(signal)
  // The callback runs after all lines have been written to the pipe.
  process.stdout.write('', () => process.kill(process.pid, signal))
}

run(argv, { stdout: process.stdout, stderr: process.stderr, env: process.env, stop: stop.signal }).then((code) => {
  process.exitCode = stop.signal.reason === 'output' ? EXIT.unreachable : code
  resend()
}, complain)
