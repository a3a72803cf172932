import { expect } from 'chai'
import { capture, type Exchange } from './capture.ts'
import { comparable, mask } from './mask.ts'
import { Replay } from './replay.ts'
import { notServed, recordings } from './not-served.ts'
import { stages } from './stages.ts'

// Sends the recorded requests of each scenario to the emulator, and compares its replies with those of the real
// cluster. `stages` sets up the cluster of a scenario; `notServed` names the exchanges in which the two differ, and
// why.

const titleOf = ({ seq, method, path, query = '', request_body: body = '' }: Exchange): string =>
  `should reply to exchange ${seq} as recorded: ${method} ${path}${query && `?${query}`} ${body.slice(0, 120)}`

/** Whether the reply lists jobs, which depend on what happened in the cluster before. */
const listsJobs = ({ query = '', status }: Exchange): boolean =>
  status === 200 && /what=(status_all|qryxstats|running_all)/.test(query)

/** How long the server delayed the reply: 2 s for a retry, 5 s for a failed call. Shorter times are noise. */
const blockedMs = ({ dur_ms: took }: Exchange): number => (took > 1_900 ? took : 0)

describe('emulator replay', () => {
  it('should have a stage for each recording, and no others', () => {
    expect(Object.keys(stages).sort()).to.deep.equal([...recordings].sort())
    for (const [name, exchanges] of Object.entries(notServed)) {
      const recorded = new Set(capture(name).exchanges.map(({ seq }) => String(seq)))
      expect(Object.keys(exchanges).filter((seq) => !recorded.has(seq))).to.deep.equal([])
    }
  })

  for (const [name, stage] of Object.entries(stages)) {
    const recorded = capture(name)
    describe(name, () => {
      const replay = new Replay(recorded, stage)
      for (const exchange of recorded.exchanges) {
        if (notServed[name]?.[exchange.seq] !== undefined) continue
        it(titleOf(exchange), () => {
          const reply = replay.play(exchange)
          if (exchange.error !== undefined) {
            // The port of the dead node was closed, and this spec opens no ports.
            expect(replay.isDead(exchange)).to.equal(true)
            return
          }
          const {
            status,
            response_content_type: type,
            response_headers: headers = {},
            response_body: body = '',
          } = exchange
          expect(reply.status).to.equal(status)
          expect(reply.headers['content-type'] ?? null).to.equal(type ?? null)
          for (const [key, value] of Object.entries(headers))
            expect(mask(reply.headers[key] ?? '')).to.equal(mask(value))
          expect(reply.delayMs).to.be.closeTo(blockedMs(exchange), 250)
          // The id in a packed listing has 9 or 10 characters.
          expect(reply.bytes?.length ?? 0).to.be.closeTo(exchange.response_body_binary_bytes ?? 0, 1)
          if (stage.onlyStatus?.[exchange.seq] !== undefined) return
          expect(comparable(reply.body, listsJobs(exchange))).to.equal(comparable(body, listsJobs(exchange)))
        })
      }
    })
  }
})
