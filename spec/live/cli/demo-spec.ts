import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import sinon from 'sinon'
import { runDemo } from '../../../lib/cli/demo.ts'
import { runForeign } from '../../../lib/cli/foreign.ts'
import type { Screen } from '../../../lib/cli/screen.ts'

describe('the demo', () => {
  describe('refuses with exit code 2 and one line', () => {
    const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['to start anything without an endpoint', ['--start', 'load-lom-cache', '--bucket', 'b'], /--endpoint/],
      ['an unknown option', ['--nonsense'], /nonsense/],
      ['a warm-up without a bucket', ['--endpoint', 'http://127.0.0.1:1', '--start', 'load-lom-cache'], /--bucket/],
      ['a refresh that is not a number', ['--endpoint', 'http://127.0.0.1:1', '--refresh', 'often'], /--refresh/],
      ...['lru', 'cleanup-store', 'rebalance', 'resilver', 'lru-eviction', 'warm-up-metadata'].map(
        (kind) =>
          [
            `to start ${kind} on the user's cluster`,
            ['--endpoint', 'http://127.0.0.1:1', '--start', kind, '--bucket', 'b'],
            /only load-lom-cache/,
          ] as const,
      ),
    ]
    for (const [what, args, message] of refusals) {
      it(what, async () => {
        const stderr = sinon.stub(process.stderr, 'write').returns(true)
        try {
          expect(await runDemo(args)).to.equal(2)
          expect(stderr.args.flat().join(''))
            .to.match(message)
            .and.match(/^[^\n]+\n$/)
        } finally {
          stderr.restore()
        }
      })
    }
  })

  describe("on the user's cluster", () => {
    let emulator: Emulator
    const lines: string[] = []
    const screen: Screen = {
      live: false,
      columns: 100,
      draw: () => undefined,
      print: (...more) => void lines.push(...more),
    }

    beforeEach(async () => {
      lines.length = 0
      emulator = await startEmulator({ seed: 3 })
      emulator.seedBucket('b', { objects: 10 })
    })
    afterEach(() => emulator.close())

    it('starts the requested job once, and waits for it', async () => {
      expect(await runForeign(screen, emulator.endpoint, 100, { kind: 'load-lom-cache', bucket: 'b' })).to.equal(0)
      expect(lines.at(-1)).to.match(/^load-lom-cache\[.+\] finished$/)
      expect(emulator.requests.count(({ method }) => method !== 'GET')).to.equal(1)
    })

    it('prints why a start failed, and exits with 1', async () => {
      expect(await runForeign(screen, emulator.endpoint, 100, { kind: 'load-lom-cache', bucket: 'none' })).to.equal(1)
      expect(lines.at(-1)).to.match(/does not exist/)
    })

    it('watches until interrupted and changes nothing if no job is requested', async () => {
      const watching = runForeign(screen, emulator.endpoint, 100)
      while (lines.length < 2) await new Promise(setImmediate)
      process.emit('SIGINT')
      expect(await watching).to.equal(0)
      expect(lines[0]).to.match(/no job is running/)
      expect(emulator.requests.count(({ method }) => method !== 'GET')).to.equal(0)
    })

    it('shows a job while it runs, and then its outcome and counters', async () => {
      const watching = runForeign(screen, emulator.endpoint, 100)
      while (lines.length < 1) await new Promise(setImmediate)
      await fetch(`${emulator.endpoint}/v1/cluster`, {
        method: 'PUT',
        body: JSON.stringify({ action: 'start', value: { Kind: 'lru' } }),
      })
      while (!lines.some((line) => / finished /.test(line))) await new Promise(setImmediate)
      process.emit('SIGINT')
      expect(await watching).to.equal(0)
      const states = lines.flatMap((line) => /^lru +\S+ +(\w+)/.exec(line)?.[1] ?? [])
      expect([...new Set(states)]).to.deep.equal(['running', 'finished'])
      expect(lines.at(-1)).to.match(/ finished +[1-9]/)
    })

    it('reports a lasting error once, and does not claim that no job is running', async () => {
      emulator.faults.always({ type: 'status', status: 503 })
      const watching = runForeign(screen, emulator.endpoint, 100)
      while (emulator.requests.count() < 3) await new Promise(setImmediate)
      process.emit('SIGINT')
      await watching
      expect(lines).to.have.lengthOf(1)
      expect(lines[0]).to.match(/503.*retrying/)
    })

    it('ends at once on a permanent error', async () => {
      expect(await runForeign(screen, 'not an address', 100)).to.equal(1)
      expect(lines).to.have.lengthOf(1)
      expect(lines[0]).to.match(/^endpoint: got/)
    })
  })
})
