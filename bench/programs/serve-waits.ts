import { cpuMs, peakBytes } from './cost.ts'
import { listen, say } from './lines.ts'

/** A job as a wait names it. */
export interface JobName {
  readonly id: string
  readonly kind: string
}

/** What a program that waits is told: the library, the floor and the peer get the same order. */
export interface WaitOrder {
  readonly endpoint: string
  readonly jobs: readonly JobName[]
  /** Absent: the default cadence. */
  readonly cadenceMs?: number
}

/** What it says when all waits are over; times by the clock of the machine, in the order of the jobs. */
export interface Waited {
  readonly begun: readonly number[]
  readonly answered: readonly number[]
  readonly failed: number
  readonly cpuMs: number
  readonly peakBytes: number
}

/** Waits for one job and calls back once, with whether the job ended well. */
export type WaitFor = (job: JobName, answered: (success: boolean) => void) => void

/** Serves one order: starts all waits at once, and says when each began and got its answer, and what all of it cost. */
export function serveWaits(waiterOf: (order: WaitOrder) => WaitFor): void {
  const cpuOfImports = cpuMs()
  listen((order: WaitOrder) => {
    const begun: number[] = []
    const answered: number[] = []
    let failed = 0
    let left = order.jobs.length
    const waitFor = waiterOf(order)
    order.jobs.forEach((job, i) => {
      begun[i] = Date.now()
      waitFor(job, (success) => {
        answered[i] = Date.now()
        if (!success) failed++
        if (--left > 0) return
        say({ begun, answered, failed, cpuMs: cpuMs() - cpuOfImports, peakBytes: peakBytes() } satisfies Waited)
      })
    })
  })
  say({ ready: true })
}
