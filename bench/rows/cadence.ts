import { startNode } from '../child.ts'
import { alone, type Figure, type Row } from '../figures.ts'
import type { Late, LateOrder } from '../programs/late-answers.ts'

/** The length of a job, and the goal for the median delay after its end, in seconds. */
const GOALS: readonly (readonly [lengthSeconds: number, atMost: number])[] = [
  [10, 1],
  [60, 3],
]
const LIVES = 200
const OTHERS = 20

/** How late the default cadence reports an end. */
export async function cadence(): Promise<Row> {
  const child = await startNode('programs/late-answers.ts')
  try {
    await child.hear()
    const figures: Figure[] = []
    for (const [others, company] of [
      [0, 'a wait alone'],
      [OTHERS, `a wait beside ${OTHERS} others`],
    ] as const)
      for (const [seconds, atMost] of GOALS) {
        const order: LateOrder = { lengthMs: seconds * 1_000, lives: LIVES, others }
        const { delaysMs } = await child.ask<Late>(order)
        const delays = delaysMs.map((ms) => ms / 1_000)
        figures.push(alone(`delay after a job of ${seconds} s, ${company}`, 's', delays, atMost))
      }
    return {
      title: `default cadence, ${LIVES} lives per line in virtual time`,
      against: 'nothing, each figure has its goal',
      figures,
      note: 'the median counts; the brackets have the earliest and the latest of all lives; the job ends at a random moment',
    }
  } finally {
    await child.close()
  }
}
