import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { build } from 'esbuild'
import { closeServers, listen } from './helpers/listening.ts'
import { commandOf, RUNTIMES, type Runtime } from './helpers/runtimes.ts'
import { localServers } from './transport/contract/server.ts'
import { serveServers } from './transport/contract/servers.ts'

// The contract of the transport on the other runtimes. The library is the one in dist/, so each runtime chooses its own part of
// it by the conditions of package.json; the servers run here. The contract mostly waits, so all runtimes run at the same time.

interface Line {
  readonly name?: string
  readonly failure?: string
  readonly done?: number
}

/** The results of the contract on one runtime. */
interface Ran {
  readonly failed: readonly string[]
  readonly complaints: string
  readonly code: number | null
  /** How long the process has lived after the last case, in milliseconds. */
  readonly lingeredMs: number | undefined
}

describe('the contract of the transport', function () {
  this.timeout(300_000)
  let folder: string
  const runs = new Map<Runtime, Promise<Ran>>()

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
    mkdirSync(join(folder, 'node_modules'))
    for (const name of ['rxjs', 'chai', 'fp-ts', 'io-ts', 'cross-fetch', 'tslib'])
      symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name))
    symlinkSync(resolve('.'), join(folder, 'node_modules', 'aistore-rx'))
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    await build({
      entryPoints: ['spec/live/transport/contract/run.ts'],
      outfile: join(folder, 'run.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    })
    for (const runtime of RUNTIMES) {
      const run = runOn(runtime)
      run.catch(() => undefined)
      runs.set(runtime, run)
    }
  })

  after(async () => {
    await closeServers()
    rmSync(folder, { recursive: true, force: true })
  })

  async function runOn(runtime: Runtime): Promise<Ran> {
    const [program, ...flags] = await commandOf(runtime)
    const servers = localServers()
    const control = createServer((request, response) => {
      void text(request)
        .then((body) => serveServers(servers, body))
        .then((answer) => response.end(answer))
    })
    const { port } = await listen(control)
    const child = spawn(program, [...flags, join(folder, 'run.mjs'), `http://127.0.0.1:${port}`], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const complaints = text(child.stderr)
    const exited = once(child, 'exit') as Promise<[number | null]>
    const failed: string[] = []
    let doneAtMs: number | undefined
    for await (const line of createInterface({ input: child.stdout })) {
      const { name, failure, done } = JSON.parse(line) as Line
      if (done !== undefined) doneAtMs = performance.now()
      if (failure !== undefined) failed.push(`${String(name)}: ${failure}`)
    }
    const [code] = await exited
    const lingeredMs = doneAtMs === undefined ? undefined : performance.now() - doneAtMs
    await servers.close()
    return { failed, complaints: await complaints, code, lingeredMs }
  }

  for (const runtime of RUNTIMES)
    it(`holds on ${runtime}, and the process ends afterwards`, async () => {
      const { failed, complaints, code, lingeredMs } = (await runs.get(runtime)) ?? {}
      expect({ failed, complaints, code }).to.deep.equal({ failed: [], complaints: '', code: 0 })
      expect(lingeredMs, 'the time from the last case to the end of the process').to.be.below(5_000)
    })
})
