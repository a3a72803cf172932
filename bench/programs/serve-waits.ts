import { cpuMs, peakBytes } from './cost.ts'
import { listen, say } from './lines.ts'

/** A job as it is passed to a wait. */
export interface JobName {
  readonly id: string
  readonly kind: string
}

/** The order for a program that waits; the library, the floor and the peer get the same one. */
export interface WaitOrder {
  readonly endpoint: string
  readonly jobs: readonly JobName[]
  /** Defaults to the default cadence. */
  readonly cadenceMs?: number
}

/** The result when all waits are over, in the order of the jobs; times by the clock of the machine. */
export interface WaitsReport {
  readonly startedAtMs: readonly number[]
  readonly answeredAtMs: readonly number[]
  readonly failed: number
  readonly cpuMs: number
  readonly peakBytes: number
}

/** Waits for one job and calls back once, with whether the job succeeded. */
export type WaitFor = (job: JobName, onOutcome: (success: boolean) => void) => void

/** Serves one order: starts all waits at once, and reports the start, the end and the cost. */
export function serveWaits(waiterOf: (order: WaitOrder) => WaitFor): void {
  const cpuOfImports = cpuMs()
  listen((order: WaitOrder) => {
    const startedAtMs: number[] = []
    const answeredAtMs: number[] = []
    let failed = 0
    let remaining = order.jobs.length
    const waitFor = waiterOf(order)
    order.jobs.forEach((job, i) => {
      startedAtMs[i] = Date.now()
      waitFor(job, (success) => {
        answeredAtMs[i] = Date.now()
        if (!success) failed++
        if (--remaining > 0) return
        say({
          startedAtMs,
          answeredAtMs,
          failed,
          cpuMs: cpuMs() - cpuOfImports,
          peakBytes: peakBytes(),
        } satisfies WaitsReport)
      })
    })
  })
  say({ ready: true })
}
