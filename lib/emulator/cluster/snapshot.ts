import { noBucket, type BucketName } from './bucket.ts'
import { controlText } from './control-text.ts'
import { erasureExtra } from './erasure.ts'
import { nanoseconds } from './instant.ts'
import { lifeOf } from './life.ts'
import { fractionOf } from './random.ts'
import { endsAtMs, hasEnded, isAborted, isIdle, visited, workDoneMs } from './run.ts'
import { timeText, ZERO_TIME } from './time-text.ts'
import { errorOf } from './work.ts'
import type { Cluster, Run } from './state.ts'

/** A snapshot on the wire, with its keys in the server's order. */
export interface Snapshot {
  readonly ext: object | null
  readonly 'start-time': string
  readonly 'end-time': string
  readonly bck: BucketName
  readonly 'src-bck': BucketName
  readonly 'dst-bck': BucketName
  readonly id: string
  readonly kind: string
  readonly ctlmsg?: string
  readonly 'abort-err': string
  readonly err: string
  readonly 'glob.id': string
  readonly stats: Readonly<Record<string, string>>
  readonly aborted: boolean
  readonly is_idle: boolean
}

/** Whether the run's target writes the archive, from its own objects and those that the other targets send. */
const collects = (run: Run): boolean => {
  const { runs, id } = run.job
  return runs[Math.floor(fractionOf(id) * runs.length)] === run
}

/** The number of objects that a run has processed. An object for which there was nothing to do does not count. */
const processed = (run: Run, now: number): number => run.work?.objects ?? visited(run, now)

/** The number of objects that a run has sent to other targets. */
const sentBy = (run: Run, now: number): number => {
  if (run.job.kind === 'archive') return collects(run) ? 0 : visited(run, now)
  return run.job.runs.length < 2 ? 0 : Math.floor(processed(run, now) * lifeOf(run.job.kind).sent)
}

/** The number of objects that a run has received: an equal share of what the other targets have sent. */
const receivedBy = (run: Run, now: number): number => {
  const others = run.job.runs.filter((other) => other !== run)
  const sent = others.reduce((sum, other) => sum + sentBy(other, now), 0)
  if (run.job.kind === 'archive') return collects(run) ? sent : 0
  return others.length === 0 ? 0 : Math.floor(sent / others.length)
}

/** Number of archives that the job of a run has completed. */
const archivesOf = (run: Run, now: number): number => {
  if (run.work) return run.job.runs.reduce((sum, { work }) => sum + (work?.archives ?? 0), 0)
  // An archive that is aborted before its last object is never written.
  const isWritten = workDoneMs(run) <= Math.min(now, run.abortMs)
  return isWritten ? 1 : 0
}

/** Numbers of objects that a run has processed locally, sent and received. */
export const countsOf = (
  run: Run,
  now: number,
): { readonly loc: number; readonly out: number; readonly in: number } => {
  const counts = { out: sentBy(run, now), in: receivedBy(run, now) }
  if (run.job.kind === 'archive') return { ...counts, loc: collects(run) ? archivesOf(run, now) : 0 }
  // A blob download fetches one object in many chunks.
  if (run.job.kind === 'blob-download') return { ...counts, loc: hasEnded(run, now) && !isAborted(run, now) ? 1 : 0 }
  return { ...counts, loc: Math.floor(processed(run, now) * lifeOf(run.job.kind).counted) }
}

/** The snapshot of a run at `now`. */
export const snapshotOf = (cluster: Cluster, run: Run, now: number): Snapshot => {
  const { job } = run
  const life = lifeOf(job.kind)
  const counts = countsOf(run, now)
  // In a tar archive, each object has a header of 512 bytes.
  const shardBytes = job.kind === 'archive' ? (counts.in + visited(run, now)) * (job.objectSize + 512) : 0
  // A blob download counts its chunks.
  const isBlob = job.kind === 'blob-download'
  const { work } = run
  const objectSize = work && work.objects > 0 ? work.bytes / work.objects : job.objectSize
  const bytes = (objects: number): string => String(Math.round(objects * objectSize))
  const ctlmsg = controlText(run, counts, now)
  // The queue of the workers is full once for every hundred objects.
  const channelFull = life.workers > 0 ? Math.floor(visited(run, now) / 100) : 0
  return {
    ext: erasureExtra(job.kind, counts.loc, job.objectSize),
    'start-time': timeText(nanoseconds(cluster, run.startMs)),
    'end-time': hasEnded(run, now) ? timeText(nanoseconds(cluster, endsAtMs(run))) : ZERO_TIME,
    bck: job.bck,
    'src-bck': job.src ?? noBucket,
    'dst-bck': job.dst ?? noBucket,
    id: job.id,
    kind: job.kind,
    ...(ctlmsg === '' ? {} : { ctlmsg }),
    'abort-err': isAborted(run, now) ? run.abortErr : '',
    err: [(run.errMs ?? 0) <= now ? run.err : '', run.unreportedErr, errorOf(run)].find((text) => text !== '') ?? '',
    // Bits 0-9 are the joggers, bits 10-19 the workers, and the others how often their queue was full.
    'glob.id': String(life.joggers + life.workers * 2 ** 10 + channelFull * 2 ** 20),
    stats: {
      'loc-objs': String(counts.loc),
      'loc-bytes':
        counts.loc > 0 && shardBytes > 0 ? String(shardBytes) : bytes(isBlob ? visited(run, now) : counts.loc),
      'out-objs': String(counts.out),
      'out-bytes': bytes(counts.out),
      'in-objs': String(counts.in),
      'in-bytes': bytes(isBlob ? run.base + run.burst.objects : counts.in),
    },
    aborted: isAborted(run, now),
    is_idle: isIdle(run, now, cluster.timing.quiesceMs),
  }
}
