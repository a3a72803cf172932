// Waits for many jobs at once, and says when each wait began and was answered, and what all of it cost.
import { constant, createCluster, isRight, wait } from 'aistore-rx'
import { cpuMs, peakBytes } from './cost.ts'
import { listen, say } from './lines.ts'

/** What a program that waits is told, this one and that of the peer. */
export interface WaitOrder {
  readonly endpoint: string
  readonly jobs: readonly { readonly id: string; readonly kind: string }[]
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

const cpuOfImports = cpuMs()

listen(({ endpoint, jobs, cadenceMs }: WaitOrder) => {
  const cluster = createCluster(endpoint, cadenceMs === undefined ? {} : { cadence: constant(cadenceMs) })
  const begun: number[] = []
  const answered: number[] = []
  let failed = 0
  let left = jobs.length
  const over = (): void => {
    if (--left > 0) return
    say({ begun, answered, failed, cpuMs: cpuMs() - cpuOfImports, peakBytes: peakBytes() } satisfies Waited)
  }
  jobs.forEach(({ id, kind }, i) => {
    begun[i] = Date.now()
    wait(cluster, { id, kind }, { timeoutMs: 300_000 }).subscribe({
      next: (result) => {
        answered[i] = Date.now()
        if (!isRight(result) || !result.right.success) failed++
      },
      complete: over,
    })
  })
})
say({ ready: true })
