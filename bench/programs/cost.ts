import { readFileSync } from 'node:fs'

/** Processor time of this process so far, in milliseconds: all threads, user and system. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * The most memory that this process ever held, in bytes.
 *
 * Linux hands the peak of `getrusage` from the process that starts another to the one that is started, so that a small
 * program would be charged for the bench; the file of the kernel knows the program alone.
 */
export const peakBytes = (): number => {
  try {
    const [, kibibytes = ''] = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kibibytes !== '') return Number(kibibytes) * 1024
  } catch {
    // No such file here: the other figure is better than none.
  }
  return process.resourceUsage().maxRSS * 1024
}

/** What a piece of work costs. */
export interface Cost {
  readonly cpuMs: number
  readonly elapsedMs: number
}

/** Does some work and measures it. */
export const costOf = async (work: () => unknown): Promise<Cost> => {
  const cpu = cpuMs()
  const at = performance.now()
  await work()
  return { cpuMs: cpuMs() - cpu, elapsedMs: performance.now() - at }
}
