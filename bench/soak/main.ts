// npm run soak [-- --minutes 8 --seed N]: waits and watchers over real sockets while requests, proxies and targets
// break at random. Each result is compared with the truth, and the heap of the client must not grow.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startNode } from '../child.ts'
import type { Order as ClientOrder, Report, Sample } from './client.ts'
import type { Healed, Order as ClusterOrder, Verdict } from './cluster.ts'

/** How long waits may take to settle after the last fault: a target that never returns is lost after a minute. */
const SETTLE_MS = 120_000
/** Watchers are silent until the first replies. */
const WARM_UP_MS = 30_000
/** V8 and Node may keep this much besides compiled code. Leaks of waits or jobs would add up to more. */
const GROWTH_BYTES = 6 * 2 ** 20
/** The most connections that the client may have open at once. */
const MOST_SOCKETS = 65
/** How long a watcher may be silent. */
const SILENT_MS = 15_000
/** The fewest waits that must end in a minute. */
const LEAST_PER_MINUTE = 30

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes ?? 8)
const seed = Number(values.seed ?? randomInt(2 ** 31))
if (!(minutes > 0) || !Number.isInteger(seed)) throw new RangeError('--minutes is a number above 0, --seed an integer')
console.log(`soak: ${minutes} minutes, --seed ${seed}`)

const emulator = await startNode('soak/cluster.ts', [String(seed)])
const client = await startNode('soak/client.ts', [], ['--expose-gc'])

const results: Record<string, number> = {}
const wrong: string[] = []
const samples: Sample[] = []

/** Counts a result, asks the cluster whether it is true, or keeps a sample. */
const takeReport = async (report: Report): Promise<void> => {
  if (report.is === 'settled') {
    results[report.result] = (results[report.result] ?? 0) + 1
    const order: ClusterOrder = { do: 'judge', id: report.id, result: report.result }
    const verdict = await emulator.ask<Verdict>(order)
    if (verdict.wrong !== undefined) wrong.push(`${report.id} ${report.result} (${report.why}): ${verdict.wrong}`)
  } else if (report.is === 'sample') {
    samples.push(report)
    if (samples.length % 15 === 0)
      console.log(
        `${Math.round(performance.now() / 1000)} s: ${JSON.stringify(results)}, ${report.open} open, ` +
          `${report.sockets} sockets at most, heap ${(report.heapBytes / 2 ** 20).toFixed(1)} MB, ${wrong.length} wrong`,
      )
  }
}

const until = async (isOver: () => boolean): Promise<void> => {
  while (!isOver()) await takeReport(await client.hear<Report>())
}

await client.hear()
const { endpoints } = await emulator.hear<{ endpoints: readonly string[] }>()
const fromMs = performance.now()
await takeReport(await client.ask<Report>({ do: 'begin', endpoints, seed } satisfies ClientOrder))
await until(() => performance.now() - fromMs > minutes * 60_000)
const steady = samples.slice(Math.floor(samples.length * Math.min(1 / 2, WARM_UP_MS / (minutes * 60_000))))

const { faults, requests } = await emulator.ask<Healed>({ do: 'heal' } satisfies ClusterOrder)
const healedMs = performance.now()
await takeReport(await client.ask<Report>({ do: 'drain' } satisfies ClientOrder))
await until(() => samples.at(-1)?.open === 0 || performance.now() - healedMs > SETTLE_MS)
const unsettled = samples.at(-1)?.open ?? 0

let stopped = await client.ask<Report>({ do: 'stop' } satisfies ClientOrder)
for (; stopped.is !== 'stopped'; stopped = await client.hear<Report>()) await takeReport(stopped)
await client.close()
await emulator.close()

const sockets = samples.at(-1)?.sockets ?? NaN
const silentMs = Math.max(...steady.map((sample) => sample.silentMs))
const count = Object.values(results).reduce((sum, n) => sum + n, 0)

console.log(`${requests} requests, faults ${JSON.stringify(faults)}`)
const GATES: readonly (readonly [text: string, holds: boolean])[] = [
  [`${count} waits settled, at least ${LEAST_PER_MINUTE} a minute`, count >= LEAST_PER_MINUTE * minutes],
  [`all results are right: ${wrong.slice(0, 10).join('; ') || 'none is wrong'}`, wrong.length === 0],
  [`no wait hangs after the last fault: ${unsettled} open`, unsettled === 0],
  [`at most ${MOST_SOCKETS} connections: ${sockets}`, sockets <= MOST_SOCKETS],
  [
    `the heap has not grown at the end: ${(stopped.growthBytes / 2 ** 20).toFixed(2)} MB more than at the start, without compiled code`,
    stopped.growthBytes <= GROWTH_BYTES,
  ],
  [`no watcher is silent for ${SILENT_MS / 1000} s: ${(silentMs / 1000).toFixed(1)} s`, silentMs <= SILENT_MS],
  [`nothing is left open: ${stopped.openResources.join(', ') || 'nothing'}`, stopped.openResources.length === 0],
  [`no warning and no rejection: ${stopped.defects.join('; ') || 'none'}`, stopped.defects.length === 0],
]
for (const [text, holds] of GATES) console.log(`${holds ? 'holds' : 'FAILS'}  ${text}`)
const failing = GATES.filter(([, holds]) => !holds).length
console.log(`\n  ${GATES.length - failing} passing\n  ${failing} failing`)
if (failing > 0) console.log(`to run it again: npm run soak -- --minutes ${minutes} --seed ${seed}`)
process.exitCode = failing === 0 ? 0 : 1
