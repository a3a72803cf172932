import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { createCluster } from '../../lib/emulator/cluster/create.ts'
import { defined } from '../../lib/common/defined.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import { readTar } from '../../lib/emulator/store/tar.ts'
import { comparable, mask } from './mask.ts'
import { launchStages, type LaunchStage } from './launch-stages.ts'
import type { Answer } from '../../lib/emulator/http/exchange.ts'
import type { Cluster } from '../../lib/emulator/cluster/state.ts'

// Sends the recorded launches to the emulator, and compares its replies with those of the real cluster. `launchStages`
// prepares the buckets that a recording needs.

/** One exchange of a recording of `captures/launch`. */
interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly request_body: string | null
  readonly status: number
  readonly response_content_type: string | null
  readonly response_headers: Readonly<Record<string, string>>
  readonly response_body: string | null
}

const folder = new URL('../fixtures/launch/', import.meta.url)

const exchangesOf = (name: string): readonly Exchange[] =>
  (JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as { readonly exchanges: readonly Exchange[] })
    .exchanges

/** Headers that depend on the transport, not on the reply. */
const OF_TRANSPORT: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Masks what differs between two clusters, beside what all recordings mask. */
const masked = (text: string): string =>
  mask(text.replace(/\b([A-Za-z]{3}[pt])\d(\d{4})\b/g, '$1$2'))
    .replace(/p-?\[NODE\]/g, 'p[NODE]')
    .replace(/\[(?:tco-|gbt-)[\w-]+\]/g, '[ID]')
    .replace(/dm-open-tco-[\w-]+/g, 'dm-open-ID')
    .replace(/-\d\d:\d\d:\d\d\.\d+-/g, '-TIME-')
    .replace(/\(0x[0-9a-f]+\)/g, '(0xN)')
    .replace(/\/moss\/([^/?]+)\/gbt-[\w-]+\/[A-Za-z]{3}p\d+-\w+\/3/g, '/moss/$1/gbt-ID/XID/3')
    .replace(/boundary=[\w-]+/g, 'boundary=MARK')
    .replace(/"uuid":"[^"]*"/g, '"uuid":"ID"')
    .replace(/^\d{19}$/, 'NANOSECONDS')
    .replace(/mp\[[^,\]]+/g, 'mp[PATH')
    .replace(/^\[\/[^\]]*\]$/, '[PATH]')
    .replace(/"atime":"[^"]*"/g, '"atime":"TIME"')
    .replace(/t\[NODE\]: (?=x-)/g, 't[NODE]: ')

/** The form of a body in which two clusters are alike. */
const bodyOf = (text: string, listsJobs: boolean): string =>
  masked(comparable(text.replace(/\b([A-Za-z]{3}[pt])\d(\d{4})\b/g, '$1$2'), listsJobs))

/** The metadata and the files of a batch that is not streamed. */
const partsOf = (body: string): object => {
  const [, metadata = '', archive = ''] = body.split(/\r\n\r\n/)
  const tar = body.slice(body.indexOf(archive))
  const { out } = JSON.parse(metadata.slice(0, metadata.indexOf('\n'))) as { readonly out: readonly object[] }
  return { out: out.map((entry) => ({ ...entry, provider: 'ais' })), files: filesOf(tar) }
}

const filesOf = (tar: string): readonly (readonly [string, string])[] =>
  readTar(Buffer.from(tar, 'latin1')).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])

/** Sends the requests of a recording to an emulated cluster. */
class Replay {
  private readonly cluster: Cluster
  private readonly ids = new Map<string, string>()
  private readonly stage: LaunchStage
  private nowMs = 3_600_000
  /** The address of the last redirect. */
  private location = ''

  constructor(stage: LaunchStage) {
    this.stage = stage
    const { promotedFiles } = stage
    this.cluster = createCluster({ proxies: 5, targets: 3, ...defined({ promotedFiles }) })
    stage.before?.(this.cluster)
  }

  play(exchange: Exchange, index: number): Answer {
    this.nowMs += this.stage.waitMs?.[index] ?? 10
    const { method } = exchange
    const isRedirected = exchange.path.startsWith('http:')
    const to = isRedirected ? new URL(this.location) : undefined
    const path = to?.pathname ?? exchange.path
    const query = to ? to.search.slice(1) : exchange.query
    const target = this.cluster.targets.find(({ url }) => url === to?.origin)
    const body = [...this.ids].reduce(
      (text, [there, here]) => text.replaceAll(there, here),
      exchange.request_body ?? '',
    )
    const node = target?.id ?? this.cluster.proxies[0]?.id ?? ''
    const request = { node, method, path, query, headers: {}, body, remote: '127.0.0.1:5' }
    const reply = answer(this.cluster, request, this.nowMs)
    this.location = reply.headers['location'] ?? ''
    if (/^[\w-]{9,12}$/.test(exchange.response_body ?? '')) this.ids.set(exchange.response_body ?? '', reply.body)
    return reply
  }
}

const textOf = (reply: Answer): string => (reply.bytes ? Buffer.from(reply.bytes).toString('latin1') : reply.body)

/** Whether the reply lists jobs, which depend on what happened in the cluster before. */
const listsJobs = ({ query, status }: Exchange): boolean => status === 200 && query.includes('what=qryxstats')

describe('replay of the recorded launches', () => {
  it('has a stage for each recording except those of downloads', () => {
    const recorded = readdirSync(folder).map((name) => name.replace(/\.json$/, ''))
    expect(Object.keys(launchStages).sort()).to.deep.equal(
      recorded.filter((name) => !name.startsWith('download')).sort(),
    )
  })

  for (const [name, stage] of Object.entries(launchStages)) {
    describe(name, () => {
      const replay = new Replay(stage)
      exchangesOf(name).forEach((exchange, index) => {
        const { method, path, query, request_body: sent } = exchange
        it(`replies to exchange ${index} as recorded: ${method} ${path}?${query} ${(sent ?? '').slice(0, 100)}`, () => {
          const reply = replay.play(exchange, index)
          expect(reply.status).to.equal(exchange.status)
          if (stage.onlyStatus?.[index] !== undefined) return
          expect(masked(reply.headers['content-type'] ?? '')).to.equal(masked(exchange.response_content_type ?? ''))
          for (const [key, value] of Object.entries(exchange.response_headers)) {
            if (!OF_TRANSPORT.has(key)) expect(masked(reply.headers[key] ?? `no ${key}`)).to.equal(masked(value))
          }
          const [here, there] = [textOf(reply), exchange.response_body ?? '']
          if (there.startsWith('--')) expect(partsOf(here)).to.deep.equal(partsOf(there))
          else if (exchange.response_content_type === 'application/x-tar') {
            expect(filesOf(here)).to.deep.equal(filesOf(there))
          } else expect(bodyOf(here, listsJobs(exchange))).to.equal(bodyOf(there, listsJobs(exchange)))
        })
      })
    })
  }
})
