import { startNode } from '../child.ts'
import type { Order } from '../emulator-process.ts'
import { alone, compared, type Row } from '../figures.ts'
import type { DecodeCosts, DecodeOrder } from '../programs/decode.ts'

const TARGETS = 4
const JOBS = 250
const TIMES = 100

/** Decoding a large reply, from its text to the values. */
export const decode = async (): Promise<Row> => {
  const emulator = await startNode('emulator-process.ts', [String(TARGETS)])
  const { endpoint } = await emulator.hear<{ endpoint: string }>()
  const reader = await startNode('programs/decode.ts')
  try {
    await reader.hear()
    await emulator.ask({ do: 'run', jobs: JOBS, changing: 0 } satisfies Order)
    const order: DecodeOrder = { endpoint, repetitions: 5, times: TIMES }
    const { ours, theirs, snapshots, bytes } = await reader.ask<DecodeCosts>(order)
    const each = (costs: DecodeCosts['ours']): readonly number[] => costs.map(({ elapsedMs }) => elapsedMs / TIMES)
    return {
      title: 'decode of a 1,000-snapshot reply, parse included',
      against: 'JSON.parse',
      figures: [
        compared('time per reply', 'ms', each(ours), each(theirs), 3),
        alone('snapshots', '', [snapshots]),
        alone('text', 'KB', [bytes / 1024]),
      ],
    }
  } finally {
    await Promise.all([reader.close(), emulator.close()])
  }
}
