import { readFileSync } from 'node:fs'

/** Processor time of this process so far, in milliseconds: all threads, user and system. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * The most memory that this process ever held, in bytes.
 *
 * On Linux a new process inherits the peak of `getrusage` from its parent, so a small program would be charged for the
 * bench. The file of the kernel has the peak of the program alone.
 */
export const peakBytes = (): number => {
  try {
    const [, kibibytes = ''] = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kibibytes !== '') return Number(kibibytes) * 1024
  } catch {
    // Without that file, the other figure is better than none.
  }
  return process.resourceUsage().maxRSS * 1024
}

/** The cost of a piece of work. */
export interface Cost {
  readonly cpuMs: number
  readonly elapsedMs: number
}

/** Runs some work and measures its cost. */
export const costOf = async (work: () => unknown): Promise<Cost> => {
  const cpu = cpuMs()
  const at = performance.now()
  await work()
  return { cpuMs: cpuMs() - cpu, elapsedMs: performance.now() - at }
}
