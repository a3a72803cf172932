import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const SCRIPT = fileURLToPath(new URL('../../scripts/mutants.mjs', import.meta.url))

describe('the mutants', () => {
  it('can all be made: each finds the text that it replaces, once', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--check'], { encoding: 'utf8' })
    expect(stderr).to.equal('')
    expect(stdout).to.match(/^(\d+) of \1 mutants can be applied\n$/)
    expect(status).to.equal(0)
  })
})
