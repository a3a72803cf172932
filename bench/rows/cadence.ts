import { startNode } from '../child.ts'
import { alone, type Figure, type Row } from '../figures.ts'
import type { LateReport, LateOrder } from '../programs/late-answers.ts'

/** The length of a job, and the goal for the median delay after its end, in seconds. */
const GOALS: readonly (readonly [lengthSeconds: number, atMost: number])[] = [
  [10, 1],
  [60, 3],
]
/** How many jobs each figure simulates, one after the other. */
const JOBS = 200
/** How many other waits share the cluster value with the measured wait. */
const OTHERS = 20

/** How late the default cadence reports an end. */
export async function cadence(): Promise<Row> {
  const child = await startNode('programs/late-answers.ts')
  try {
    await child.hear()
    const figures: Figure[] = []
    for (const [others, label] of [
      [0, 'a wait alone'],
      [OTHERS, `a wait beside ${OTHERS} others`],
    ] as const)
      for (const [seconds, atMost] of GOALS) {
        const order: LateOrder = { lengthMs: seconds * 1_000, jobs: JOBS, others }
        const { delaysMs } = await child.ask<LateReport>(order)
        const delays = delaysMs.map((ms) => ms / 1_000)
        figures.push(alone(`delay after a job of ${seconds} s, ${label}`, 's', delays, atMost))
      }
    return {
      title: `default cadence, ${JOBS} simulated jobs per line in virtual time`,
      against: 'nothing, each figure has its goal',
      figures,
      note: 'the median counts; the brackets have the shortest and the longest delay of all jobs; a job ends at a random moment',
    }
  } finally {
    await child.close()
  }
}
