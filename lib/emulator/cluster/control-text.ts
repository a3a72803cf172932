import { hasEnded, isAborted, visited, workDoneMs } from './run.ts'
import type { Run } from './state.ts'

/** The numbers of objects that a run has processed locally, sent and received. */
interface Counts {
  readonly loc: number
  readonly out: number
  readonly in: number
}

const seconds = (ms: number): string => (ms < 1_000 ? '<1s' : `${Math.floor(ms / 1_000)}s`)

/**
 * The stage of a rebalance. It is in `traverse` until its work is done; the time from then to its end is half `fin` and
 * half `fin-streams`.
 */
const rebalanceText = (run: Run, now: number): string => {
  const name = `t[${run.target.id}]:`
  const doneMs = workDoneMs(run)
  const traverse = `trav:${seconds(Math.min(now, doneMs) - run.startMs)}`
  if (isAborted(run, now)) return `${name}<fin-streams> aborted ${traverse}`
  if (now < doneMs) return `${name}<traverse> ${traverse}`
  const halfMs = (run.endMs - doneMs) / 2
  const sinceDoneMs = Math.min(now - doneMs, 2 * halfMs)
  if (sinceDoneMs < halfMs) return `${name}<fin> ${traverse} fin:${seconds(sinceDoneMs)}`
  const streams = `fin:${seconds(halfMs)} fin-streams:${seconds(sinceDoneMs - halfMs)}`
  return `${name}<fin-streams> ${hasEnded(run, now) ? 'done ' : ''}${traverse} ${streams}`
}

/** Progress of a blob download, whose object arrives in chunks. */
const blobText = ({ job, base, burst }: Run, chunks: number): string => {
  const megabytes = (count: number): string => `${((count * job.objectSize) / 1_048_576).toFixed(1)}MiB`
  const all = base + burst.objects
  const done = `${megabytes(chunks)}/${megabytes(all)} (${Math.floor((100 * chunks) / all)}%)`
  return `${job.requestText} chunk-size:4MiB, workers:1, downloaded:${done}`
}

/** The `ctlmsg` of a snapshot. Empty for kinds without one. */
export const controlText = (run: Run, counts: Counts, now: number): string => {
  const { job } = run
  const seen = visited(run, now)
  const target = `t[${run.target.id}]`
  switch (job.kind) {
    case 'copy-bck':
      return `${job.requestText}; ${target}: job:[ visited:${seen} locally-processed:${counts.loc} sent:${counts.out} received:${counts.in} copy-err:0 chan-full:0 pruned:0]`
    case 'copy-listrange':
      return `${job.requestText}; ${target}: job:[ xid:${job.id} txns:${job.requests}/${job.requests} pending:0 sent:${counts.out} received:${counts.in} err:0 chan-full:0 pruned:0]`
    case 'list':
      return `${target}: job:[reqs:${job.requests}${seen > 0 ? ` pages:${job.requests} entries:${seen} avg-lat:9.545ms max-lat:28.501ms` : ''}]`
    case 'index-shard':
      return `index:${seen}`
    case 'blob-download':
      return blobText(run, seen)
    case 'cleanup-store':
      return `xa-cleanup-store[${job.id}]; ${target}: visits:${seen}`
    case 'load-lom-cache':
      return `, visited:${seen}`
    case 'resilver':
      return `visited:${seen}`
    case 'rebalance':
      return rebalanceText(run, now)
    case 'rechunk':
      return `objsize-limit:0B, chunk-size:1GiB, visited:${seen}`
    case 'make-n-copies':
      return `${job.requestText}, visited:${seen}`
    case 'prefetch-listrange':
      return `${target}: cfg() job:[cold:(${counts.loc},${counts.loc * job.objectSize}B)]`
    default:
      return job.requestText
  }
}
