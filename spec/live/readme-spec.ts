import { createCluster, isRight, start } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { firstValueFrom } from 'rxjs'
import { compilerOutput, QUIET, removeSnippets, runSnippet, snippetsOf, writeSnippets } from './helpers/snippets.ts'

const DIR = 'spec/.snippets'
const snippets = snippetsOf('README.md')

/** What each snippet must print, in the order of the page. `^$` means that it must end without output or error. */
const PRINTED: readonly RegExp[] = [
  / finished/,
  /done/,
  /store this: .*copy-bck[\s\S]*100 %[\s\S]*ended finished/,
  /_tag: 'Right', right: '\d+ objects'/,
  /connected/,
  /_tag: 'Right'/,
  /^$/,
  /kind: 'lru'/,
  /listening/,
  / finished[\s\S]*index/,
  /_tag: 'Right'/,
]

describe('the README', () => {
  let emulator: Emulator
  let files: readonly string[]

  before(async () => {
    emulator = await startEmulator()
    emulator.seedBucket('photos', { objects: 30, objectSize: 1024 })
    const started = await firstValueFrom(start(createCluster(emulator.endpoint), { kind: 'lru' }))
    const id = isRight(started) ? (started.right.id ?? '') : ''
    // Replace the cluster and the job of the page by those of the emulator. The marble test has its own cluster.
    const here = snippets.map((code) =>
      (code.includes('TestScheduler') ? code : code.replaceAll('V7Bc1dasbT', id)).replaceAll(
        'http://localhost:8080',
        emulator.endpoint,
      ),
    )
    files = writeSnippets(DIR, here)
  })

  after(async () => {
    removeSnippets(DIR)
    await emulator.close()
  })

  it('has as many snippets as this spec has patterns', () => {
    expect(snippets).to.have.length(PRINTED.length)
  })

  it('has snippets that compile under strict settings', () => {
    expect(compilerOutput(DIR, files)).to.equal('')
  })

  PRINTED.forEach((pattern, i) => {
    it(`has a snippet ${i + 1} that prints the expected output`, async () => {
      const { output, code } = await runSnippet(files[i] ?? '', pattern)
      expect(output).to.match(pattern)
      if (pattern.source === QUIET.source) expect(code).to.equal(0)
    })
  })
})
