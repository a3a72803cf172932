import { startNode } from '../child.ts'
import { alone, spreadOf, type Row } from '../figures.ts'
import type { Idle, IdleOrder } from '../programs/idle-waits.ts'

const COUNT = 10_000
const REPETITIONS = 3
const TICKS = 10
/** Long enough for the library to poll the targets. */
const HEAP_FOR_MS = 12_000

const measured = async (order: IdleOrder): Promise<Idle> => {
  const child = await startNode('programs/idle-waits.ts', [], order.heap ? ['--expose-gc'] : [])
  try {
    await child.hear()
    return await child.ask(order)
  } finally {
    await child.close()
  }
}

/** Ten thousand waits on jobs that do not change. */
export async function idleWaits(): Promise<Row> {
  const ticking: IdleOrder = { count: COUNT, ticks: TICKS, forMs: 0, heap: false, shuffled: false }
  const all: Idle[] = []
  for (let i = 0; i < REPETITIONS; i++) all.push(await measured(ticking))
  const shuffled = await measured({ ...ticking, shuffled: true })
  const { heapBytes, heapAtEndBytes } = await measured({ ...ticking, forMs: HEAP_FOR_MS, heap: true })
  const seconds = (of: (one: Idle) => number): readonly number[] => all.map((one) => of(one) / 1_000)
  const ticks = all.map(({ ticksMs }) => spreadOf(ticksMs))
  return {
    title: '10,000 waits on 10,000 jobs that never end, by id and kind, constant(250), in one process',
    against: 'nothing, each figure has its goal',
    figures: [
      // Processor time, since other programs on the machine would stretch the elapsed time.
      alone(
        'CPU of subscribing all of them',
        's',
        seconds(({ subscribe }) => subscribe.cpuMs),
        0.4,
      ),
      alone(
        'elapsed time for that',
        's',
        seconds(({ subscribe }) => subscribe.elapsedMs),
      ),
      alone(
        'CPU until all have received a list',
        's',
        seconds(({ settledCpuMs }) => settledCpuMs),
      ),
      alone(
        'CPU of a tick without a change',
        'ms',
        ticks.map(({ median }) => median),
        3,
      ),
      alone(
        'CPU of the most expensive tick',
        'ms',
        ticks.map(({ max }) => max),
      ),
      alone('CPU of a tick if only the order of the list changed', 'ms', shuffled.ticksMs),
      alone('heap per wait after the first lists', 'KiB', [heapBytes / 1_024], 5),
      alone(`heap per wait after ${HEAP_FOR_MS / 1_000} s`, 'KiB', [heapAtEndBytes / 1_024]),
    ],
    note: 'a transport replies from memory after 20 ms, by the real clock, without sockets',
  }
}
