import { asyncScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs'
import type { SimTime } from '../time.ts'

/** What the world and the users of a plan need of their time. */
type Time = Pick<SimTime, 'at' | 'awake' | 'frame'> & SchedulerLike

/**
 * The real clock, so many times as fast, in the place of virtual time.
 *
 * The library's timers are those of RxJS's own `asyncScheduler`, with delays that shrink alike, so that a limit of 30 s is
 * one of 30 s for the cluster too.
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

  /** Nobody sleeps here. */
  awake(ms: number): number {
    return ms
  }

  at(atMs: number, run: () => void): () => void {
    // An end that never comes is none; a timer of it would fire at once.
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

  /** Nothing that was to happen happens any more. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
  }
}
