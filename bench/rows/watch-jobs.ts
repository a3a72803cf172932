import { startNode } from '../child.ts'
import type { Order } from '../emulator-process.ts'
import { alone, compared, type Row } from '../figures.ts'
import type { WatchReport, WatchOrder } from '../programs/watch-jobs.ts'

const JOBS = 500
const TARGETS = 16
const TICKS = 12

/** The whole cluster, watched with one poll. */
export const watchJobs = async (): Promise<Row> => {
  const row = {
    title: 'watchJobs of 500 jobs on 16 targets, 1 % of them changing per tick',
    against: 'JSON.parse of the same replies',
    note: 'replies of the emulator, recorded and replayed from memory: only the decoding is measured',
  }
  const emulator = await startNode('emulator-process.ts', [String(TARGETS)])
  const { endpoint } = await emulator.hear<{ endpoint: string }>()
  const client = await startNode('programs/watch-jobs.ts')
  try {
    await client.hear()
    await emulator.ask({ do: 'run', jobs: JOBS, changing: JOBS / 100 } satisfies Order)
    const { results } = await client.ask<{ results: readonly WatchReport[] }>({
      endpoint,
      ticks: TICKS,
    } satisfies WatchOrder)
    if (results.length === 0) return { ...row, figures: [], missing: 'the library has no watchJobs yet' }
    const of = (name: keyof WatchReport): readonly number[] => results.map((one) => one[name])
    return {
      ...row,
      figures: [
        compared('CPU', 'ms', of('cpuMs'), of('parseMs'), 3),
        alone('replies read', '', of('replies')),
        alone('text read', 'MB', of('megabytes')),
      ],
    }
  } finally {
    await Promise.all([client.close(), emulator.close()])
  }
}
