import { expect } from 'chai'
import { capture, type Capture } from './capture.ts'
import { Replay } from './replay.ts'
import { stages } from './stages.ts'
import { stateIn } from './timeline.ts'

// Compares how the state of a job changes over time: in the replies of the emulator (`here`) and in the recording
// (`there`).

type Line = readonly { readonly state: string; readonly atMs: number }[]

interface Lines {
  readonly here: Line
  readonly there: Line
}

/** All requests of a recording, including repeated ones, in the order of time. */
const polls = (recorded: Capture) =>
  recorded.exchanges
    .flatMap((exchange) => [exchange.t_ms, ...(exchange.repeated_at_ms ?? [])].map((atMs) => ({ exchange, atMs })))
    .sort((a, b) => a.atMs - b.atMs)

/** Whether the query has an id. Replies to other queries contain earlier jobs. */
const isOfOneJob = (body: string = ''): boolean => /"id": ?"[^"]+"/i.test(body)

/** By query of a recording: how its replies change over time, `here` in the emulator and `there` in the recording. */
const linesOf = (name: string): ReadonlyMap<string, Lines> => {
  const recorded = capture(name)
  const replay = new Replay(recorded, stages[name] ?? {})
  const lines = new Map<string, Lines>()
  const add = (line: Line, state: string | undefined, atMs: number): Line =>
    state === undefined || line.at(-1)?.state === state ? line : [...line, { state, atMs }]
  for (const { exchange, atMs } of polls(recorded)) {
    const reply = replay.play(exchange, atMs)
    const what = /what=(status|status_all|qryxstats|running_all)$/.exec(exchange.query ?? '')?.[1]
    if (what === undefined || (what === 'qryxstats' && !isOfOneJob(exchange.request_body))) continue
    const query = `${what} ${exchange.request_body ?? ''}`
    const { here, there } = lines.get(query) ?? { here: [], there: [] }
    const dead = exchange.error !== undefined && replay.isDead(exchange)
    lines.set(query, {
      here: add(here, dead ? 'refused' : stateIn(what, reply.status, reply.body), atMs),
      there: add(there, stateIn(what, exchange.status, exchange.response_body), atMs),
    })
  }
  return lines
}

/** Maximum difference in time of the same change. Polls are 0.2 s to 6 s apart, and the paces of jobs differ. */
const TOLERANCE_MS: Readonly<Record<string, number>> = {
  'timeline-copy-bck': 1_500,
  'timeline-rebalance': 3_000,
  'timeline-archive-idle': 500,
  'timeline-put-copies-idle': 1_000,
  'timeline-list-idle': 500,
  'prefetch-start-generic': 500,
  'abort-archive-mid-run': 100,
  'abort-by-id-only': 500,
  'abort-copy-bck-mid-run': 500,
  'abort-rebalance': 500,
  'abort-has-no-effect-while-quiescing': 100,
  'rebalance-aborts-copy-bck': 200,
  'fault-target-killed-mid-job': 100,
  'fault-all-targets-killed-mid-job': 100,
  'fault-proxy-not-ready': 100,
  'fault-proxy-restarted-mid-job': 100,
  'status-ages-out': 100,
  'lru-started-twice': 500,
  'ec-encode': 500,
  'download-timeline': 1_100,
  'sdk-wait-for-idle': 1_100,
  'sdk-archive-wait-idle': 1_100,
  'make-n-copies-back-to-1': 500,
  'sdk-rebalance-start-wait': 4_000,
}

describe('emulator replay, changes of a job over time', () => {
  for (const [name, toleranceMs] of Object.entries(TOLERANCE_MS)) {
    describe(name, () => {
      for (const [query, { here, there }] of linesOf(name)) {
        it(`should match the recording within ${toleranceMs} ms: ${query.slice(0, 160)}`, () => {
          expect(here.map(({ state }) => state)).to.deep.equal(there.map(({ state }) => state))
          here.forEach(({ atMs }, i) => expect(atMs).to.be.closeTo(there[i]?.atMs ?? 0, toleranceMs))
        })
      }
    })
  }
})
