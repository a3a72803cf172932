// The emulator of the soak, in a process of its own: it breaks at random and heals again, and it knows the truth about
// each job.
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { launch } from '../../lib/emulator/cluster/launch.ts'
import { between, createRandom, next, pick } from '../../lib/emulator/cluster/random.ts'
import { hasEnded, isAborted } from '../../lib/emulator/cluster/run.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { Fault } from '../../lib/emulator/faults/fault.ts'
import { startWithCluster } from '../../lib/emulator/start-emulator.ts'
import { listen, say } from '../programs/lines.ts'

/** The messages that this process accepts. */
export type Order =
  /** Compares a result with the truth. The job is dropped soon after that. */
  | { readonly do: 'judge'; readonly id: string; readonly result: string }
  /** Ends all faults. */
  | { readonly do: 'heal' }

/** Undefined if the result is right, otherwise the truth. */
export interface Verdict {
  readonly wrong?: string
}

/** The faults and requests so far. */
export interface Healed {
  readonly faults: Readonly<Record<string, number>>
  readonly requests: number
}

/** How much faster than the clock the cluster is. */
const SPEED = 4
/** The share of the requests that meet a fault. */
const SHARE = 0.01
/** One bucket for each lane of the client. Each has more objects than the previous one: jobs take from 1 to 10 s. */
const BUCKETS = 40
const OBJECTS = 500_000
/** How often another user starts a job. The client learns of it from the events of the cluster. */
const START_MS = 300
/**
 * How long the cluster keeps a job after its result was judged, and how long after its start without a result. If it kept all
 * jobs, the tables of the client would grow.
 */
const KEPT_MS = 5_000
const FORGOTTEN_MS = 90_000

const [seed = '1'] = process.argv.slice(2)
const { emulator, cluster } = await startWithCluster({ seed: Number(seed), proxies: 3, targets: 3, speed: SPEED })
const random = createRandom(Number(seed))
for (let n = 0; n < BUCKETS; n++) emulator.seedBucket(`b${n}`, { objects: OBJECTS * (1 + n / 4) })

const WIRE: readonly Fault[] = [
  { type: 'reset' },
  { type: 'reset-headers' },
  { type: 'reset-body' },
  { type: 'truncate' },
  { type: 'stall' },
  { type: 'stall-body' },
  { type: 'slow', delayMs: 6_000 },
  { type: 'slow-loris', everyMs: 20 },
  { type: 'garbage' },
  { type: 'giant-header' },
  { type: 'wrong-type' },
  { type: 'wrong-type', status: 502 },
  { type: 'content-encoding', value: 'gzip' },
  { type: 'status', status: 408 },
  { type: 'status', status: 429, retryAfter: '1' },
  { type: 'status', status: 503, retryAfter: '0' },
  { type: 'redirect' },
  { type: 'body', body: 'null' },
  { type: 'body', body: '' },
  { type: 'deep' },
  { type: 'invalid-utf8' },
  { type: 'bom' },
  { type: 'close-idle' },
]

const counts: Record<string, number> = {}
let requests = 0
/** Counts what was broken, by name. */
const countFault = (name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}

// Counts requests instead of storing them.
emulator.requests.add = () => {
  requests++
}

let drawn: Fault | undefined
/** Breaks a share of the requests. */
const breakExchanges = (): void => {
  // One draw for each request: the first entry draws, the others compare.
  emulator.faults.always({ type: 'slow', delayMs: 0 }, () => {
    drawn = next(random) < SHARE ? pick(random, WIRE) : undefined
    return false
  })
  for (const fault of WIRE)
    emulator.faults.always(fault, () => {
      if (fault !== drawn) return false
      countFault(fault.type)
      return true
    })
}

/** Jobs that a target has lost, or may have lost. */
const touched = new Set<Job>()
/** Marks the jobs of a target, which may then have more than one true outcome. */
const touchJobsOf = (target: string): void => {
  for (const job of cluster.jobs.values()) if (job.runs.some((run) => run.target.id === target)) touched.add(job)
}

/** The faults of nodes. Each function begins a fault, and returns the function that ends it. */
const NODES: Readonly<Record<string, () => () => unknown>> = {
  refuse: () => {
    const proxy = Math.floor(3 * next(random))
    void emulator.faults.refuse(proxy)
    return () => emulator.faults.accept(proxy)
  },
  killProxy: () => {
    const proxy = Math.floor(3 * next(random))
    void emulator.faults.killProxy(proxy)
    return () => emulator.faults.restartProxy(proxy)
  },
  movePrimary: () => {
    emulator.faults.movePrimary(Math.floor(3 * next(random)))
    return () => undefined
  },
  delayReports: () => {
    const proxy = Math.floor(3 * next(random))
    emulator.faults.delayReports(proxy, between(random, 0, 20_000))
    return () => emulator.faults.delayReports(proxy, 0)
  },
  forgetStatuses: () => {
    emulator.faults.forgetStatuses(Math.floor(3 * next(random)))
    return () => undefined
  },
  loseNotifications: () => {
    emulator.faults.loseNotifications(3)
    return () => emulator.faults.loseNotifications(0)
  },
  freezeTarget: () => {
    const target = pick(random, emulator.targetIds)
    emulator.faults.freezeTarget(target)
    return () => emulator.faults.thawTarget(target)
  },
  killTarget: () => {
    const target = pick(random, emulator.targetIds)
    touchJobsOf(target)
    void emulator.faults.killTarget(target)
    return () => {
      touchJobsOf(target)
      return emulator.faults.restartTarget(target)
    }
  },
  restartTarget: () => {
    const target = pick(random, emulator.targetIds)
    touchJobsOf(target)
    void emulator.faults.restartTarget(target)
    return () => undefined
  },
}

let timer: NodeJS.Timeout | undefined
const stopBreaking = (): Promise<void> => {
  clearTimeout(timer)
  return Promise.resolve()
}
let heal = stopBreaking
/** Breaks a node; `heal` repairs it. */
const breakNode = (): void => {
  const name = pick(random, Object.keys(NODES))
  countFault(name)
  const end = NODES[name]?.()
  heal = async () => {
    clearTimeout(timer)
    heal = stopBreaking
    await end?.()
  }
  timer = setTimeout(
    () => {
      void heal().then(() => {
        timer = setTimeout(breakNode, between(random, 500, 4_000))
      })
    },
    between(random, 200, 6_000),
  )
}

/** The truth about jobs that were dropped while a wait for them may still be open. */
const dropped = new Map<string, readonly string[]>()

/** The cluster forgets a job. */
const dropJob = (job: Job): void => {
  cluster.jobs.delete(job.id)
  touched.delete(job)
  for (const { registry } of cluster.targets) {
    const kept = registry.filter((run) => run.job !== job)
    registry.splice(0, registry.length, ...kept)
  }
}

/** The outcomes that a wait may report for a job now. */
function truthOf(job: Job): readonly string[] {
  const now = emulator.now()
  const hasSucceeded = job.runs.every(
    (run) => !run.lost && hasEnded(run, now) && !isAborted(run, now) && run.err === '',
  )
  // If a target is still busy with an earlier job of the same bucket, it does not start its part, and the job ends as aborted.
  const wasAborted = job.runs.some((run) => isAborted(run, now)) || job.notice?.missed !== undefined
  return [
    ...(hasSucceeded ? ['finished'] : []),
    ...(wasAborted ? ['aborted'] : []),
    // If a target has lost its record, `lost` is right too: only the proxies may know how the job ended, or no node
    // does.
    ...(touched.has(job) ? ['aborted', 'failed', 'lost', 'NotFound'] : []),
  ]
}

/** Whether the result that a wait emitted is one of the true ones. */
function judge(id: string, result: string): Verdict {
  const job = cluster.jobs.get(id)
  // A wait that still needs a reply about a dropped job reports it as lost.
  const truth = job === undefined ? [...(dropped.get(id) ?? []), 'lost', 'NotFound'] : truthOf(job)
  dropped.delete(id)
  if (job !== undefined) setTimeout(() => dropJob(job), KEPT_MS)
  return truth.includes(result) ? {} : { wrong: `${job?.kind ?? 'it'} may be ${truth.join(', ') || 'running only'}` }
}

// Drops old jobs that no wait judges, such as a job whose start succeeded although the reply was lost.
setInterval(() => {
  const oldestMs = emulator.now() - FORGOTTEN_MS * SPEED
  for (const job of cluster.jobs.values())
    if (job.startMs < oldestMs) {
      dropped.set(job.id, truthOf(job))
      dropJob(job)
    }
}, 10_000)

let foreign = 0
const starting = setInterval(() => {
  const bck = bucketName(`cloud-${foreign++}`, 'aws')
  const objects = Math.floor(between(random, 1_000, 40_000))
  launch(cluster, emulator.now(), { kind: 'prefetch-listrange', bck, objects, objectSize: 4_096, listenedBy: [bck] })
}, START_MS)

breakExchanges()
breakNode()
listen((order: Order) => {
  if (order.do === 'judge') say(judge(order.id, order.result))
  else {
    clearInterval(starting)
    emulator.faults.clear()
    void heal().then(() => say({ faults: counts, requests } satisfies Healed))
  }
})
say({ endpoints: emulator.endpoints })
