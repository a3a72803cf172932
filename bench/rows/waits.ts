import { alone, compared, type Figure, type Row } from '../figures.ts'
import { measureWaits, type WaitFigures, type Waiters } from '../waits.ts'

const REPETITIONS = 3
const NOT_SHARED = 'waits do not share a poll here yet: each wait polls for itself, and every request counts as a poll'

/** One run stands in several rows: what was measured once is not measured again. */
const known = new Map<string, Promise<readonly WaitFigures[]>>()

const repeated = (repetitions: number, waiters: Waiters): Promise<readonly WaitFigures[]> => {
  const key = JSON.stringify(waiters)
  const found = known.get(key) ?? inTurn(repetitions, waiters)
  known.set(key, found)
  return found
}

async function inTurn(repetitions: number, waiters: Waiters): Promise<readonly WaitFigures[]> {
  const all: WaitFigures[] = []
  for (let i = 0; i < repetitions; i++) all.push(await measureWaits(waiters))
  return all
}

const of = (figures: readonly WaitFigures[], name: Exclude<keyof WaitFigures, 'shared'>): readonly number[] =>
  figures.map((one) => one[name])

const QUARTER: Omit<Waiters, 'count'> = { who: 'ours', cadenceMs: 250 }

const against = (
  ours: readonly WaitFigures[],
  theirs: readonly WaitFigures[],
  goals: Readonly<Partial<Record<keyof WaitFigures, number>>>,
  suffix = '',
): readonly Figure[] => {
  const one = (name: Exclude<keyof WaitFigures, 'shared'>, title: string, unit: string, scale = 1): Figure =>
    compared(
      title + suffix,
      unit,
      of(ours, name).map((value) => value / scale),
      of(theirs, name).map((value) => value / scale),
      goals[name],
    )
  return [
    // Each poll of the peer is a request of its own.
    one('polls', 'polls', ''),
    one('requests', 'requests', ''),
    one('delayMs', 'mean delay', 'ms'),
    one('cpuMs', 'CPU after imports', 'ms'),
    one('peakBytes', 'peak memory', 'MB', 2 ** 20),
  ]
}

const notesOf = (ours: readonly WaitFigures[]): { readonly missing?: string } =>
  ours.some(({ shared }) => !shared) ? { missing: NOT_SHARED } : {}

/** A thousand waits on a thousand jobs, beside the Python SDK. */
export const waits = async (): Promise<Row> => {
  const python = await repeated(REPETITIONS, { who: 'python', count: 1000 })
  const ours = await repeated(REPETITIONS, { ...QUARTER, count: 1000 })
  const byDefault = await repeated(REPETITIONS, { who: 'ours', count: 1000 })
  const goals = { polls: 1 / 40, requests: 1 / 3, delayMs: 1 / 10, cpuMs: 1 / 8, peakBytes: 1.5 }
  return {
    title: '1,000 waits on 1,000 jobs that end at random within 20 s',
    against: 'Python SDK, 300 s budget, one thread a wait',
    figures: [
      ...against(ours, python, goals),
      alone('waits that failed', '', of(ours, 'failed'), 0),
      alone('waits of the peer that failed', '', of(python, 'failed')),
      ...against(byDefault, python, {}, ', default cadence'),
    ],
    ...notesOf(ours),
  }
}

/** Ten thousand waits, beside a thousand. */
export const manyWaits = async (): Promise<Row> => {
  const thousand = await repeated(REPETITIONS, { ...QUARTER, count: 1000 })
  const ours = await repeated(2, { ...QUARTER, count: 10_000 })
  return {
    title: '10,000 waits on 10,000 jobs that end at random within 20 s',
    against: 'itself at 1,000',
    figures: [
      // A reply of ten thousand statuses takes longer, and the wait runs from the reply: a few less is equal, too.
      ...against(ours, thousand, { polls: 1.02, cpuMs: 11, delayMs: 1.5 }),
      alone('sockets', '', of(ours, 'sockets'), 65),
      alone('waits that failed', '', of(ours, 'failed'), 0),
    ],
    ...notesOf(ours),
  }
}

/** The points of the picture that the rows above do not have. */
export const waiters = async (): Promise<Row> => {
  const points = await Promise.all(
    [10, 100].map(async (count) => {
      // So little to do that all of them fit beside each other.
      const [ours, python] = await Promise.all([
        repeated(1, { ...QUARTER, count }),
        repeated(1, { who: 'python', count }),
      ])
      return against(ours, python, {}, ` of ${count}`)
    }),
  )
  return { title: '10 and 100 waits', against: 'Python SDK', figures: points.flat() }
}
