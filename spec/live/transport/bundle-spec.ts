import { expect } from 'chai'
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

// Bundles the default transport with esbuild, for Node and for browsers.

const PROGRAM = `
  import { createCluster, running } from './lib/index.ts'
  import { startEmulator } from './lib/emulator/index.ts'
  const emulator = await startEmulator()
  running(createCluster(emulator.endpoint)).subscribe((result) => {
    console.log(JSON.stringify(result))
    void emulator.close()
  })`

const bundled = async (platform: 'node' | 'browser', contents: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: resolve('.') },
    bundle: true,
    write: false,
    format: 'esm',
    platform,
    conditions: ['aistore-rx-source'],
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

describe('a bundle of the library', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('runs on Node as one ES module, without a warning and without cross-fetch', async () => {
    const text = await bundled('node', PROGRAM)
    expect(text).to.not.include('node-fetch')
    const file = join(folder, 'bundle.mjs')
    writeFileSync(file, text)
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 10_000 })
    expect(stdout.trim()).to.equal('{"_tag":"Right","right":[]}')
    expect(stderr).to.equal('')
    expect(status).to.equal(0)
  })

  it('contains no code for Node in a bundle for browsers', async () => {
    const text = await bundled('browser', "export * from './lib/index.ts'")
    expect(text).to.not.match(/(?:from|import|require)\W*["']node:|createSecureContext|keepAlive/)
    expect(text).to.not.include('XMLHttpRequest')
  })
})
