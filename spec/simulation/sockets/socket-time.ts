import { asyncScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs'
import type { SimTime } from '../time.ts'

/** What the world and the users of a plan need of the time. */
type Time = Pick<SimTime, 'at' | 'awake' | 'frame'> & SchedulerLike

/**
 * The real clock, accelerated, in place of virtual time.
 *
 * The library's timers are those of RxJS's own `asyncScheduler`. Their delays are divided by the speed, so that a timeout of
 * 30 s is also 30 s for the cluster.
 */
export class SocketTime implements Time {
  private readonly speed: number
  private readonly began: number = performance.now()
  private readonly timers = new Set<NodeJS.Timeout>()

  constructor(speed: number) {
    this.speed = speed
  }

  get frame(): number {
    return (performance.now() - this.began) * this.speed
  }

  now(): number {
    return this.frame
  }

  /** No machine sleeps here. */
  awake(ms: number): number {
    return ms
  }

  at(atMs: number, run: () => void): () => void {
    // An event at Infinity never happens; a timer for it would fire at once.
    if (atMs === Infinity) return () => undefined
    const timer = setTimeout(
      () => {
        this.timers.delete(timer)
        run()
      },
      Math.max(0, atMs - this.frame) / this.speed,
    )
    this.timers.add(timer)
    return () => {
      clearTimeout(timer)
      this.timers.delete(timer)
    }
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const { speed } = this
    const action = asyncScheduler.schedule(work, delay / speed, state) as SchedulerAction<T>
    // Work that schedules itself again does so on its action.
    const again = action.schedule.bind(action)
    action.schedule = (next, ms = 0) => again(next, ms / speed)
    return action
  }

  /** Cancels everything that is still to happen. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
  }
}
