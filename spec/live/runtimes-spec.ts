import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { build } from 'esbuild'
import { localServers } from './transport/contract/server.ts'
import { serveServers } from './transport/contract/servers.ts'

// The contract of the transport on the other runtimes, which come as npm packages. The library is the one in dist/, so each
// runtime chooses its own part of it by the conditions of package.json; the servers run here.

/** Where a package keeps its program, and how that runs a file. */
const RUNTIMES: readonly (readonly [what: string, npm: string, command: readonly string[]])[] = [
  ['Node 20', 'node@20', ['node_modules/node/bin/node']],
  ['Node 22', 'node@22', ['node_modules/node/bin/node']],
  ['Node 24', 'node@24', ['node_modules/node/bin/node']],
  ['Bun', 'bun@1', ['node_modules/.bin/bun']],
  ['Deno', 'deno@2', ['node_modules/.bin/deno', 'run', '-A']],
]

interface Line {
  readonly name?: string
  readonly failure?: string
  readonly done?: number
}

describe('the contract of the transport', function () {
  this.timeout(300_000)
  const servers = localServers()
  let folder: string
  let control: Server
  let url: string

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
    control = createServer((request, response) => {
      void text(request)
        .then((body) => serveServers(servers, body))
        .then((answer) => response.end(answer))
    }).listen(0, '127.0.0.1')
    await once(control, 'listening')
    url = `http://127.0.0.1:${String((control.address() as AddressInfo).port)}`
  })

  after(async () => {
    await servers.close()
    control.closeAllConnections()
    control.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const [what, npm, [program = '', ...flags]] of RUNTIMES)
    it(`holds on ${what}, and nothing keeps the process alive afterwards`, async () => {
      const home = join(folder, npm)
      mkdirSync(home)
      writeFileSync(join(home, 'package.json'), '{ "private": true }')
      execFileSync('npm', ['install', '--no-audit', '--no-fund', npm], { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] })

      const child = spawn(join(home, program), [...flags, join(folder, 'run.mjs'), url], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const complaints = text(child.stderr)
      const exited = once(child, 'exit')
      const failed: string[] = []
      let doneAtMs: number | undefined
      for await (const line of createInterface({ input: child.stdout })) {
        const { name, failure, done } = JSON.parse(line) as Line
        if (done !== undefined) doneAtMs = performance.now()
        if (failure !== undefined) failed.push(`${String(name)}: ${failure}`)
      }
      const [code] = (await exited) as [number | null]
      const lingeredMs = performance.now() - (doneAtMs ?? 0)

      expect(failed).to.deep.equal([])
      expect(await complaints).to.equal('')
      expect(code).to.equal(0)
      expect(doneAtMs, 'it ran to its end').to.be.a('number')
      expect(lingeredMs).to.be.below(5_000)
    })
})
