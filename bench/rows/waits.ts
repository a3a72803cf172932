import { alone, compared, spreadOf, type Figure, type Row } from '../figures.ts'
import { alternately, type WaitFigures, type Waiter } from '../waits.ts'

// Waits of this library beside those of Python's SDK, and beside the floor: the least code that can do the same.

const REPETITIONS = 3

const OURS: Waiter = { who: 'ours', cadenceMs: 250 }
const FLOOR: Waiter = { who: 'floor', cadenceMs: 250 }
const PYTHON: Waiter = { who: 'python' }

const FLOOR_TEXT =
  'the floor: one status_all per tick, constant(250), a Map of waiters by id; for each ended job of the list, its full status and its snapshots by id, 16 in flight each; the transport and codecs of the library, nothing else'

type Runs = readonly WaitFigures[]

/** Measures only once, because several rows use the same runs. */
function once<A>(measure: () => Promise<A>): () => Promise<A> {
  let running: Promise<A> | undefined
  return () => (running ??= measure())
}

const thousand = once(() => alternately({ floor: FLOOR, ours: OURS }, 1_000, REPETITIONS))
const tenThousand = once(() => alternately({ floor: FLOOR, ours: OURS }, 10_000, REPETITIONS))

/** Neither needs a whole core, so both run at the same time, each with its own emulator. */
async function besidePython(
  ours: Waiter,
  count: number,
  repetitions: number,
): Promise<Readonly<Record<'ours' | 'python', Runs>>> {
  const [mine, theirs] = await Promise.all([
    alternately({ ours }, count, repetitions),
    alternately({ python: PYTHON }, count, repetitions),
  ])
  return { ...mine, ...theirs }
}

type Goals = Readonly<Partial<Record<keyof WaitFigures, number>>>

const valuesOf = (runs: Runs, name: keyof WaitFigures, scale = 1): readonly number[] =>
  runs.map((one) => one[name] / scale)

function figuresOf(ours: Runs, theirs: Runs, goals: Goals, suffix = ''): readonly Figure[] {
  const one = (name: keyof WaitFigures, title: string, unit: string, scale = 1): Figure =>
    compared(title + suffix, unit, valuesOf(ours, name, scale), valuesOf(theirs, name, scale), goals[name])
  return [
    one('polls', 'polls', ''),
    one('requests', 'requests', ''),
    one('delayMs', 'mean delay', 'ms'),
    one('cpuMs', 'CPU after imports', 'ms'),
    one('peakBytes', 'peak memory', 'MB', 2 ** 20),
  ]
}

/** The floor does the same work in each run, so its spread shows the noise of the machine. */
function noiseOf(floor: Runs): number {
  const { median, min, max } = spreadOf(valuesOf(floor, 'cpuMs'))
  return (100 * (max - min)) / median
}

async function besideFloor(count: string, measured: Promise<Readonly<Record<'floor' | 'ours', Runs>>>): Promise<Row> {
  const { floor, ours } = await measured
  return {
    title: `${count} waits beside the floor, constant(250)`,
    against: FLOOR_TEXT,
    figures: [
      ...figuresOf(ours, floor, { cpuMs: 1.3, peakBytes: 1.3, delayMs: 1.5, requests: 1.1 }),
      compared('CPU of the emulator', 'ms', valuesOf(ours, 'emulatorCpuMs'), valuesOf(floor, 'emulatorCpuMs')),
      alone("noise: spread of the floor's CPU", '%', [noiseOf(floor)]),
      alone('waits that failed', '', valuesOf(ours, 'failed'), 0),
      alone('waits of the floor that failed', '', valuesOf(floor, 'failed'), 0),
    ],
    note: `${REPETITIONS} runs each in turn, one emulator process, ${count} jobs that end at random within 20 s; the floor survives no failure`,
  }
}

/** A thousand waits, compared with the floor. */
export const floor = (): Promise<Row> => besideFloor('1,000', thousand())

/** Ten thousand waits, compared with the floor. */
export const manyFloor = (): Promise<Row> => besideFloor('10,000', tenThousand())

/** A thousand waits on a thousand jobs, compared with the Python SDK. */
export async function waits(): Promise<Row> {
  const { ours } = await thousand()
  const { ours: atDefault, python } = await besidePython({ who: 'ours' }, 1_000, REPETITIONS)
  return {
    title: '1,000 waits on 1,000 jobs that end at random within 20 s',
    against: 'Python SDK, 300 s budget, one thread per wait',
    figures: [
      ...figuresOf(atDefault, python, { delayMs: 1 / 3, cpuMs: 1 / 2, requests: 0.7 }, ', default cadence'),
      ...figuresOf(ours, python, { polls: 1 / 40, requests: 0.7, delayMs: 1 / 10, cpuMs: 1 / 8, peakBytes: 1.5 }),
      alone('waits that failed', '', [...valuesOf(ours, 'failed'), ...valuesOf(atDefault, 'failed')], 0),
      alone('waits of the peer that failed', '', valuesOf(python, 'failed')),
    ],
    note: 'lines that name no cadence are measured at constant(250), in the runs beside the floor',
  }
}

/** Ten thousand waits, compared with a thousand. */
export async function manyWaits(): Promise<Row> {
  const { ours: few } = await thousand()
  const { ours } = await tenThousand()
  return {
    title: '10,000 waits on 10,000 jobs that end at random within 20 s, constant(250)',
    against: 'itself at 1,000',
    figures: [
      // A reply of ten thousand statuses takes longer, and the cadence counts from the reply, so a few polls fewer are
      // normal.
      ...figuresOf(ours, few, { polls: 1.02, cpuMs: 11, delayMs: 1.5 }),
      alone('sockets', '', valuesOf(ours, 'sockets'), 65),
      alone('waits that failed', '', valuesOf(ours, 'failed'), 0),
    ],
  }
}

/** The points of the picture that no other row measures. */
export async function waiters(): Promise<Row> {
  const points = await Promise.all(
    [10, 100].map(async (count) => {
      const { ours, python } = await besidePython(OURS, count, 1)
      return figuresOf(ours, python, {}, ` of ${count}`)
    }),
  )
  return { title: '10 and 100 waits', against: 'Python SDK', figures: points.flat() }
}

/** Ten thousand waits while requests meet faults, compared with the floor without faults, because the floor survives no fault. */
export async function faultyWaits(): Promise<Row> {
  const { ours, floor } = await alternately({ floor: FLOOR, ours: { ...OURS, faults: 0.01 } }, 10_000, REPETITIONS)
  return {
    title: '10,000 waits while 1 % of the requests meet a fault, constant(250)',
    against: 'the floor without faults',
    figures: [
      ...figuresOf(ours, floor, { peakBytes: 1.3 }),
      alone('sockets', '', valuesOf(ours, 'sockets'), 65),
      alone('waits that failed', '', valuesOf(ours, 'failed'), 0),
    ],
    note: 'connections that break before, in and after the head, garbage, pages, 429, 502, 503, empty and invalid bodies',
  }
}
