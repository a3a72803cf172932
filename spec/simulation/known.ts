import { reportOf, icMembers, isNoticed } from '../../lib/emulator/cluster/notice.ts'
import { isAborted } from '../../lib/emulator/cluster/run.ts'
import type { Cluster, Job, Run } from '../../lib/emulator/cluster/state.ts'
import { downloadOf, hasFailedLink, hasFiles } from './downloads.ts'
import { idlesOf } from './goal.ts'
import type { Exchange, Session } from './recording.ts'
import { isOnTarget } from './runs.ts'

// Records what the replies of a session have shown of each part of a job. The oracle then expects only what the library
// could know.

export interface Known {
  /** Records that a request about these jobs is served. */
  readonly record: (exchange: Exchange, session: Session, jobs: readonly Job[], now: number) => void
  /** Whether a reply that arrived showed this part, running or ended. */
  readonly isShown: (session: Session, run: Run) => boolean
  /** Whether a reply showed the part before its target died, or the proxies reported the loss. */
  readonly isLossKnown: (session: Session, job: Job) => boolean
  /**
   * Whether the user can know of the abort of this part. If the target has restarted since then, only a user that has received
   * the part can know, unless the proxies track the kind and still had the status when a request came.
   */
  readonly isAbortKnown: (session: Session, job: Job, run: Run, atMs: number) => boolean
  /** Whether, at `atMs`, a reply had shown an error of this job to the user, or a request would have shown one. */
  readonly isErrKnown: (session: Session, job: Job, atMs: number) => boolean
}

/** Faults that do not affect whether a reply is true. */
export const HARMLESS: ReadonlySet<string> = new Set(['', 'late', 'duplicate', 'redirect', 'unfiltered'])

/** Whether the reply arrived and can be decoded. */
export const hasArrived = ({ end, fault }: Exchange): boolean => end === 200 && HARMLESS.has(fault ?? '')

/** Whether the cluster replied: with the job, or with 404 because it does not know the job. */
export const isAnswered = ({ end, fault }: Exchange): boolean =>
  (end === 200 || end === 404) && HARMLESS.has(fault ?? '')

/** Whether a request is about this job: users that share a reply about another job learn nothing about this one. */
export const isAbout = ({ body }: Exchange, { id, kind }: Job): boolean =>
  body.includes('"id":')
    ? body.includes(`"id":"${id}"`)
    : !body.includes('"kind":') || body.includes(`"kind":"${kind}"`)

/** The exchanges that prove something to one session, by what they prove. */
interface Facts {
  readonly runs: Map<Run, Exchange[]>
  /** Snapshots in which the part had an error. */
  readonly errs: Map<Run, Exchange[]>
  /** Reports of the Information Center with the job's end and its error. */
  readonly ends: Map<Job, Exchange[]>
  /** Reports of the Information Center with the job's end, with or without an error. */
  readonly reports: Map<Job, Exchange[]>
  /** Requests about the job that the targets served, even if they did not know it. */
  readonly polls: Map<Job, Exchange[]>
  /** Requests that were served while the proxies knew of an abort of the job. */
  readonly aborts: Map<Job, Exchange[]>
  /** Requests that were served after the proxies had dropped the status of the job. */
  readonly forgotten: Map<Job, Exchange[]>
}

/**
 * @param knowsEarlierEnds Whether a session knows the ends that other streams have confirmed before it began. A stream that
 *   shares requests does.
 */
export function knownOf(
  cluster: Cluster,
  shownMs: ReadonlyMap<Run, number>,
  knowsEarlierEnds: (session: Session) => boolean = () => false,
): Known {
  const all = new Map<Session, Facts>()
  const factsOf = (session: Session): Facts => {
    let shown = all.get(session)
    if (shown === undefined)
      all.set(
        session,
        (shown = {
          runs: new Map(),
          errs: new Map(),
          ends: new Map(),
          reports: new Map(),
          polls: new Map(),
          aborts: new Map(),
          forgotten: new Map(),
        }),
      )
    return shown
  }
  const addTo = <K>(map: Map<K, Exchange[]>, key: K, exchange: Exchange): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [exchange])
    else list.push(exchange)
  }
  const upMembers = (now: number) => icMembers(cluster).filter(({ state, readyMs }) => state === 'up' && readyMs <= now)
  const isShown = (session: Session, run: Run): boolean => all.get(session)?.runs.get(run)?.some(hasArrived) === true

  /**
   * Whether a request to the proxies would have shown that the job lost a part. If the part was gone before the first
   * request, only the proxies can report that, as an abort.
   */
  const isLossReported = (session: Session, job: Job): boolean => {
    // What the proxies report of a download does not count (T14).
    if (downloadOf(job) !== undefined) return false
    const polledMs = session.exchanges.filter(({ what, end }) => what === 'snapshots' && end === 200).at(-1)?.servedMs
    // The library requests no status of kinds that idle.
    if (
      !isNoticed(job) ||
      idlesOf(job.kind) ||
      polledMs === undefined ||
      session.exchanges.some(({ what, disturbed }) => what === 'status' && disturbed)
    )
      return false
    const members = upMembers(polledMs)
    return members.length > 0 && members.every(({ id }) => reportOf(cluster, job, id, polledMs)?.aborted === true)
  }

  /**
   * Whether every request for a status succeeded. A list reports an end without its error, and the library then requests
   * the status, which has the error.
   */
  const gotEveryStatus = ({ exchanges, inFlightAtStart, overMs }: Session): boolean =>
    ![...exchanges, ...inFlightAtStart].some(
      ({ what, disturbed, end, endMs }) => what === 'status' && (disturbed || (end === 'cut' && endMs < overMs)),
    )

  /** Whether a request for the status that followed a list found that the proxies had forgotten the job in the meantime. */
  const isForgottenSince = ({ exchanges, inFlightAtStart }: Session, job: Job, sinceMs: number): boolean =>
    [...exchanges, ...inFlightAtStart].some(
      (one) => one.what === 'status' && one.end === 404 && one.atMs >= sinceMs && isAbout(one, job),
    )

  /** Whether the targets could be polled once more after the end was reported. */
  const couldPollTargets = ({ exchanges, inFlightAtStart }: Session): boolean =>
    ![...exchanges, ...inFlightAtStart].some(
      ({ what, disturbed }) => disturbed && (what === 'snapshots' || what === 'running'),
    )

  /**
   * Whether a part appeared only after the targets had served the polls that confirm the end. The library sends no further
   * poll for a part that may appear even later. False if no poll followed the report of the end.
   */
  const isAfterPoll = (session: Session, job: Job, run: Run, atMs: number): boolean => {
    const shown = knowsEarlierEnds(session) ? [...all.values()] : [factsOf(session)]
    const of = (what: 'reports' | 'polls'): readonly Exchange[] => shown.flatMap((one) => one[what].get(job) ?? [])
    const reportedMs = Math.min(...of('reports').flatMap((one) => (hasArrived(one) ? [one.endMs] : [])))
    const polls = of('polls').filter((one) => isAnswered(one) && one.atMs >= reportedMs && one.endMs <= atMs)
    return polls.length > 0 && polls.every(({ servedMs }) => servedMs! < (shownMs.get(run) ?? 0))
  }

  const isRunErrKnown = (session: Session, job: Job, run: Run, atMs: number): boolean => {
    if (run.err !== '') return isOnTarget(run) || isShown(session, run)
    if (run.unreportedErr === '' && !hasFailedLink(run, atMs)) return false
    return (
      all
        .get(session)
        ?.errs.get(run)
        ?.some((one) => hasArrived(one) && one.endMs <= atMs) === true ||
      // Only a reply of the download API can show that a download is over.
      (hasFailedLink(run, atMs) && isOnTarget(run)) ||
      (isOnTarget(run) &&
        (shownMs.get(run) ?? 0) <= atMs &&
        couldPollTargets(session) &&
        !isAfterPoll(session, job, run, atMs))
    )
  }

  /** If the job was aborted, records whether the proxies still know that while they serve a request. */
  const recordAbort = (exchange: Exchange, session: Session, job: Job, now: number): void => {
    if (!isNoticed(job) || !job.runs.some((run) => isAborted(run, now))) return
    const reports = upMembers(now).map(({ id }) => reportOf(cluster, job, id, now))
    if (reports.some((one) => one?.aborted === true)) addTo(factsOf(session).aborts, job, exchange)
    else if (reports.length > 0 && reports.every((one) => one === undefined))
      addTo(factsOf(session).forgotten, job, exchange)
  }

  /**
   * Whether the proxies have reported an abort, or a request would have shown it. They keep a status for three minutes; a
   * request that takes longer than that no longer finds it.
   */
  const isAbortReported = (session: Session, job: Job): boolean => {
    if (!isNoticed(job) || downloadOf(job) !== undefined) return false
    const { aborts, forgotten } = factsOf(session)
    // Proxies that the notifications of the targets do not reach never report the abort, unless they decided it themselves.
    if (!forgotten.has(job)) return !job.notice.deaf || aborts.has(job)
    const showsEnds = ({ what }: Exchange): boolean => what === 'status' || what === 'list'
    return aborts.get(job)?.some((one) => hasArrived(one) && (showsEnds(one) || gotEveryStatus(session))) === true
  }

  return {
    record: (exchange, session, of, now) => {
      const { what } = exchange
      const jobs = of.filter((job) => isAbout(exchange, job))
      for (const job of jobs) recordAbort(exchange, session, job, now)
      if (what === 'snapshots') {
        const { runs, errs, polls } = factsOf(session)
        for (const job of jobs) {
          addTo(polls, job, exchange)
          for (const run of job.runs)
            if (!run.lost && isOnTarget(run) && run.target.state === 'up') {
              addTo(runs, run, exchange)
              if (run.unreportedErr !== '' || hasFailedLink(run, now)) addTo(errs, run, exchange)
            }
        }
      } else if (what === 'status' || what === 'list')
        for (const job of jobs)
          if (isNoticed(job)) {
            const members = upMembers(now)
            if (members.length > 0 && members.every(({ id }) => (reportOf(cluster, job, id, now)?.endMs ?? 0) > 0)) {
              addTo(factsOf(session).reports, job, exchange)
              if (job.notice.ownErr !== '') addTo(factsOf(session).ends, job, exchange)
            }
          }
    },
    isShown,
    isLossKnown: (session, job) =>
      job.runs.some((run) => run.lost && hasFiles(run) && (isShown(session, run) || isLossReported(session, job))),
    isAbortKnown: (session, job, run, atMs) =>
      isAborted(run, atMs) &&
      (isOnTarget(run) || (hasFiles(run) && isShown(session, run)) || isAbortReported(session, job)),
    isErrKnown: (session, job, atMs) =>
      job.runs.some((run) => isRunErrKnown(session, job, run, atMs)) ||
      all
        .get(session)
        ?.ends.get(job)
        ?.some(
          (one) =>
            hasArrived(one) &&
            one.endMs < atMs &&
            (one.what === 'status' || (gotEveryStatus(session) && !isForgottenSince(session, job, one.endMs))),
        ) === true,
  }
}
