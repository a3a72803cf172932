import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

// A mutant replaces a text of `lib/` by a wrong one (`spec/simulation/mutants.mjs`). Here each mutant only has to find
// its text; `npm run mutants` checks that the specs detect it.

const SCRIPT = fileURLToPath(new URL('../../scripts/mutants.mjs', import.meta.url))

describe('the mutants', () => {
  it('all find the text that they replace exactly once', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--check'], { encoding: 'utf8' })
    expect(stderr).to.equal('')
    expect(stdout).to.match(/^(\d+) of \1 mutants can be applied\n$/)
    expect(status).to.equal(0)
  })
})
