import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createCluster, isRight, start } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { firstValueFrom } from 'rxjs'

const DIR = 'spec/.snippets'
const snippets = [...readFileSync('README.md', 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
  ([, code = '']) => code,
)

/** What each snippet must print, in its order in the page; an empty one must end by itself without an error. */
const PRINTED: readonly RegExp[] = [
  / finished/,
  /done/,
  /_tag: 'Right', right: '\d+ objects'/,
  /connected/,
  /_tag: 'Right'/,
  /^$/,
  /kind: 'lru'/,
  /listening/,
  / finished[\s\S]*index/,
  /_tag: 'Right'/,
]

/** Runs a file until it has printed what is looked for, or ended. */
const run = (file: string, looked: RegExp): Promise<{ output: string; code: number | null }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=aistore-rx-source', file])
    let output = ''
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
      if (looked.source !== '^$' && looked.test(output)) child.kill()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('close', (code) => resolve({ output, code }))
  })

describe('the README', () => {
  let emulator: Emulator
  let files: readonly string[]

  before(async () => {
    emulator = await startEmulator()
    emulator.seedBucket('photos', { objects: 30, objectSize: 1024 })
    const started = await firstValueFrom(start(createCluster(emulator.endpoint), { kind: 'lru' }))
    const id = isRight(started) ? (started.right.id ?? '') : ''
    rmSync(DIR, { recursive: true, force: true })
    mkdirSync(DIR, { recursive: true })
    files = snippets.map((code, i) => {
      const file = `${DIR}/snippet-${i}.ts`
      // The cluster of the page is the emulator, and its job one that there is; the marble test has its own.
      const here = code.includes('TestScheduler') ? code : code.replaceAll('V7Bc1dasbT', id)
      writeFileSync(file, here.replaceAll('http://localhost:8080', emulator.endpoint))
      return file
    })
  })

  after(async () => {
    rmSync(DIR, { recursive: true, force: true })
    await emulator.close()
  })

  it('has as many snippets as are looked after here', () => {
    expect(snippets).to.have.length(PRINTED.length)
  })

  it('has snippets that compile under strict settings', () => {
    const compilerOptions = { isolatedDeclarations: false, declaration: false }
    const names = files.map((file) => file.slice(DIR.length + 1))
    writeFileSync(
      `${DIR}/tsconfig.json`,
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: [], files: names }),
    )
    const { stdout } = spawnSync(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', DIR], {
      encoding: 'utf8',
    })
    expect(stdout).to.equal('')
  })

  PRINTED.forEach((looked, i) => {
    it(`has a snippet ${i + 1} that does what it says`, async () => {
      const { output, code } = await run(files[i] ?? '', looked)
      expect(output).to.match(looked)
      if (looked.source === '^$') expect(code).to.equal(0)
    })
  })
})
