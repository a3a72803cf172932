import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { expect } from 'chai'

// `aistore-rx dashboard` as a process: its address, its flags, and how it ends.

type Child = ChildProcessByStdio<null, Readable, Readable>

describe('aistore-rx dashboard', function () {
  this.timeout(30_000)
  const runDashboard = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Child =>
    spawn(process.execPath, ['dist/cli/main.js', 'dashboard', ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const firstLine = async (child: Child): Promise<string> => {
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    return chunk.toString().trim()
  }
  const exitOf = async (args: readonly string[]): Promise<readonly [code: number | null, stderr: string]> => {
    const child = runDashboard(args)
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return [code, text]
  }

  it('serves an embedded cluster, whatever the environment names, until it is interrupted', async () => {
    let requests = 0
    const foreign = createServer((_, response) => {
      requests += 1
      response.end()
    }).listen(0, '127.0.0.1')
    await once(foreign, 'listening')
    const { port } = foreign.address() as AddressInfo
    const child = runDashboard(['--port', '0'], { AIS_ENDPOINT: `http://127.0.0.1:${port}` })
    const url = await firstLine(child)
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await (await fetch(url)).text()).to.include('app.js')
    expect(await (await fetch(`${url}app.js`)).text()).to.have.length.above(10_000)
    const body = '{}'
    const headers = { 'content-type': 'application/json', 'x-http-method-override': 'GET' }
    // The jobs of the embedded cluster start a moment after it listens.
    let listed = ''
    while (!listed.includes('['))
      listed = await (await fetch(`${url}ais/v1/cluster?what=running_all`, { method: 'POST', headers, body })).text()
    expect(listed).to.match(/\w+\[\w+\]/)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).to.deep.equal([0, null])
    foreign.close()
    expect(requests).to.equal(0)
  })

  it('prints a token with --allow', async () => {
    const child = runDashboard(['--port', '0', '--allow', 'start,stop', '--endpoint', 'http://127.0.0.1:1'])
    expect(await firstLine(child)).to.match(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).to.deep.equal([0, null])
  })

  it('prints its address as a JSON object with --json', async () => {
    const child = runDashboard(['--port', '0', '--json'])
    const { v, type, url } = JSON.parse(await firstLine(child)) as Readonly<Record<string, unknown>>
    expect({ v, type }).to.deep.equal({ v: 1, type: 'listening' })
    expect((await fetch(String(url))).status).to.equal(200)
    child.kill('SIGTERM')
    await once(child, 'exit')
  })

  it('exits with 2 for arguments that are invalid, and with 4 for a port that is taken', async () => {
    expect((await exitOf(['--allow', 'delete']))[0]).to.equal(2)
    const occupier = createServer().listen(0, '127.0.0.1')
    await once(occupier, 'listening')
    const [code, text] = await exitOf(['--port', String((occupier.address() as AddressInfo).port)])
    occupier.close()
    expect(code).to.equal(4)
    expect(text).to.include('EADDRINUSE')
  })
})
