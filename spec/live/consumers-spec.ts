import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { chromium } from 'playwright-core'
import { startEmulator, type Emulator } from '../../lib/emulator/index.ts'
import { createCluster } from '../../lib/index.ts'
import { createRelay } from '../../lib/relay/index.ts'
import { findChromium } from './helpers/chromium.ts'
import { closeServers, listen } from './helpers/listening.ts'

// The tarball in an empty folder: on each runtime, through each bundler, under each test runner. dist/ must be built.

const PACKAGES = [
  ...[
    'esbuild@0.28.2',
    'rollup@4.68.8',
    '@rollup/plugin-commonjs@29.0.3',
    '@rollup/plugin-node-resolve@16.0.3',
    'vite@8.3.8',
    'webpack@5.113.0',
  ],
  ...['jest@30.5.2', 'jest-environment-jsdom@30.5.2', 'mocha@12.0.3', 'vitest@4.1.12'],
]
const RUNTIMES: Readonly<Record<string, readonly [npm: string, program: string, ...flags: string[]]>> = {
  'Node 20.19': ['node@20.19.0', 'node_modules/node/bin/node'],
  'Node 22': ['node@22', 'node_modules/node/bin/node'],
  'Node 24': ['node@24', 'node_modules/node/bin/node'],
  Bun: ['bun@1', 'node_modules/.bin/bun'],
  Deno: ['deno@2', 'node_modules/.bin/deno', 'run', '-A'],
}
const BUNDLES = {
  esbuild: ['esbuild-node.mjs', 'esbuild-node.cjs'],
  rollup: ['rollup-node.mjs', 'rollup-node.cjs'],
  vite: ['vite-node.mjs'],
  webpack: ['webpack-node.mjs', 'webpack-node.cjs'],
}
const LINE = 'lru true 2 finished bigint'

const execute = promisify(execFile)

describe('an app that has installed the package', function () {
  this.timeout(120_000)
  let folder: string
  let emulator: Emulator

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  /** Runs a program in the folder of the app. Fails with all that it has printed. */
  const run = async (program: string, args: readonly string[], env = {}): Promise<{ out: string; err: string }> => {
    try {
      const options = { cwd: folder, timeout: 90_000, env: { ...process.env, NODE_OPTIONS: '', ...env } }
      const { stdout, stderr } = await execute(program, args, options)
      return { out: stdout.trim(), err: stderr.trim() }
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new Error(`${program} ${args.join(' ')} failed: ${String(error)}\n${stdout}\n${stderr}`)
    }
  }
  const npmInstall = (to: string, packages: readonly string[]): Promise<unknown> => {
    mkdirSync(to, { recursive: true })
    writeFileSync(join(to, 'package.json'), '{ "name": "app", "private": true, "type": "module" }')
    return execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: to })
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
    const packed = await execute('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder])
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    const runtimes = Object.values(RUNTIMES).map(([npm]) => npmInstall(join(folder, 'runtimes', npm), [npm]))
    await Promise.all([npmInstall(folder, [`./${filename}`, ...PACKAGES]), ...runtimes])
    cpSync('spec/live/consumers/programs', folder, { recursive: true })
    emulator = await startEmulator({ targets: 2 })
  })

  after(async () => {
    await emulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  afterEach(closeServers)

  for (const [name, [npm, program, ...flags]] of Object.entries(RUNTIMES))
    it(`starts a job, watches it and waits for it on ${name}`, async () => {
      const { out } = await run(join(folder, 'runtimes', npm, program), [...flags, 'in-node.mjs', emulator.endpoint])
      expect(out).to.equal(LINE)
    })

  for (const [name, forNode] of Object.entries(BUNDLES)) {
    it(`is bundled by ${name} without a warning, and runs in Node`, async () => {
      const { err } = await run(process.execPath, [`bundle-${name}.mjs`])
      expect(err).to.equal('')
      for (const file of forNode) {
        const { out, err: complaints } = await run(process.execPath, [`out/${file}`, emulator.endpoint])
        expect([out, complaints], file).to.deep.equal([LINE, ''])
      }
    })

    it(`runs in Chromium as a bundle of ${name}, through the relay`, async () => {
      const script = await readFile(join(folder, 'out', `${name}-browser.js`), 'utf8')
      expect(script).to.not.include('XMLHttpRequest')
      const relay = createRelay(createCluster(emulator.endpoint), { commands: () => true })
      const page$ = createServer((request, response) =>
        relay.node(request, response, () =>
          response.setHeader('content-type', 'text/html').end(`<script type="module">${script}</script>`),
        ),
      )
      const { port } = await listen(page$)
      const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
      try {
        const page = await browser.newPage()
        await page.goto(`http://127.0.0.1:${port}/`)
        await page.waitForFunction(() => document.title !== '')
        expect(await page.title()).to.equal(LINE)
      } finally {
        await browser.close()
      }
    })
  }

  const body = `marbleTest((a, b) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(JSON.stringify([a, b])) })`
  const testFile = (head: string, isLive = true): string =>
    `${head}
     import { marbleTest } from './checks.mjs'
     ${isLive ? `import { runLive } from './live.mjs'` : ''}
     it('passes a marble test', () => { ${body} })
     ${isLive ? `it('runs a job', async () => { const line = await runLive(); if (line !== '${LINE}') throw new Error(line) })` : ''}`

  it('is tested by node:test', async () => {
    write('node.test.mjs', testFile(`import { it } from 'node:test'`))
    expect((await run(process.execPath, ['--test', 'node.test.mjs'])).out).to.match(/pass 2\b/)
  })

  it('is tested by mocha', async () => {
    write('mocha.test.mjs', testFile(''))
    expect((await run(process.execPath, ['node_modules/mocha/bin/mocha.js', 'mocha.test.mjs'])).out).to.match(
      /2 passing/,
    )
  })

  it('is tested by vitest', async () => {
    write('app.vitest.mjs', testFile(`import { it } from 'vitest'`))
    const { out } = await run(process.execPath, [
      ...['node_modules/vitest/vitest.mjs', 'run', '--dir', '.', '--reporter', 'json', 'app.vitest.mjs'],
      ...['--config', 'vitest.config.mjs'],
    ])
    expect(JSON.parse(out)).to.include({ numPassedTests: 2, success: true })
  })

  for (const environment of ['node', 'jsdom'])
    it(`is tested by jest in its environment ${environment}`, async () => {
      // jsdom is a page: it has no emulator.
      write(`${environment}.jest.mjs`, testFile('', environment === 'node'))
      const config = JSON.stringify({
        testMatch: [`**/${environment}.jest.mjs`],
        transform: {},
        testEnvironment: environment,
      })
      const args = ['node_modules/jest/bin/jest.js', '--json', '--config', config]
      const { out } = await run(process.execPath, args, { NODE_OPTIONS: '--experimental-vm-modules' })
      expect(JSON.parse(out)).to.include({ numPassedTests: environment === 'node' ? 2 : 1, success: true })
    })
})
