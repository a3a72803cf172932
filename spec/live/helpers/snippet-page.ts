import { createCluster, isRight, start } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { firstValueFrom } from 'rxjs'
import { compilerOutput, QUIET, removeSnippets, runSnippet, snippetsOf, writeSnippets } from './snippets.ts'

/** A page whose snippets are compiled and run against an emulator. */
interface SnippetPage {
  readonly page: string
  /** The folder for the snippets. */
  readonly dir: string
  /** Buckets for the snippets, with 30 objects each. */
  readonly buckets: readonly string[]
  /** What each snippet must print, in the order of the page. `^$` means that it must end without output or error. */
  readonly printed: readonly RegExp[]
}

/** Specs that compile and run the snippets of a page. */
export function itRunsItsSnippets({ page, dir, buckets, printed }: SnippetPage): void {
  const snippets = snippetsOf(page)
  let emulator: Emulator
  let files: readonly string[]

  before(async () => {
    emulator = await startEmulator()
    for (const name of buckets) emulator.seedBucket(name, { objects: 30, objectSize: 1024 })
    const started = await firstValueFrom(start(createCluster(emulator.endpoint), { kind: 'lru' }))
    const id = isRight(started) ? (started.right.id ?? '') : ''
    // Replace the cluster and the job of the page by those of the emulator. A marble test has its own cluster.
    const here = snippets.map((code) =>
      (code.includes('TestScheduler') ? code : code.replaceAll('V7Bc1dasbT', id)).replaceAll(
        'http://localhost:8080',
        emulator.endpoint,
      ),
    )
    files = writeSnippets(dir, here)
  })

  after(async () => {
    removeSnippets(dir)
    await emulator.close()
  })

  it('has as many snippets as this spec has patterns', () => {
    expect(snippets).to.have.length(printed.length)
  })

  it('has snippets that compile under strict settings', () => {
    expect(compilerOutput(dir, files)).to.equal('')
  })

  printed.forEach((pattern, i) => {
    it(`has a snippet ${i + 1} that prints the expected output`, async () => {
      const { output, code } = await runSnippet(files[i] ?? '', pattern)
      expect(output).to.match(pattern)
      if (pattern.source === QUIET.source) expect(code).to.equal(0)
    })
  })
}
