import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { transformSync } from 'esbuild'

// The TypeScript snippets of a page as files that run, with the package in dist/, as its users have it.

/** The snippets of a page, in their order. */
export const snippetsOf = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => code)

/** Writes each snippet to a file of its own in a new folder, also as JavaScript; returns the files. */
export function writeSnippets(folder: string, snippets: readonly string[]): readonly string[] {
  removeSnippets(folder)
  mkdirSync(folder, { recursive: true })
  return snippets.map((code, n) => {
    const file = `${folder}/snippet-${n}.ts`
    writeFileSync(file, code)
    writeFileSync(scriptOf(file), transformSync(code, { loader: 'ts', target: 'node20' }).code)
    return file
  })
}

const scriptOf = (file: string): string => file.replace(/\.ts$/, '.js')

export const removeSnippets = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** The messages of the compiler under strict settings; empty if the snippets compile. */
export function compilerOutput(folder: string, files: readonly string[]): string {
  const compilerOptions = { isolatedDeclarations: false, declaration: false }
  const up = folder.split('/').map(() => '..')
  const config = { extends: `${up.join('/')}/tsconfig.json`, compilerOptions, include: [] }
  const names = files.map((file) => file.slice(folder.length + 1))
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ ...config, files: names }))
  const tsc = ['node_modules/@typescript/native/bin/tsc', '-p', folder]
  return spawnSync(process.execPath, tsc, { encoding: 'utf8' }).stdout
}

/** A pattern for snippets that must end without output or error. */
export const QUIET = /^$/

/** Runs a file until its output matches the pattern or it ends. */
export const runSnippet = (file: string, pattern: RegExp): Promise<{ output: string; code: number | null }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [scriptOf(file)])
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (pattern.source !== QUIET.source && pattern.test(output)) child.kill()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('close', (code) => resolve({ output, code }))
  })
