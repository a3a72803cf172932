import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Violation } from '../../fuzz/violation.ts'

// `npm run fuzz` runs the properties again and again with fresh seeds. `samples/breaks.ts` has a property that does
// not hold.

const BREAKS = 'spec/fuzz/samples/breaks.ts'
const HOLDS = 'spec/fuzz/samples/holds.ts'

interface Ran {
  readonly folder: string
  readonly status: number
  readonly stdout: string
}

describe('the fuzzer of the properties', () => {
  const folders: string[] = []
  let breaking: Promise<Ran> | undefined
  let holding: Promise<Ran> | undefined
  let timed: Promise<Ran> | undefined

  /** Runs the fuzzer, with a folder of its own for violations. */
  function fuzz(args: readonly string[]): Promise<Ran> {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
    folders.push(folder)
    const node = ['--import', 'tsx', '--conditions=aistore-rx-source', 'spec/fuzz/cli.ts', '--folder', folder]
    return new Promise((resolve) => {
      execFile(process.execPath, [...node, ...args], { timeout: 30_000 }, (error, stdout) =>
        resolve({ folder, stdout, status: error === null ? 0 : Number(error.code) }),
      )
    })
  }
  const keptIn = (folder: string): readonly Violation[] =>
    readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Violation)

  // A run mostly waits for the start of its processes, so all runs start at the same time.
  before(() => {
    breaking = fuzz(['--spec', BREAKS, '--seconds', '60', '--seed', '1'])
    holding = fuzz(['--spec', HOLDS, '--rounds', '3', '--seed', '5'])
    timed = fuzz(['--spec', HOLDS, '--seconds', '1'])
  })
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

  it('stops at the first violation, prints and stores it, and reproduces it', async () => {
    const { folder, status, stdout } = (await breaking)!
    const kept = keptIn(folder)
    const [violation, ...others] = kept
    const { seed, ...rest } = violation!

    expect(status).to.equal(1)
    expect(others).to.deep.equal([])
    expect(rest).to.deep.include({ spec: BREAKS, title: 'a sample breaks in one case of a hundred' })
    expect(rest).to.include.keys('path', 'counterexample')
    expect(rest.message).to.match(/the remainder: expected 7 to not equal 7/)
    expect(rest.again).to.equal(`npm run fuzz -- --seed=${seed} --spec ${BREAKS}`)
    for (const text of [`seed ${seed}`, rest.path!, rest.message, rest.again]) expect(stdout).to.include(text)

    const again = await fuzz(['--spec', BREAKS, `--seed=${seed}`])
    expect(again.status).to.equal(1)
    expect(keptIn(again.folder)).to.deep.equal(kept)
  })

  it('gives each round the next seed, and reports no violation if a spec does not reach a rare case', async () => {
    const { folder, status, stdout } = (await holding)!
    expect(status).to.equal(0)
    expect(stdout).to.match(/^properties: 1 specs, 3 full rounds, seeds 5 to 7, 750 cases; .* 3 times$/m)
    expect(keptIn(folder)).to.deep.equal([])
  })

  it('stops when the time is up', async () => {
    expect((await timed)?.status).to.equal(0)
  })
})
