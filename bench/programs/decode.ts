// Decodes a reply of a thousand snapshots, with the library and with JSON.parse.
import { fetchTransport } from 'aistore-rx'
import { firstValueFrom } from 'rxjs'
import { decode } from '../../lib/codec/decode.ts'
import { Snapshots } from '../../lib/codec/snapshots.ts'
import { costOf, type Cost } from './cost.ts'
import { listen, say } from './lines.ts'

export interface Reading {
  readonly endpoint: string
  readonly repetitions: number
  readonly times: number
}

export interface Read {
  readonly ours: readonly Cost[]
  readonly theirs: readonly Cost[]
  readonly snapshots: number
  readonly bytes: number
}

const textOf = async (endpoint: string): Promise<string> => {
  const url = `${endpoint}/v1/cluster?what=qryxstats`
  const request = { method: 'GET', url, headers: {}, body: '{}', maxReplyBytes: 2 ** 26 }
  return (await firstValueFrom(fetchTransport()(request))).body
}

const again = (times: number, work: () => unknown): Promise<Cost> =>
  costOf(() => {
    for (let i = 0; i < times; i++) work()
  })

const read = async ({ endpoint, repetitions, times }: Reading): Promise<void> => {
  const text = await textOf(endpoint)
  const decoded = decode(Snapshots, text)
  if (decoded._tag === 'Left') throw new Error(decoded.left.problems.join('\n'))
  const work = { ours: () => decode(Snapshots, text), theirs: (): unknown => JSON.parse(text) }
  const costs = { ours: [] as Cost[], theirs: [] as Cost[] }
  for (let i = 0; i <= repetitions; i++) {
    const [ours, theirs] = [await again(times, work.ours), await again(times, work.theirs)]
    // The first run includes the compilation.
    if (i > 0) costs.ours.push(ours)
    if (i > 0) costs.theirs.push(theirs)
  }
  const snapshots = Object.values(decoded.right).flat().length
  say({ ...costs, snapshots, bytes: text.length } satisfies Read)
}

listen((order: Reading) => void read(order))
say({ ready: true })
