/** How long the processor was busy with it, in milliseconds: other work on the machine does not count, as it does on a clock. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
