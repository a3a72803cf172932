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

/** What each snippet must print, in the order of the page. `^$` means that it must end without output or error. */
const PRINTED: readonly RegExp[] = [
  / finished/,
  /done/,
  /_tag: 'Right', right: '\d+ objects'/,
  /store this: .*copy-bck[\s\S]*100 %[\s\S]*ended finished/,
  /connected/,
  /_tag: 'Right'/,
  /^$/,
  /kind: 'lru'/,
  /listening/,
  / finished[\s\S]*index/,
  /_tag: 'Right'/,
]

/** Runs a file until its output matches the pattern or it ends. */
const run = (file: string, pattern: RegExp): Promise<{ output: string; code: number | null }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=aistore-rx-source', file])
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (pattern.source !== '^$' && pattern.test(output)) child.kill()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
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
      // Replace the cluster and the job of the page by those of the emulator. The marble test has its own cluster.
      const here = code.includes('TestScheduler') ? code : code.replaceAll('V7Bc1dasbT', id)
      writeFileSync(file, here.replaceAll('http://localhost:8080', emulator.endpoint))
      return file
    })
  })

  after(async () => {
    rmSync(DIR, { recursive: true, force: true })
    await emulator.close()
  })

  it('has as many snippets as this spec has patterns', () => {
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

  PRINTED.forEach((pattern, i) => {
    it(`has a snippet ${i + 1} that prints the expected output`, async () => {
      const { output, code } = await run(files[i] ?? '', pattern)
      expect(output).to.match(pattern)
      if (pattern.source === '^$') expect(code).to.equal(0)
    })
  })
})
