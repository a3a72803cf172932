import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readAssets, type Assets } from '../../../lib/dashboard/assets.ts'

/** Bundles the page of the sources, as the build does. */
export async function builtPage(): Promise<Assets> {
  const { buildPage } = (await import(new URL('../../../scripts/page.mjs', import.meta.url).href)) as {
    readonly buildPage: (folder: string) => Promise<void>
  }
  const folder = mkdtempSync(join(tmpdir(), 'aistore-rx-page-'))
  try {
    await buildPage(folder)
    return readAssets(pathToFileURL(`${folder}/`))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
