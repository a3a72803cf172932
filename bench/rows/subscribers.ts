import { startNode } from '../child.ts'
import { alone, compared, type Figure, type Row } from '../figures.ts'
import type { Subscribed, Subscribers } from '../programs/subscribers.ts'

const REPETITIONS = 3
/** How many values there are in all, however many subscribers share them. */
const VALUES = 2_000_000

const measured = async (order: Subscribers): Promise<Subscribed> => {
  const child = await startNode('programs/subscribers.ts')
  try {
    await child.hear()
    return await child.ask(order)
  } finally {
    await child.close()
  }
}

const beside = async (count: number): Promise<readonly Figure[]> => {
  const ticks = Math.min(10_000, VALUES / count)
  const one: Subscribed[] = []
  const many: Subscribed[] = []
  for (let i = 0; i < REPETITIONS; i++) {
    one.push(await measured({ count: 1, ticks }))
    many.push(await measured({ count, ticks }))
  }
  const extra = many.map(({ cpuMs }, i) => ((cpuMs - (one[i]?.cpuMs ?? NaN)) * 1000) / (count * ticks))
  const requests = (all: readonly Subscribed[]): readonly number[] => all.map((each) => each.requests)
  return [
    compared(`requests of ${count.toLocaleString('en')}`, '', requests(many), requests(one), 1),
    alone(`CPU per tick and subscriber of ${count.toLocaleString('en')}`, 'us', extra, 1),
  ]
}

/** Many subscribers to one job. */
export const subscribers = async (): Promise<Row> => {
  const figures: Figure[] = []
  for (const count of [100, 1_000, 10_000]) figures.push(...(await beside(count)))
  return {
    title: '100 / 1,000 / 10,000 subscribers to one job',
    against: 'itself at 1',
    figures,
    note: 'in virtual time, over a transport that replies from memory: only the sharing is measured',
  }
}
