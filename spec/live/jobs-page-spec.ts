import { createCluster, isRight, start } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { firstValueFrom } from 'rxjs'
import { compilerOutput, removeSnippets, runSnippet, snippetsOf, writeSnippets } from './helpers/snippets.ts'

const DIR = 'spec/.snippets/jobs-page'
const snippets = snippetsOf('docs/jobs.md')

/** What each snippet must print, in the order of the page. */
const PRINTED: readonly RegExp[] = [
  /^copy-bck finished/,
  /outcome: 'finished'/,
  /id: '\w+',\s+kind: 'copy-bck'/,
  /type: 'launched'[\s\S]*type: 'ended'[\s\S]*outcome: 'finished'/,
  /(?:kind: 'make-n-copies',\s+outcome: 'finished'[\s\S]*){3}/,
]

describe('docs/jobs.md', () => {
  let emulator: Emulator
  let files: readonly string[]

  before(async () => {
    emulator = await startEmulator()
    for (const name of ['photos', 'videos', 'texts']) emulator.seedBucket(name, { objects: 30, objectSize: 1024 })
    const started = await firstValueFrom(start(createCluster(emulator.endpoint), { kind: 'lru' }))
    const id = isRight(started) ? (started.right.id ?? '') : ''
    files = writeSnippets(
      DIR,
      snippets.map((code) => code.replaceAll('V7Bc1dasbT', id).replaceAll('http://localhost:8080', emulator.endpoint)),
    )
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
      const { output } = await runSnippet(files[i] ?? '', pattern)
      expect(output).to.match(pattern)
    })
  })
})
