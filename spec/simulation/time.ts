import { VirtualAction, VirtualTimeScheduler } from 'rxjs'
import type { SimPlan } from './plan.ts'

/** A timer that is inserted in order. RxJS would sort all timers each time one is set. */
class SimAction<T> extends VirtualAction<T> {
  protected override requestAsyncId(
    scheduler: VirtualTimeScheduler,
    _id?: unknown,
    delay = 0,
  ): NonNullable<VirtualAction<T>['id']> {
    this.delay = scheduler.frame + delay
    const { actions } = scheduler
    let i = actions.length
    // Of timers at the same time, the one that was set first runs first.
    while (i > 0 && actions[i - 1]!.delay > this.delay) i--
    actions.splice(i, 0, this)
    return 1
  }
}

/** An event of the harness, not a timer of the library. */
interface Due {
  readonly atMs: number
  run: (() => void) | undefined
}

/** The first time from `ms` on at which the users' machine does not sleep. */
export function awakeAt({ sleeps }: Pick<SimPlan, 'sleeps'>, ms: number): number {
  let at = ms
  for (const { atMs, forMs } of sleeps) if (at >= atMs && at < atMs + forMs) at = atMs + forMs
  return at
}

/**
 * Virtual time with two queues: the timers of the library, which stop while the users' machine sleeps, and all other
 * events of the world, which do not.
 *
 * The library's queue is RxJS's own, so what remains in it at the end was left there by the library.
 */
export class SimTime extends VirtualTimeScheduler {
  private readonly world: Due[] = []
  private readonly sleeps: SimPlan['sleeps']

  constructor({ sleeps, jumps }: Pick<SimPlan, 'sleeps' | 'jumps'>) {
    super(SimAction, Infinity)
    this.sleeps = sleeps
    // The wall clock of the users; the world uses `frame`.
    if (jumps.length > 0)
      this.now = () =>
        jumps.reduce((ms, { atMs, byMs }) => (atMs <= this.frame ? ms + byMs : ms), this.frame + EPOCH_MS)
  }

  /** How many timers of the library are set. */
  get timers(): number {
    return this.actions.length
  }

  /** The first time from `ms` on at which the users' machine does not sleep. */
  awake(ms: number): number {
    return awakeAt({ sleeps: this.sleeps }, ms)
  }

  /** Schedules an event of the world, and returns a function that cancels it. */
  at(atMs: number, run: () => void): () => void {
    const due: Due = { atMs, run }
    let i = this.world.length
    // Sorted by time, the soonest last; of events at the same time, the one that was scheduled first runs first.
    while (i > 0 && this.world[i - 1]!.atMs <= atMs) i--
    this.world.splice(i, 0, due)
    return () => (due.run = undefined)
  }

  /** Runs until no event is left. */
  override flush(): void {
    const { actions, world } = this
    for (;;) {
      const due = world[world.length - 1]
      const action = actions[0]
      const actionMs = action === undefined ? Infinity : Math.max(this.frame, this.awake(action.delay))
      if (due !== undefined && due.atMs <= actionMs) {
        world.pop()
        if (due.run === undefined) continue
        this.frame = Math.max(this.frame, due.atMs)
        due.run()
      } else if (action !== undefined) {
        actions.shift()
        this.frame = actionMs
        const error: unknown = action.execute(action.state, action.delay)
        if (error !== undefined)
          throw error instanceof Error ? error : new Error('a timer threw a value that is not an Error')
      } else return
    }
  }
}

/** A wall clock does not start at zero. */
const EPOCH_MS = 1_767_225_600_000
