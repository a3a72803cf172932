import { expect } from 'chai'

// Mocha loads this file before the live specs. Each spec file must leave the process as it found it: the root hook adds
// the check to the end of each file, after its own hooks.

/** How long sockets and timers may take to close after the last spec of a file. */
const SETTLE_MS = 3_000

const rejections: unknown[] = []
const warnings: string[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))
process.on('warning', ({ name, message }) => {
  if (name === 'MaxListenersExceededWarning') warnings.push(message)
})

type Counts = ReadonlyMap<string, number>

/** What keeps the event loop alive now, by type. A connection that an agent keeps does not, so it does not count. */
const active = (): Counts => {
  const counts = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
  // An Immediate is a turn of the loop, not a resource.
  counts.delete('Immediate')
  return counts
}

/** The types that have more resources than before. */
const leftOver = (before: Counts): string[] =>
  [...active()].filter(([type, count]) => count > (before.get(type) ?? 0)).map(([type, count]) => `${type}: ${count}`)

before(async function () {
  // Mocha sets a timer for an asynchronous hook: here as in the hooks below, so the counts are comparable.
  await Promise.resolve()
  let atStart = active()
  for (const suite of this.test?.parent?.suites ?? []) {
    suite.afterAll('leaves no socket, timer or unhandled rejection', async () => {
      const endMs = performance.now() + SETTLE_MS
      while (leftOver(atStart).length > 0 && performance.now() < endMs)
        await new Promise((resolve) => setTimeout(resolve, 20))
      const leaks = leftOver(atStart)
      // One file that leaks must not fail the files after it.
      if (leaks.length > 0) atStart = active()
      expect(leaks, 'active resources').to.deep.equal([])
      expect(rejections.splice(0), 'unhandled rejections').to.deep.equal([])
      expect(warnings.splice(0), 'warnings').to.deep.equal([])
    })
  }
})
