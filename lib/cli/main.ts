#!/usr/bin/env node
import process from 'node:process'
import { runDashboard } from './dashboard.ts'
import { runDemo } from './demo.ts'
import { runEmulator } from './emulator.ts'

const USAGE = `aistore-rx: jobs of an AIStore cluster, live

  aistore-rx demo                      run several jobs on an embedded cluster and show their progress
  aistore-rx demo --endpoint URL       watch the jobs of that cluster until interrupted; start none
      [--start load-lom-cache --bucket NAME [--provider P]]   start this job and wait for it
      [--refresh SECONDS]              time between polls; default 2
  aistore-rx emulator [--port 8080] [--targets 3] [--proxies 2] [--speed 1] [--seed N] [--token T]
                                       run an emulated AIStore cluster until interrupted
      [--fault NAME[=VALUE]]...        inject a fault, such as reset or status=503; emulator --help lists all
      [--fault-rate 1]                 share of the requests that these faults disturb
      [--fault-after SECONDS]          time until they begin; default 0
  aistore-rx dashboard [--endpoint URL] [--port 8090] [--host 127.0.0.1] [--allow start,stop]
                                       serve a page with the jobs of that cluster, or of an embedded one
`

async function main([command, ...rest]: readonly string[]): Promise<number> {
  if (command === 'emulator') return runEmulator(rest)
  if (rest.includes('--help') || rest.includes('-h')) return main(['help'])
  switch (command) {
    case 'demo':
      return runDemo(rest)
    case 'dashboard':
      return runDashboard(rest)
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(USAGE)
      return 0
    default:
      process.stderr.write(
        command === undefined ? USAGE : `aistore-rx: unknown command ${JSON.stringify(command)}\n\n${USAGE}`,
      )
      return 2
  }
}

// A reader such as `| head` may close the pipe early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`aistore-rx: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)
