#!/usr/bin/env node
import process from 'node:process'
import { runDemo } from './demo.ts'
import { runEmulator } from './emulator.ts'

const USAGE = `aistore-rx: jobs of an AIStore cluster, live

  aistore-rx demo                      several jobs on an embedded cluster, from start to end
  aistore-rx demo --endpoint URL       watch the jobs of that cluster until interrupted; starts nothing
      [--start load-lom-cache --bucket NAME [--provider P]]   start this one there, and wait for it
      [--refresh SECONDS]              how often to look; default 2
  aistore-rx emulator [--port 8080] [--targets 3] [--proxies 2] [--speed 1] [--seed N] [--token T]
                                       an AIStore cluster in this process, until interrupted
`

async function main([command, ...rest]: readonly string[]): Promise<number> {
  if (rest.includes('--help') || rest.includes('-h')) return main(['help'])
  switch (command) {
    case 'demo':
      return runDemo(rest)
    case 'emulator':
      return runEmulator(rest)
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(USAGE)
      return 0
    default:
      process.stderr.write(
        command === undefined ? USAGE : `aistore-rx: there is no command ${JSON.stringify(command)}\n\n${USAGE}`,
      )
      return 2
  }
}

// Whoever reads us may have read enough (`| head`).
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
