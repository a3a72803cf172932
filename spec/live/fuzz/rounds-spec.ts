import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Violation } from '../../fuzz/violation.ts'

const BREAKS = 'spec/fuzz/samples/breaks.ts'
const HOLDS = 'spec/fuzz/samples/holds.ts'

describe('the fuzzer of the properties', () => {
  let folder: string

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fuzz-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  function fuzz(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
    const node = ['--import', 'tsx', '--conditions=aistore-rx-source', 'spec/fuzz/cli.ts', '--folder', folder]
    return spawnSync(process.execPath, [...node, ...args], { encoding: 'utf8', timeout: 15_000 })
  }
  const kept = (): readonly Violation[] =>
    readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Violation)

  it('stops at the first violation, prints and stores it, and reproduces it', () => {
    const { status, stdout } = fuzz('--spec', BREAKS, '--seconds', '60', '--seed', '1')
    const [violation, ...others] = kept()
    const { seed, ...rest } = violation!

    expect(status).to.equal(1)
    expect(others).to.deep.equal([])
    expect(rest).to.deep.include({ spec: BREAKS, title: 'a sample breaks in one case of a hundred' })
    expect(rest).to.include.keys('path', 'counterexample')
    expect(rest.message).to.match(/the remainder: expected 7 to not equal 7/)
    expect(rest.again).to.equal(`npm run fuzz -- --seed=${seed} --spec ${BREAKS}`)
    for (const text of [`seed ${seed}`, rest.path!, rest.message, rest.again]) expect(stdout).to.include(text)

    rmSync(join(folder, readdirSync(folder)[0]!))
    expect(fuzz('--spec', BREAKS, `--seed=${seed}`).status).to.equal(1)
    expect(kept()).to.deep.equal([violation])
  })

  it('gives each round the next seed, and reports no violation if a spec does not reach a rare case', () => {
    const { status, stdout } = fuzz('--spec', HOLDS, '--rounds', '3', '--seed', '5')

    expect(status).to.equal(0)
    expect(stdout).to.match(/^properties: 1 specs, 3 full rounds, seeds 5 to 7, 750 cases; .* 3 times$/m)
    expect(kept()).to.deep.equal([])
  })

  it('stops when the time is up', () => {
    expect(fuzz('--spec', HOLDS, '--seconds', '1').status).to.equal(0)
  })
})
