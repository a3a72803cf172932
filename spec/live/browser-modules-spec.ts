import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'

// Runs the specs of streams once more, in another Mocha that resolves `#platform/*` to the files in `lib/browser/`.

/** Specs of streams that need neither another proxy than the given one nor a redirect. */
const SPECS = [
  ...['budget', 'crowd', 'crowd-equals-alone', 'lost', 'other-waits'].map((name) => `wait/${name}`),
  'events',
  'jobs',
  'progress',
  'watch',
]

describe('the modules for browsers', function () {
  this.timeout(300_000)

  it('pass the specs of waits and streams', async () => {
    const files = SPECS.map((name) => `spec/stream/${name}-spec.ts`)
    const options = ['--no-config', '--require', 'spec/setup.ts', '--timeout', '60000', '--reporter', 'dot']
    const mocha = ['node_modules/mocha/bin/mocha.js', ...options, ...files]
    const conditions = ['aistore-rx-source', 'browser'].map((name) => `--conditions=${name}`)
    const child = spawn(process.execPath, ['--import', 'tsx', ...conditions, ...mocha], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(child.exitCode, printed).to.equal(0)
    expect(printed).to.match(/[1-9]\d{2} passing/)
  })
})
