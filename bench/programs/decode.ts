// Decodes a reply of a thousand snapshots, with the library and with JSON.parse.
import { fetchTransport } from 'aistore-rx'
import { firstValueFrom } from 'rxjs'
import { decode } from '../../lib/codec/decode.ts'
import { Snapshots } from '../../lib/codec/snapshots.ts'
import { costOf, type Cost } from './cost.ts'
import { listen, say } from './lines.ts'

export interface DecodeOrder {
  readonly endpoint: string
  /** How many times each of the two is measured. */
  readonly repetitions: number
  /** How many replies one measurement decodes. */
  readonly times: number
}

/** The cost of each measurement. */
export interface DecodeCosts {
  /** The decoder of the library, which includes its parser. */
  readonly ours: readonly Cost[]
  /** `JSON.parse` alone. */
  readonly theirs: readonly Cost[]
  /** How many snapshots the reply has. */
  readonly snapshots: number
  readonly bytes: number
}

/** The reply with the snapshots of all jobs. */
const snapshotsText = async (endpoint: string): Promise<string> => {
  const url = `${endpoint}/v1/cluster?what=qryxstats`
  const request = { method: 'GET', url, headers: {}, body: '{}', maxReplyBytes: 2 ** 26 }
  return (await firstValueFrom(fetchTransport()(request))).body
}

const costOfMany = (times: number, work: () => unknown): Promise<Cost> =>
  costOf(() => {
    for (let i = 0; i < times; i++) work()
  })

const measureDecode = async ({ endpoint, repetitions, times }: DecodeOrder): Promise<void> => {
  const text = await snapshotsText(endpoint)
  const decoded = decode(Snapshots, text)
  if (decoded._tag === 'Left') throw new Error(decoded.left.problems.join('\n'))
  const work = { ours: () => decode(Snapshots, text), theirs: (): unknown => JSON.parse(text) }
  const costs = { ours: [] as Cost[], theirs: [] as Cost[] }
  for (let i = 0; i <= repetitions; i++) {
    const [ours, theirs] = [await costOfMany(times, work.ours), await costOfMany(times, work.theirs)]
    // The first measurement includes the compilation.
    if (i === 0) continue
    costs.ours.push(ours)
    costs.theirs.push(theirs)
  }
  const snapshots = Object.values(decoded.right).flat().length
  say({ ...costs, snapshots, bytes: text.length } satisfies DecodeCosts)
}

listen((order: DecodeOrder) => void measureDecode(order))
say({ ready: true })
