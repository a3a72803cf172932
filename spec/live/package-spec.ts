import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as library from 'aistore-rx'
import { expect } from 'chai'
import { textUntil } from './helpers/cli.ts'

// Tests the package as users get it: packed, installed from its tarball into an empty project, run on several versions
// of Node.
// An id in a title, such as S9, is a row of docs/faults.md.

const NODES = ['20.19.0', '22', '24']
const run = (cwd: string, command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

describe('the package', function () {
  this.timeout(600_000)
  let consumer: string
  const write = (name: string, text: string): void => writeFileSync(join(consumer, name), text)

  before(() => {
    consumer = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
    const [packed] = JSON.parse(run('.', 'npm', ['pack', '--json', '--pack-destination', consumer])) as [
      { filename: string },
    ]
    write('package.json', '{ "name": "consumer", "private": true }')
    run(consumer, 'npm', [
      'install',
      '--no-audit',
      '--no-fund',
      `./${packed.filename}`,
      'typescript@5.0.4',
      '@types/node@20',
    ])
    for (const version of NODES)
      run(consumer, 'npm', [
        'install',
        '--no-audit',
        '--no-fund',
        '--no-save',
        '--prefix',
        `node-${version}`,
        `node@${version}`,
      ])
  })

  after(() => rmSync(consumer, { recursive: true, force: true }))

  it('installs its peer dependencies and one dependency', () => {
    const lock = JSON.parse(readFileSync(join(consumer, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dependencies?: object; peerDependencies?: object }>
    }
    const own = lock.packages['node_modules/aistore-rx']
    expect(Object.keys(own?.dependencies ?? {})).to.have.members(['cross-fetch'])
    expect(Object.keys(own?.peerDependencies ?? {})).to.have.members(['rxjs', 'fp-ts', 'io-ts'])
    for (const peer of ['rxjs', 'fp-ts', 'io-ts']) expect(lock.packages).to.have.property(`node_modules/${peer}`)
  })

  it('contains only the expected files (S9)', () => {
    const [{ files }] = JSON.parse(run('.', 'npm', ['pack', '--json', '--dry-run'])) as [{ files: { path: string }[] }]
    const odd = files
      .map(({ path }) => path)
      .filter(
        (path) =>
          !/^(?:dist|lib|docs|examples)\/|^bench\/README\.md$|^(?:package\.json|[A-Z]+\.md|LICENSE)$/.test(path),
      )
    expect(odd).to.deep.equal([])
  })

  it('runs no script when it is installed (S9)', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']
    expect(hooks.filter((name) => Object.hasOwn(scripts, name))).to.deep.equal([])
  })

  for (const version of NODES) {
    const nodePath = (): string => join(consumer, `node-${version}`, 'node_modules', 'node', 'bin', 'node')

    it(`can be imported on Node ${version} with all names, by each entry point`, () => {
      const entries = ['aistore-rx', 'aistore-rx/emulator', 'aistore-rx/node', 'aistore-rx/testing']
      const imports = entries.map((entry) => `import(${JSON.stringify(entry)})`).join(', ')
      write(
        'names.mjs',
        `console.log(JSON.stringify((await Promise.all([${imports}])).map((entry) => Object.keys(entry))))`,
      )
      const [names, ...others] = JSON.parse(run(consumer, nodePath(), ['names.mjs'])) as string[][]
      expect(names).to.have.members(Object.keys(library))
      expect(others.map((entry) => entry.length > 0)).to.deep.equal([true, true, true])
      expect(others.flat()).to.include.members([
        'startEmulator',
        'clusterFromEnv',
        'scriptedTransport',
        'scriptedCluster',
        'fixtures',
      ])
    })

    it(`can be required on Node ${version}, with the same Observable as the app's rxjs`, () => {
      write(
        'names.cjs',
        `const a = require('aistore-rx'); const { Observable } = require('rxjs'); console.log(a.status(a.createCluster('http://x'), {}) instanceof Observable)`,
      )
      expect(run(consumer, nodePath(), ['names.cjs']).trim()).to.equal('true')
    })

    it(`runs a job on its own emulator on Node ${version}, and the process ends by itself (K11)`, () => {
      write(
        'job.mjs',
        `import { createCluster, start, wait, andThen, constant } from 'aistore-rx'
         import { startEmulator } from 'aistore-rx/emulator'
         const emulator = await startEmulator()
         emulator.seedBucket('b', { objects: 10 })
         const c = createCluster(emulator.endpoint, { cadence: constant(100) })
         start(c, { kind: 'lru' }).pipe(andThen((job) => wait(c, job))).subscribe((r) => { console.log(r.right?.outcome ?? r.left); void emulator.close() })`,
      )
      expect(run(consumer, nodePath(), ['job.mjs']).trim()).to.equal('finished')
    })
  }

  const compilers = {
    '5.0': () => join(consumer, 'node_modules/typescript/bin/tsc'),
    '7.0': () => resolve('node_modules/@typescript/native/bin/tsc'),
  }
  for (const [version, tsc] of Object.entries(compilers))
    for (const [module, moduleResolution] of [
      ['node16', 'node16'],
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const)
      it(`has types for TypeScript ${version} under ${moduleResolution}`, () => {
        write(
          'types.mts',
          `import { createCluster, wait, isRight, type Result, type WaitResult } from 'aistore-rx'
           import { startEmulator, type Emulator } from 'aistore-rx/emulator'
           import { clusterFromEnv } from 'aistore-rx/node'
           import { createRelay, sse } from 'aistore-rx/relay'
           import { scriptedCluster } from 'aistore-rx/testing'
           export const used = [clusterFromEnv, createRelay, scriptedCluster, sse]
           const e: Promise<Emulator> = startEmulator({ targets: 1 })
           wait(createCluster('http://x'), { id: 'V7Bc1dasbT' }).subscribe((r: Result<WaitResult>) => { if (isRight(r)) { const s: boolean = r.right.success; console.log(s, e) } })
           // @ts-expect-error: a selector has no such member
           wait(createCluster('http://x'), { uuid: 'V7Bc1dasbT' })`,
        )
        const config = {
          compilerOptions: {
            module,
            moduleResolution,
            target: 'es2022',
            lib: ['es2022', 'dom', 'esnext.disposable'].filter(
              (lib) => version !== '5.0' || lib !== 'esnext.disposable',
            ),
            types: ['node'],
            strict: true,
            noEmit: true,
            skipLibCheck: version === '5.0',
          },
          files: ['types.mts'],
        }
        write('tsconfig.json', JSON.stringify(config))
        try {
          run(consumer, process.execPath, [tsc(), '-p', '.'])
        } catch (error) {
          expect.fail((error as { stdout: string }).stdout)
        }
      })

  it('has types for browsers: without those of Node, and without `esnext.disposable`', () => {
    write(
      'browser.mts',
      `import { createCluster, fetchTransport } from 'aistore-rx'
       void createCluster('/ais').close()
       void fetchTransport().close()`,
    )
    const options = {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
      strict: true,
      noEmit: true,
    }
    write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: ['browser.mts'] }))
    try {
      run(consumer, process.execPath, [compilers['7.0'](), '-p', '.'])
    } catch (error) {
      expect.fail((error as { stdout: string }).stdout)
    }
  })

  it('has a command that runs an emulator until it is interrupted', async () => {
    const child = spawn(join(consumer, 'node_modules/.bin/aistore-rx'), ['emulator', '--port', '0', '--speed', '10'])
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(line.toString())?.[0] ?? ''
    expect((await fetch(`${endpoint}/v1/health`)).status).to.equal(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).to.deep.equal([0, null])
  })

  it('has a demo, which runs jobs until it is interrupted', async () => {
    const child = spawn(join(consumer, 'node_modules/.bin/aistore-rx'), ['demo'])
    expect(await textUntil(child.stdout, /: copy-bck\[\w+\] running/)).to.match(/^an embedded AIStore cluster at /)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).to.deep.equal([null, 'SIGINT'])
  })
})
