/** The CPU time of some work, in milliseconds. Unlike a clock, it does not count other work on the machine. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
