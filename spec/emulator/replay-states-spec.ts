import { expect } from 'chai'
import { capture, type Capture } from './capture.ts'
import { Replay } from './replay.ts'
import { stages } from './stages.ts'

const ZERO = '0001-01-01T00:00:00Z'

interface Snap {
  readonly id: string
  readonly aborted: boolean
  readonly is_idle: boolean
  readonly 'end-time': string
}

/** What a snapshot says of its job, in one word. */
const stateOf = ({ aborted, is_idle: idle, 'end-time': end }: Snap): string =>
  `${aborted ? 'aborted' : idle && end === ZERO ? 'idle' : 'active'}${end === ZERO ? '' : ', ended'}`

/** The states that the targets' snapshots go through, each change once, in the order they are seen by polling. */
const statesSeen = (bodies: readonly string[]): readonly string[] => {
  const seen: string[] = []
  for (const body of bodies) {
    const snapshots = Object.values(JSON.parse(body) as Record<string, readonly Snap[]>).flat()
    const all = [...new Set(snapshots.map(stateOf))]
    // While targets differ, one of them is ahead: what counts is what they all come to.
    if (all.length === 1 && all[0] !== undefined && seen.at(-1) !== all[0]) seen.push(all[0])
  }
  return seen
}

const isPoll = (query: string, body: string): boolean => query === 'what=qryxstats' && /"id": ?"[^"]+"/i.test(body)

/** All polls of a recording, with those it repeats, in the order of time. */
const polls = (recorded: Capture) =>
  recorded.exchanges
    .flatMap((exchange) => [exchange.t_ms, ...(exchange.repeated_at_ms ?? [])].map((atMs) => ({ exchange, atMs })))
    .sort((a, b) => a.atMs - b.atMs)

describe('emulator replay, the states of a job', () => {
  const names = [
    'timeline-copy-bck',
    'timeline-rebalance',
    'timeline-put-copies-idle',
    'timeline-archive-idle',
    'abort-rebalance',
    'sdk-archive-wait-idle',
    'make-n-copies-back-to-1',
  ]
  for (const name of names) {
    it(`should follow one another as in ${name}`, () => {
      const recorded = capture(name)
      const replay = new Replay(recorded, stages[name] ?? {})
      const here: string[] = []
      const there: string[] = []
      for (const { exchange, atMs } of polls(recorded)) {
        const reply = replay.play(exchange, atMs)
        if (!isPoll(exchange.query ?? '', exchange.request_body ?? '') || reply.status !== 200) continue
        here.push(reply.body)
        there.push(exchange.response_body ?? '{}')
      }
      expect(statesSeen(here)).to.deep.equal(statesSeen(there))
    })
  }

  it('should end idle kinds when they did, give or take a second', () => {
    const recorded = capture('timeline-put-copies-idle')
    const replay = new Replay(recorded, stages['timeline-put-copies-idle'] ?? {})
    const changed = { here: [] as number[], there: [] as number[] }
    const last = { here: '', there: '' }
    for (const { exchange, atMs } of polls(recorded)) {
      const reply = replay.play(exchange, atMs)
      if (!isPoll(exchange.query ?? '', exchange.request_body ?? '')) continue
      for (const [side, body] of [['here', reply.body] as const, ['there', exchange.response_body ?? ''] as const]) {
        const state = statesSeen([body])[0]
        if (state !== undefined && state !== last[side]) changed[side].push(atMs)
        last[side] = state ?? last[side]
      }
    }
    expect(changed.here).to.have.length(changed.there.length)
    changed.here.forEach((atMs, i) => expect(atMs).to.be.closeTo(changed.there[i] ?? 0, 1_000))
  })
})
