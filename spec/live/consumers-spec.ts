import { execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { chromium, type Page } from 'playwright-core'
import { firstValueFrom } from 'rxjs'
import { main as servePage } from '../../examples/page/server.ts'
import { startEmulator, type Emulator } from '../../lib/emulator/index.ts'
import { createCluster, isRight, start } from '../../lib/index.ts'
import { createRelay } from '../../lib/relay/index.ts'
import { findChromium } from './helpers/chromium.ts'
import { closeServers, listen } from './helpers/listening.ts'
import { commandOf, RUNTIMES } from './helpers/runtimes.ts'

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
  'jest@30.5.2',
  'jest-environment-jsdom@30.5.2',
  'mocha@12.0.3',
  'vitest@4.1.12',
  'react@19.3.1',
  'react-dom@19.3.1',
  '@types/react@19.3.0',
  '@types/react-dom@19',
  'vue@3.5.45',
  'svelte@5.57.3',
  '@sveltejs/vite-plugin-svelte@7.3.1',
  'typescript@5.9.3',
]
const ANGULAR = [
  ...['build', 'common', 'compiler', 'compiler-cli', 'core', 'platform-browser'].map(
    (name) => `@angular/${name}@21.2.26`,
  ),
  'typescript@5.9.3',
  'tslib@2.9.1',
]
const PARCEL = ['parcel@2.16.4']
const BUNDLES: Readonly<Record<string, readonly string[]>> = {
  esbuild: ['esbuild-node.mjs', 'esbuild-node.cjs'],
  rollup: ['rollup-node.mjs', 'rollup-node.cjs'],
  vite: ['vite-node.mjs'],
  webpack: ['webpack-node.mjs', 'webpack-node.cjs'],
}
const EXPECTED_LINE = 'lru true 2 finished bigint'

const execute = promisify(execFile)

async function inPage(url: string, use: (page: Page) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    await page.goto(url)
    await use(page)
  } finally {
    await browser.close()
  }
}

/** The global value that frameworks.ts puts into the page. */
declare const shownByFrameworks: () => Readonly<Record<'react' | 'vue' | 'svelte' | 'angular', string>>
declare const leave: () => Promise<void>

/** The folder of the app for one tool. Each app has its own packages, which may conflict with those of another app. */
const appOf = (name: string): string => join('apps', name)

describe('an app that has installed the package', function () {
  this.timeout(120_000)
  let folder: string
  let emulator: Emulator

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  /** Runs a program in the folder of the app. If the program fails, the error contains its output. */
  const run = async (
    program: string,
    args: readonly string[],
    env = {},
    cwd = '.',
  ): Promise<{ out: string; err: string }> => {
    try {
      const options = {
        cwd: join(folder, cwd),
        timeout: 90_000,
        maxBuffer: 2 ** 26,
        env: { ...process.env, NODE_OPTIONS: '', ...env },
      }
      const { stdout, stderr } = await execute(program, args, options)
      return { out: stdout.trim(), err: stderr.trim() }
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new Error(`${program} ${args.join(' ')} failed: ${String(error)}\n${stdout}\n${stderr}`)
    }
  }
  /** The installation of the packages of each app, by its folder. All run at once, also while the first specs run. */
  const installs = new Map<string, Promise<unknown>>()
  const install = (to: string, packages: readonly string[], settings: object = {}): void => {
    const cwd = join(folder, to)
    mkdirSync(cwd, { recursive: true })
    write(join(to, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module', ...settings }))
    const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages]
    const done = execute('npm', args, { cwd })
    // If the installation fails, the specs that need the packages fail, and not the process.
    done.catch(() => undefined)
    installs.set(to, done)
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
    const packed = await execute('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder])
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    const tarball = join(folder, filename)
    install('.', [tarball, ...PACKAGES])
    for (const name of RUNTIMES) void commandOf(name)
    install(appOf('angular'), [tarball, ...ANGULAR])
    // Without this setting, Parcel reads neither `exports` nor `imports` of any package.
    install(appOf('parcel'), PARCEL, { '@parcel/resolver-default': { packageExports: true } })
    for (const source of ['spec/live/consumers/programs', 'examples']) cpSync(source, folder, { recursive: true })
    cpSync('examples/frameworks', join(folder, 'angular', 'frameworks'), { recursive: true })
    for (const name of ['angular', 'parcel'])
      cpSync(join(folder, name), join(folder, appOf(name)), { recursive: true, force: true })
    emulator = await startEmulator({ targets: 2 })
    await installs.get('.')
  })

  after(async () => {
    await emulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  afterEach(closeServers)

  for (const name of RUNTIMES)
    it(`starts a job, watches it and waits for it on ${name}`, async () => {
      const [program, ...flags] = await commandOf(name)
      const { out } = await run(program, [...flags, 'in-node.mjs', emulator.endpoint])
      expect(out).to.equal(EXPECTED_LINE)
    })

  it('is bundled by Parcel without a warning', async () => {
    await installs.get(appOf('parcel'))
    const args = ['build', 'parcel-browser.mjs', '--dist-dir', '../../out', '--no-cache', '--no-source-maps']
    const { out, err } = await run('node_modules/.bin/parcel', args, { NO_COLOR: '1' }, appOf('parcel'))
    expect(err).to.equal('')
    expect(out).to.match(/Built in .*\n+\S*parcel-browser\.js .*$/)
    expect(out).to.not.match(/warn|\u26a0/i)
  })

  for (const [name, forNode] of Object.entries(BUNDLES))
    it(`is bundled by ${name} without a warning, and runs in Node`, async () => {
      const { err } = await run(process.execPath, [`bundle-${name}.mjs`])
      expect(err).to.equal('')
      for (const file of forNode) {
        const { out, err: complaints } = await run(process.execPath, [`out/${file}`, emulator.endpoint])
        expect([out, complaints], file).to.deep.equal([EXPECTED_LINE, ''])
      }
    })

  for (const name of [...Object.keys(BUNDLES), 'parcel'])
    it(`runs in Chromium as a bundle of ${name}, through the relay`, async () => {
      const script = await readFile(join(folder, 'out', `${name}-browser.js`), 'utf8')
      expect(script).to.not.include('XMLHttpRequest')
      const relay = createRelay(createCluster(emulator.endpoint), { commands: () => true })
      const server = createServer((request, response) =>
        relay.node(request, response, () =>
          response.setHeader('content-type', 'text/html').end(`<script type="module">${script}</script>`),
        ),
      )
      const { port } = await listen(server)
      await inPage(`http://127.0.0.1:${port}/`, async (page) => {
        await page.waitForFunction(() => document.title !== '')
        expect(await page.title()).to.equal(EXPECTED_LINE)
      })
    })

  it('is built into an app of Angular without a warning, with the example for Angular', async () => {
    await installs.get(appOf('angular'))
    const { err } = await run(process.execPath, ['build.mjs'], { NG_CLI_ANALYTICS: 'false' }, appOf('angular'))
    expect(err).to.equal('')
  })

  it('has the examples for React, Vue, Svelte and Angular, which compile, show the jobs and unsubscribe', async () => {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
    }
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['frameworks.ts'] }))
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'])
    expect((await run(process.execPath, ['bundle-frameworks.mjs'])).err).to.equal('')
    const scripts = new Map(
      [join(appOf('angular'), 'out/browser/main.js'), 'out/frameworks.js'].map((path, i) => [
        `/${i}.js`,
        readFileSync(join(folder, path), 'utf8'),
      ]),
    )
    const tags = [...scripts.keys()].map((path) => `<script type="module" src="${path}"></script>`)

    let requests = 0
    const relay = createRelay(createCluster(emulator.endpoint))
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/ais') === true) requests += 1
      relay.node(request, response, () => {
        const script = scripts.get(request.url ?? '')
        response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
        response.end(script ?? `<!doctype html><body>${tags.join('')}`)
      })
    })
    const { port } = await listen(server)
    const cluster = createCluster(emulator.endpoint)
    await firstValueFrom(start(cluster, { kind: 'lru' }))
    await inPage(`http://127.0.0.1:${port}/`, async (page) => {
      await page.waitForFunction(() => Object.values(shownByFrameworks()).every((lines) => /lru \w+/.test(lines)))
      await page.waitForFunction(() =>
        Object.values(shownByFrameworks()).every((lines) => !lines.includes('lru running')),
      )
      await page.evaluate(() => leave())
      const before = requests
      await page.waitForTimeout(3_000)
      expect(requests - before).to.be.at.most(1)
    })
  })

  it('has an example of a page with live jobs, which node:http serves', async () => {
    const { out: script } = await run('node_modules/.bin/esbuild', ['page/main.ts', '--bundle', '--format=esm'])
    const html = await readFile('examples/page/index.html', 'utf8')
    const { port } = await listen(
      servePage(createCluster(emulator.endpoint), html.replace('./main.ts', '/main.ts'), script),
    )
    await showsJobs(`http://127.0.0.1:${port}/`)
  })

  it('has an example of a page with live jobs, which Vite serves', async () => {
    const vite = spawn(
      process.execPath,
      ['node_modules/vite/bin/vite.js', 'page', '--host', '127.0.0.1', '--port', '0'],
      {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', AIS_ENDPOINT: emulator.endpoint },
      },
    )
    try {
      let printed = ''
      for await (const chunk of vite.stdout) {
        printed += String(chunk)
        if (/http:\/\/127\.0\.0\.1:\d+\//.test(printed)) break
      }
      await showsJobs(/http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0] ?? printed)
    } finally {
      vite.kill()
    }
  })

  /** Starts a job, and shows it in a page. */
  async function showsJobs(url: string): Promise<void> {
    await inPage(url, async (page) => {
      const started = await firstValueFrom(start(createCluster(emulator.endpoint), { kind: 'lru' }))
      const id = isRight(started) ? (started.right.id ?? '') : ''
      await page.waitForFunction((text) => document.querySelector('tbody')?.textContent.includes(text), id)
      expect(await page.textContent('[role=status]')).to.equal('live')
    })
  }

  const body = `marbleTest((a, b) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(JSON.stringify([a, b])) })`
  const testFile = (head: string, isLive = true): string =>
    `${head}
     import { marbleTest } from './checks.mjs'
     ${isLive ? `import { runLive } from './live.mjs'` : ''}
     it('passes a marble test', () => { ${body} })
     ${isLive ? `it('runs a job', async () => { const line = await runLive(); if (line !== '${EXPECTED_LINE}') throw new Error(line) })` : ''}`

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
      'node_modules/vitest/vitest.mjs',
      'run',
      '--dir',
      '.',
      '--reporter',
      'json',
      'app.vitest.mjs',
      '--config',
      'vitest.config.mjs',
    ])
    expect(JSON.parse(out)).to.include({ numPassedTests: 2, success: true })
  })

  for (const environment of ['node', 'jsdom'])
    it(`is tested by jest in its environment ${environment}`, async () => {
      // jsdom is a browser environment, which has no emulator.
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
