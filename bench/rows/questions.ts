import { startNode } from '../child.ts'
import { compared, type Row } from '../figures.ts'
import type { Cost } from '../programs/cost.ts'
import type { QuestionsOrder, Client } from '../programs/questions.ts'

const REPETITIONS = 5
const WARM_UP = 3_000
const COUNT = 4_000

/** The costs of two clients at one server. */
const measureClients = async (
  ours: Client,
  theirs: Client,
): Promise<Readonly<Record<'ours' | 'theirs', readonly Cost[]>>> => {
  const server = await startNode('programs/plain-server.ts')
  // Each client has its own process, so that the garbage of one is not collected while the other is measured.
  const [one, other] = await Promise.all([startNode('programs/questions.ts'), startNode('programs/questions.ts')])
  try {
    const { endpoint } = await server.hear<{ endpoint: string }>()
    await one.hear()
    await other.hear()
    const asking = (client: Client, count: number): QuestionsOrder => ({ endpoint, client, count })
    await one.ask(asking(ours, WARM_UP))
    await other.ask(asking(theirs, WARM_UP))
    const costs = { ours: [] as Cost[], theirs: [] as Cost[] }
    for (let i = 0; i < REPETITIONS; i++) {
      costs.ours.push(await one.ask<Cost>(asking(ours, COUNT)))
      costs.theirs.push(await other.ask<Cost>(asking(theirs, COUNT)))
    }
    return costs
  } finally {
    await Promise.all([one.close(), other.close(), server.close()])
  }
}

const rowOf = async (
  title: string,
  against: string,
  clients: readonly [Client, Client],
  atMost?: number,
): Promise<Row> => {
  const { ours, theirs } = await measureClients(...clients)
  const each = (costs: readonly Cost[], name: keyof Cost): readonly number[] =>
    costs.map((cost) => (cost[name] * 1000) / COUNT)
  return {
    title,
    against,
    figures: [
      compared('time per request', 'us', each(ours, 'elapsedMs'), each(theirs, 'elapsedMs'), atMost),
      compared('CPU per request', 'us', each(ours, 'cpuMs'), each(theirs, 'cpuMs')),
    ],
  }
}

const SAME_AGENT = 'bare http.request with the same agent'

/** One request of the default transport. */
export const transport = (): Promise<Row> =>
  rowOf('one request of the default transport, 64 in flight', SAME_AGENT, ['transport', 'http'], 1.15)

/** One query of the library, over that transport. */
export const question = (): Promise<Row> =>
  rowOf('one query of the library, 64 in flight', SAME_AGENT, ['ours', 'http'])

/** One request over a custom transport. */
export const undiciQuestion = (): Promise<Row> =>
  rowOf('one query of the library over a custom undici transport', SAME_AGENT, ['ours over undici', 'http'], 1.0)
