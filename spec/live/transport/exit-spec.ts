import { until } from '../helpers/until.ts'
import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { closeServers, startRaw, startServer } from './helpers/recording-server.ts'

// A process ends as soon as nothing is subscribed: neither a kept connection nor a cancelled request keeps it running.

const PROGRAM_FILE = fileURLToPath(new URL('helpers/ask-and-exit.ts', import.meta.url))

function runProgram(url: string, what: 'finish' | 'leave') {
  // Uses the loader and the conditions of this process.
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM_FILE, url, what], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return { child, output: text(child.stdout) }
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, 'exit')) as unknown[]
  return code
}

describe('the end of a process with the default transport', () => {
  let child: ChildProcess | undefined
  afterEach(closeServers)
  afterEach(() => child?.kill())

  it('does not wait for a kept connection', async () => {
    // This server never closes a silent connection, so a kept connection could hold the process for 25 s.
    const server = await startServer()
    const program = runProgram(server.url, 'finish')
    child = program.child

    expect(await exitCode(child)).to.equal(0)
    const [body, lingered] = (await program.output).trim().split('\n')
    expect(body).to.equal('{}')
    expect(Number(lingered)).to.be.below(1000)
  }).timeout(10_000)

  for (const [when, head] of [
    ['nothing has arrived', ''],
    ['half a body has arrived', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{'],
  ] as const) {
    it(`does not wait for a request that was cancelled while ${when}`, async () => {
      const server = await startRaw((socket) => socket.write(head))
      const program = runProgram(server.url, 'leave')
      child = program.child
      await until(() => server.requests.length > 0)
      program.child.stdin.write('leave\n')

      expect(await exitCode(child)).to.equal(0)
      expect(Number(await program.output)).to.be.below(1000)
    }).timeout(10_000)
  }
})
