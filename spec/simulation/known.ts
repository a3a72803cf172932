import { reportOf, icMembers, isNoticed } from '../../lib/emulator/cluster/notice.ts'
import { isAborted } from '../../lib/emulator/cluster/run.ts'
import type { Cluster, Job, Run } from '../../lib/emulator/cluster/state.ts'
import { downloadOf, hasFailedLink, hasFiles } from './downloads.ts'
import { idlesOf } from './goal.ts'
import type { Exchange, Stay } from './probe.ts'
import { isThere } from './runs.ts'

// Keeps what the replies of a stay have shown of each part of a job, so that the oracle expects nothing that nobody
// could know.

export interface Known {
  /** Records that a request about these jobs is served. */
  readonly record: (exchange: Exchange, stay: Stay, jobs: readonly Job[], now: number) => void
  /** Whether a reply that arrived showed this part, running or ended. */
  readonly isShown: (stay: Stay, run: Run) => boolean
  /** Whether a reply showed the part before its target died, or the proxies reported the loss. */
  readonly isLossKnown: (stay: Stay, job: Job) => boolean
  /**
   * Whether the abort of this part can be known. If the target has restarted since, and the proxies do not track the
   * kind or dropped the status before any request, only users that saw the part know of the abort.
   */
  readonly isAbortKnown: (stay: Stay, job: Job, run: Run, atMs: number) => boolean
  /** Whether, at `atMs`, the stay had received an error of this job, or a request would have shown one. */
  readonly isErrKnown: (stay: Stay, job: Job, atMs: number) => boolean
}

/** Faults that do not affect whether a reply is true. */
export const HARMLESS: ReadonlySet<string> = new Set(['', 'late', 'duplicate', 'redirect', 'unfiltered'])

export const arrived = ({ end, fault }: Exchange): boolean => end === 200 && HARMLESS.has(fault ?? '')

/** Whether a reply reports on a job, or reports that the server does not know it. */
export const answered = ({ end, fault }: Exchange): boolean => (end === 200 || end === 404) && HARMLESS.has(fault ?? '')

/** Whether a request is about this job: users that share a reply about another job learn nothing about this one. */
export const asksFor = ({ body }: Exchange, { id, kind }: Job): boolean =>
  body.includes('"id":')
    ? body.includes(`"id":"${id}"`)
    : !body.includes('"kind":') || body.includes(`"kind":"${kind}"`)

interface Shown {
  readonly runs: Map<Run, Exchange[]>
  /** Snapshots in which the part had an error. */
  readonly errs: Map<Run, Exchange[]>
  /** Reports of the Information Center with the job's end and its error. */
  readonly ends: Map<Job, Exchange[]>
  /** Reports of the Information Center with the job's end, with or without an error. */
  readonly reports: Map<Job, Exchange[]>
  /** Requests that the targets served, whatever they knew of the job. */
  readonly polls: Map<Job, Exchange[]>
  /** Requests that were served while the proxies knew of an abort of the job ... */
  readonly cuts: Map<Job, Exchange[]>
  /** ... and after they had dropped its status. */
  readonly forgotten: Map<Job, Exchange[]>
}

/** @param goesOn whether a stay knows the ends that other streams learnt before it began, as a stream that shares requests does */
export function knownOf(
  cluster: Cluster,
  shownMs: ReadonlyMap<Run, number>,
  goesOn: (stay: Stay) => boolean = () => false,
): Known {
  const all = new Map<Stay, Shown>()
  const shownTo = (stay: Stay): Shown => {
    let shown = all.get(stay)
    if (shown === undefined)
      all.set(
        stay,
        (shown = {
          runs: new Map(),
          errs: new Map(),
          ends: new Map(),
          reports: new Map(),
          polls: new Map(),
          cuts: new Map(),
          forgotten: new Map(),
        }),
      )
    return shown
  }
  const note = <K>(map: Map<K, Exchange[]>, key: K, exchange: Exchange): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [exchange])
    else list.push(exchange)
  }
  const upMembers = (now: number) => icMembers(cluster).filter(({ state, readyMs }) => state === 'up' && readyMs <= now)
  const isShown = (stay: Stay, run: Run): boolean => all.get(stay)?.runs.get(run)?.some(arrived) === true

  /**
   * If a part was gone before the first request, only the proxies can report it: a request to them would have shown the
   * abort.
   */
  const isLossReported = (stay: Stay, job: Job): boolean => {
    // What the proxies report of a download does not count (T14).
    if (downloadOf(job) !== undefined) return false
    const polledMs = stay.exchanges.filter(({ what, end }) => what === 'snapshots' && end === 200).at(-1)?.servedMs
    // The library requests no status of kinds that idle.
    if (
      !isNoticed(job) ||
      idlesOf(job.kind) ||
      polledMs === undefined ||
      stay.exchanges.some(({ what, disturbed }) => what === 'status' && disturbed)
    )
      return false
    const members = upMembers(polledMs)
    return members.length > 0 && members.every(({ id }) => reportOf(cluster, job, id, polledMs)?.aborted === true)
  }

  /**
   * Whether no request for the status failed. A list has no error; it makes the library request the status. A status
   * request that timed out had no reply.
   */
  const gotEachStatus = ({ exchanges, met, overMs }: Stay): boolean =>
    ![...exchanges, ...met].some(
      ({ what, disturbed, end, endMs }) => what === 'status' && (disturbed || (end === 'cut' && endMs < overMs)),
    )

  /** Whether the targets could be polled once more after the end was reported. */
  const isAskable = ({ exchanges, met }: Stay): boolean =>
    ![...exchanges, ...met].some(({ what, disturbed }) => disturbed && (what === 'snapshots' || what === 'running'))

  /**
   * Whether a part appeared only after the targets had served the last poll that confirms the end: the reply was on its
   * way, and no further poll follows for parts that may appear later still. Without a poll after the report, the part
   * is not late.
   */
  const isAfterPoll = (stay: Stay, job: Job, run: Run, atMs: number): boolean => {
    const shown = goesOn(stay) ? [...all.values()] : [shownTo(stay)]
    const of = (what: 'reports' | 'polls'): readonly Exchange[] => shown.flatMap((one) => one[what].get(job) ?? [])
    const reportedMs = Math.min(...of('reports').flatMap((one) => (arrived(one) ? [one.endMs] : [])))
    const polls = of('polls').filter((one) => answered(one) && one.atMs >= reportedMs && one.endMs <= atMs)
    return polls.length > 0 && polls.every(({ servedMs }) => servedMs! < (shownMs.get(run) ?? 0))
  }

  const isRunErrKnown = (stay: Stay, job: Job, run: Run, atMs: number): boolean => {
    if (run.err !== '') return isThere(run) || isShown(stay, run)
    if (run.unreportedErr === '' && !hasFailedLink(run, atMs)) return false
    return (
      all
        .get(stay)
        ?.errs.get(run)
        ?.some((one) => arrived(one) && one.endMs <= atMs) === true ||
      // Only a reply of the download API can show that a download is over.
      (hasFailedLink(run, atMs) && isThere(run)) ||
      (isThere(run) && (shownMs.get(run) ?? 0) <= atMs && isAskable(stay) && !isAfterPoll(stay, job, run, atMs))
    )
  }

  /** Records what the proxies know of a job while they serve a request. */
  const remember = (exchange: Exchange, stay: Stay, job: Job, now: number): void => {
    if (!isNoticed(job) || !job.runs.some((run) => isAborted(run, now))) return
    const reports = upMembers(now).map(({ id }) => reportOf(cluster, job, id, now))
    if (reports.some((one) => one?.aborted === true)) note(shownTo(stay).cuts, job, exchange)
    else if (reports.length > 0 && reports.every((one) => one === undefined))
      note(shownTo(stay).forgotten, job, exchange)
  }

  /**
   * Whether the proxies have reported an abort, or a request would have shown it. They keep a status for three minutes:
   * if requests take longer than that, it is gone before the first one with a sufficient timeout.
   */
  const isAbortReported = (stay: Stay, job: Job): boolean => {
    if (!isNoticed(job) || downloadOf(job) !== undefined) return false
    const { cuts, forgotten } = shownTo(stay)
    // Proxies that the notifications of the targets do not reach never report the abort, unless they decided it themselves.
    if (!forgotten.has(job)) return !job.notice.deaf || cuts.has(job)
    const showsEnds = ({ what }: Exchange): boolean => what === 'status' || what === 'list'
    return cuts.get(job)?.some((one) => arrived(one) && (showsEnds(one) || gotEachStatus(stay))) === true
  }

  return {
    record: (exchange, stay, of, now) => {
      const { what } = exchange
      const jobs = of.filter((job) => asksFor(exchange, job))
      for (const job of jobs) remember(exchange, stay, job, now)
      if (what === 'snapshots') {
        const { runs, errs, polls } = shownTo(stay)
        for (const job of jobs) {
          note(polls, job, exchange)
          for (const run of job.runs)
            if (!run.lost && isThere(run) && run.target.state === 'up') {
              note(runs, run, exchange)
              if (run.unreportedErr !== '' || hasFailedLink(run, now)) note(errs, run, exchange)
            }
        }
      } else if (what === 'status' || what === 'list')
        for (const job of jobs)
          if (isNoticed(job)) {
            const members = upMembers(now)
            if (members.length > 0 && members.every(({ id }) => (reportOf(cluster, job, id, now)?.endMs ?? 0) > 0)) {
              note(shownTo(stay).reports, job, exchange)
              if (job.notice.ownErr !== '') note(shownTo(stay).ends, job, exchange)
            }
          }
    },
    isShown,
    isLossKnown: (stay, job) =>
      job.runs.some((run) => run.lost && hasFiles(run) && (isShown(stay, run) || isLossReported(stay, job))),
    isAbortKnown: (stay, job, run, atMs) =>
      isAborted(run, atMs) && (isThere(run) || isShown(stay, run) || isAbortReported(stay, job)),
    isErrKnown: (stay, job, atMs) =>
      job.runs.some((run) => isRunErrKnown(stay, job, run, atMs)) ||
      all
        .get(stay)
        ?.ends.get(job)
        ?.some((one) => arrived(one) && one.endMs < atMs && (one.what === 'status' || gotEachStatus(stay))) === true,
  }
}
