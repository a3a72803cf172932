import { startNode } from '../child.ts'
import { alone, compared, type Figure, type Row } from '../figures.ts'
import type { SubscribersReport, SubscribersOrder } from '../programs/subscribers.ts'

const REPETITIONS = 3
/** The total number of emitted values, for any number of subscribers. */
const VALUES = 2_000_000

const measured = async (order: SubscribersOrder): Promise<SubscribersReport> => {
  const child = await startNode('programs/subscribers.ts')
  try {
    await child.hear()
    return await child.ask(order)
  } finally {
    await child.close()
  }
}

const comparedWithOne = async (count: number): Promise<readonly Figure[]> => {
  const ticks = Math.min(10_000, VALUES / count)
  const one: SubscribersReport[] = []
  const many: SubscribersReport[] = []
  for (let i = 0; i < REPETITIONS; i++) {
    one.push(await measured({ count: 1, ticks }))
    many.push(await measured({ count, ticks }))
  }
  const extra = many.map(({ cpuMs }, i) => ((cpuMs - (one[i]?.cpuMs ?? NaN)) * 1000) / (count * ticks))
  const requests = (all: readonly SubscribersReport[]): readonly number[] => all.map((each) => each.requests)
  return [
    compared(`requests of ${count.toLocaleString('en')}`, '', requests(many), requests(one), 1),
    alone(`CPU per tick and subscriber of ${count.toLocaleString('en')}`, 'us', extra, 1),
  ]
}

/** Many subscribers to one job. */
export const subscribers = async (): Promise<Row> => {
  const figures: Figure[] = []
  for (const count of [100, 1_000, 10_000]) figures.push(...(await comparedWithOne(count)))
  return {
    title: '100 / 1,000 / 10,000 subscribers to one job',
    against: 'itself at 1',
    figures,
    note: 'in virtual time, over a transport that replies from memory: only the sharing is measured',
  }
}
