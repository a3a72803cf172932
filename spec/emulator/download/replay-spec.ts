import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { createCluster } from '../../../lib/emulator/cluster/create.ts'
import { answer } from '../../../lib/emulator/http/answer.ts'
import type { Answer } from '../../../lib/emulator/http/exchange.ts'
import { launchStages } from '../launch-stages.ts'
import { comparable, mask } from '../mask.ts'

// Sends the recorded requests of the download API to the emulator, and compares its replies with those of the real
// cluster. `mask` removes what differs between any two clusters: ids, addresses, times.

interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly request_body: string
  readonly status: number
  readonly response_content_type: string
  readonly response_headers: Readonly<Record<string, string>>
  readonly response_body: string
}

/** The recorded requests and replies of a capture. */
const exchangesOf = (name: string): readonly Exchange[] => {
  const file = new URL(`../../fixtures/captures/launch/${name}.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }).exchanges
}

/** Recorded proxy ids end with a port of five digits. The masks of {@link mask} know only ports of four digits. */
const withShortIds = (text: string): string => text.replace(/\b([A-Za-z]{3}p)\d{5}\b/g, '$18080')

/** Headers that this spec does not compare: the length of a body with ids of another length differs. */
const OF_TRANSPORT: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** When the emulated download starts. */
const START_MS = 3_600_000
/** How long after the start the recorded client sent its queries: the first one at once, all others when all had ended. */
const [FIRST_QUERY_MS, LATER_QUERY_MS] = [5, 2_405]

/** Plays a recording at a proxy outside of the Information Center, as it was recorded. */
class Player {
  readonly cluster = createCluster({ proxies: 5, targets: 3 })
  /** The id in the emulator for each id in the recording. */
  private readonly ids = new Map<string, string>()
  private readonly outsider = this.cluster.proxies[4]?.id ?? ''
  private isFirstQuery = true
  private now = START_MS

  play({ method, path, query, request_body: body, response_body: recorded }: Exchange): Answer {
    const redirected = path.startsWith('http://')
    if (method === 'GET' && !redirected) {
      this.now = START_MS + (this.isFirstQuery ? FIRST_QUERY_MS : LATER_QUERY_MS)
      this.isFirstQuery = false
    }
    let sentBody = body
    for (const [recordedId, id] of this.ids) sentBody = sentBody.replaceAll(recordedId, id)
    const node = redirected ? this.cluster.primary : this.outsider
    const reply = answer(
      this.cluster,
      {
        node,
        method,
        path: path.replace(/^http:\/\/[^/]*/, ''),
        query,
        body: sentBody,
        headers: {},
        remote: '127.0.0.1:5',
      },
      this.now,
    )
    const [recordedId, id] = [recorded, reply.body].map((text) => /"id":"([^"]+)"/.exec(text)?.[1])
    if (method === 'POST' && recordedId !== undefined && id !== undefined) this.ids.set(recordedId, id)
    return reply
  }
}

const NAMES = ['download-single', 'download-multi', 'download-range']

describe('emulator, the download API as recorded', () => {
  it('replays each recorded launch that has no stage in launchStages', () => {
    const folder = new URL('../../fixtures/captures/launch', import.meta.url)
    const all = readdirSync(folder).map((name) => name.replace(/\.json$/, ''))
    expect(all.filter((name) => !(name in launchStages)).sort()).to.deep.equal([...NAMES].sort())
  })

  for (const name of NAMES) {
    const player = new Player()
    for (const [nth, exchange] of exchangesOf(name).entries())
      it(`${name}: agrees with exchange ${nth}, ${exchange.method} ${exchange.path.replace(/^http:\/\/[^/]*/, '')}`, () => {
        const reply = player.play(exchange)
        expect(reply.status).to.equal(exchange.status)
        expect(reply.headers['content-type']).to.equal(exchange.response_content_type)
        for (const [header, value] of Object.entries(exchange.response_headers))
          if (!OF_TRANSPORT.has(header)) expect(mask(reply.headers[header] ?? '')).to.equal(mask(withShortIds(value)))
        expect(comparable(reply.body, false)).to.equal(comparable(withShortIds(exchange.response_body), false))
      })
  }
})
