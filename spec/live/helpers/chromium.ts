import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The path of Chromium; throws if there is none. */
export function findChromium(): string {
  const path = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim()
  if (path === '') throw new Error('This spec needs chromium on the PATH: apt-get install -y chromium')
  return path
}

/** Bundles a program that imports the library's source from `./lib`, as a script for a page. */
export async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../../..', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    conditions: ['aistore-rx-source'],
  })
  return outputFiles[0]?.text ?? ''
}
