// The emulator in a process of its own: it seeds jobs, knows when each one really ends, and counts the requests.
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { bucketName } from '../lib/emulator/cluster/bucket.ts'
import { launch } from '../lib/emulator/cluster/launch.ts'
import { createRandom, next, type Random } from '../lib/emulator/cluster/random.ts'
import type { Job } from '../lib/emulator/cluster/state.ts'
import type { Fault } from '../lib/emulator/faults/fault.ts'
import { startWithCluster } from '../lib/emulator/start-emulator.ts'
import { cpuMs } from './programs/cost.ts'
import { listen, say } from './programs/lines.ts'

/** A job, and when its last target ends, by the clock of the machine. */
export interface Seeded {
  readonly id: string
  readonly kind: string
  readonly endsAtMs: number
}

/** The requests since the last seed. */
export interface Counts {
  /** The number of requests by query. Requests about one job have the suffix ` of one`. */
  readonly byQuery: Readonly<Record<string, number>>
  /** The largest number of connections that were open at once. */
  readonly sockets: number
  /** Processor time of the emulator, in milliseconds. */
  readonly cpuMs: number
}

/** The messages that this process accepts. */
export type Order =
  /**
   * Forgets all jobs and counts. The new jobs end at random within `withinMs`, and the last one ends at `withinMs`. The
   * same `seed` gives the same ends. `faults` is the share of later requests that meet a fault.
   */
  | {
      readonly do: 'seed'
      readonly jobs: number
      readonly withinMs: number
      readonly seed: number
      readonly faults?: number | undefined
    }
  /** Starts jobs that never end. After each request about many jobs, `changing` of them make progress. */
  | { readonly do: 'run'; readonly jobs: number; readonly changing: number }
  | { readonly do: 'count' }

/** The other targets end up to this long before the last one. */
const SPREAD_MS = 50
/** Faults of single requests. Stalls are not among them, because a client notices them only after its time limit. */
const FAULTS: readonly Fault[] = [
  { type: 'reset' },
  { type: 'reset-headers' },
  { type: 'reset-body' },
  { type: 'truncate' },
  { type: 'garbage' },
  { type: 'wrong-type' },
  { type: 'wrong-type', status: 502 },
  { type: 'status', status: 503, retryAfter: '0' },
  { type: 'status', status: 429 },
  { type: 'body', body: '' },
  { type: 'invalid-utf8' },
  { type: 'close-idle' },
]
/** When a job that never ends would end. */
const FOREVER_MS = 3_600_000
/** Objects of each job. */
const OBJECTS = 300
const KIND = 'prefetch-listrange'

const [targets = '3'] = process.argv.slice(2)
const { emulator, cluster } = await startWithCluster({ targets: Number(targets), seed: 1 })
const random = createRandom(20)
let counts: Record<string, number> = {}
let cpuOfSeed = 0
/** The jobs that never end. */
let running: readonly Job[] = []
/** How many of them make progress after each request about many jobs, and which of them is the next. */
let changing = 0
let turn = 0

/** Starts a job that notifies its end. */
const launchJob = (i: number): Job => {
  const bck = bucketName(`cloud-${i}`, 'aws')
  return launch(cluster, emulator.now(), { kind: KIND, bck, objects: OBJECTS, objectSize: 4096, listenedBy: [bck] })
}

/** Forgets all jobs and counts, before the next measurement. */
const forgetJobs = (): void => {
  cluster.jobs.clear()
  for (const { registry } of cluster.targets) registry.length = 0
  counts = {}
  sockets = open
}

/** Injects one of the faults into a share of the requests. */
const injectFaults = (share: number, random: Random): void => {
  emulator.faults.clear()
  if (share === 0) return
  let fault: Fault | undefined
  // One draw for each request: the first entry draws, the others compare.
  emulator.faults.always({ type: 'slow', delayMs: 0 }, () => {
    fault = next(random) < share ? FAULTS[Math.floor(next(random) * FAULTS.length)] : undefined
    return false
  })
  for (const one of FAULTS) emulator.faults.always(one, () => one === fault)
}

/** Starts jobs that end within a time. */
const seedJobs = ({
  jobs: count,
  withinMs,
  seed: ends,
  faults = 0,
}: Order & { readonly do: 'seed' }): readonly Seeded[] => {
  forgetJobs()
  injectFaults(faults, createRandom(ends + 1))
  const random = createRandom(ends)
  const originMs = Date.now() - emulator.now()
  const fromMs = emulator.now()
  return Array.from({ length: count }, (_, i) => {
    const job = launchJob(i)
    const endMs = fromMs + (i === 0 ? withinMs : withinMs * next(random))
    job.runs.forEach((run, n) => {
      run.endMs = Math.max(run.startMs, n === 0 ? endMs : endMs - SPREAD_MS * next(random))
      run.burst = { ...run.burst, pace: run.burst.objects / Math.max(1, run.endMs - run.startMs) }
    })
    return { id: job.id, kind: job.kind, endsAtMs: originMs + Math.max(...job.runs.map((run) => run.endMs)) }
  })
}

/** Starts jobs that never end. */
const startRunning = (count: number): readonly Job[] =>
  Array.from({ length: count }, (_, i) => {
    const job = launchJob(i)
    for (const one of job.runs) {
      one.endMs = emulator.now() + FOREVER_MS
      one.base = Math.floor(1e6 * next(random))
      one.burst = { ...one.burst, objects: 0 }
    }
    return job
  })

/** Some of the running jobs process seven objects more. */
const advanceSome = (): void => {
  for (let n = 0; n < changing; n++) {
    for (const one of running[turn++ % running.length]?.runs ?? []) one.base += 7
  }
}

// Counts requests. To store them would cost more than to reply.
emulator.requests.add = ({ what, body, method, path }) => {
  const many = !/"id"\s*:\s*"[^"]/i.test(body)
  const query = `${what === '' ? `${method} ${path}` : what}${many ? '' : ' of one'}`
  counts[query] = (counts[query] ?? 0) + 1
  if (many && (what === 'qryxstats' || what === 'status_all')) advanceSome()
}

let open = 0
let sockets = 0
subscribe('net.server.socket', (message) => {
  sockets = Math.max(sockets, ++open)
  ;(message as { readonly socket: Socket }).socket.once('close', () => open--)
})

listen((order: Order) => {
  switch (order.do) {
    case 'seed':
      say({ jobs: seedJobs(order) })
      cpuOfSeed = cpuMs()
      break
    case 'run':
      running = startRunning(order.jobs)
      changing = order.changing
      say({ jobs: running.map(({ id, kind }) => ({ id, kind, endsAtMs: Infinity })) })
      break
    case 'count':
      say({ byQuery: counts, sockets, cpuMs: cpuMs() - cpuOfSeed } satisfies Counts)
  }
})
say({ endpoint: emulator.endpoint })
