import { VirtualAction, VirtualTimeScheduler } from 'rxjs'
import type { SimPlan } from './plan.ts'

/** A timer that goes to its place among the others, where RxJS sorts all of them for each that is set. */
class SimAction<T> extends VirtualAction<T> {
  protected override requestAsyncId(
    scheduler: VirtualTimeScheduler,
    _id?: unknown,
    delay = 0,
  ): NonNullable<VirtualAction<T>['id']> {
    this.delay = scheduler.frame + delay
    const { actions } = scheduler
    let i = actions.length
    // Of the same time, the first that was set comes first.
    while (i > 0 && actions[i - 1]!.delay > this.delay) i--
    actions.splice(i, 0, this)
    return 1
  }
}

/** Something of the harness that is to happen; not one of the timers of the library. */
interface Due {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

/** When what is due at `ms` can happen on the users' machine. */
export function awakeAt({ sleeps }: Pick<SimPlan, 'sleeps'>, ms: number): number {
  let at = ms
  for (const { atMs, forMs } of sleeps) if (at >= atMs && at < atMs + forMs) at = atMs + forMs
  return at
}

/**
 * Virtual time with two queues: the timers of the library, which sleep when the users' machine sleeps, and all the rest of
 * the world, which does not.
 *
 * The library's queue is RxJS's own, so that what is left in it at the end was left there by the library.
 */
export class SimTime extends VirtualTimeScheduler {
  private readonly world: Due[] = []
  private order = 0
  private readonly sleeps: SimPlan['sleeps']

  constructor({ sleeps, jumps }: Pick<SimPlan, 'sleeps' | 'jumps'>) {
    super(SimAction, Infinity)
    this.sleeps = sleeps
    // The wall clock of the users; what the world goes by is `frame`.
    if (jumps.length > 0)
      this.now = () =>
        jumps.reduce((ms, { atMs, byMs }) => (atMs <= this.frame ? ms + byMs : ms), this.frame + EPOCH_MS)
  }

  /** Timers of the library that are set. */
  get timers(): number {
    return this.actions.length
  }

  /** When what is due at `ms` can happen on the users' machine. */
  awake(ms: number): number {
    return awakeAt({ sleeps: this.sleeps }, ms)
  }

  /** Lets something happen in the world; gives what calls it off. */
  at(atMs: number, run: () => void): () => void {
    const due: Due = { atMs, order: this.order++, run }
    let i = this.world.length
    // Soonest last; of the same time, the first that was set comes first.
    while (i > 0 && this.world[i - 1]!.atMs <= atMs) i--
    this.world.splice(i, 0, due)
    return () => (due.run = undefined)
  }

  /** Runs until nothing is left to happen. */
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
          throw error instanceof Error ? error : new Error('a timer threw something else than an error')
      } else return
    }
  }
}

/** A wall clock does not begin at zero. */
const EPOCH_MS = 1_767_225_600_000
