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
  /** Snapshots that had the part. */
  readonly parts: Map<Run, Exchange[]>
  /** Snapshots in which the part had an error. */
  readonly partErrs: Map<Run, Exchange[]>
  /** Requests about the job that the targets served, even if they did not know it. */
  readonly polls: Map<Job, Exchange[]>
  /** Reports of the Information Center with the job's end, with or without an error. */
  readonly endReports: Map<Job, Exchange[]>
  /** Those of them for whose end the Information Center has an error of its own. */
  readonly errReports: Map<Job, Exchange[]>
  /** Requests that were served while the proxies knew of an abort of the job. */
  readonly whileAbortKept: Map<Job, Exchange[]>
  /** Requests that were served after the proxies had dropped the status of the job, which was aborted. */
  readonly afterAbortDropped: Map<Job, Exchange[]>
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
    let facts = all.get(session)
    if (facts === undefined)
      all.set(
        session,
        (facts = {
          parts: new Map(),
          partErrs: new Map(),
          polls: new Map(),
          endReports: new Map(),
          errReports: new Map(),
          whileAbortKept: new Map(),
          afterAbortDropped: new Map(),
        }),
      )
    return facts
  }
  const addTo = <K>(map: Map<K, Exchange[]>, key: K, exchange: Exchange): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [exchange])
    else list.push(exchange)
  }
  /** The members of the Information Center that reply at this time. */
  const upMembers = (now: number) => icMembers(cluster).filter(({ state, readyMs }) => state === 'up' && readyMs <= now)

  const isShown = (session: Session, run: Run): boolean => all.get(session)?.parts.get(run)?.some(hasArrived) === true

  /**
   * Whether a request to the proxies, at the time of the last poll of the targets, would have shown that the job lost a
   * part. If the part was gone before the first request, only the proxies can report that, as an abort.
   */
  const isLossReported = (session: Session, job: Job): boolean => {
    // What the proxies report of a download does not count (protocol T14).
    if (downloadOf(job) !== undefined) return false
    // The library requests no status of kinds that the proxies do not track or that idle.
    if (!isNoticed(job) || idlesOf(job.kind)) return false
    if (session.exchanges.some(({ what, disturbed }) => what === 'status' && disturbed)) return false
    const polledMs = session.exchanges.findLast(({ what, end }) => what === 'snapshots' && end === 200)?.servedMs
    if (polledMs === undefined) return false
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
  const appearedAfterLastPoll = (session: Session, job: Job, run: Run, atMs: number): boolean => {
    const facts = knowsEarlierEnds(session) ? [...all.values()] : [factsOf(session)]
    const endReports = facts.flatMap((one) => one.endReports.get(job) ?? []).filter(hasArrived)
    const reportedMs = Math.min(...endReports.map(({ endMs }) => endMs))
    const polls = facts
      .flatMap((one) => one.polls.get(job) ?? [])
      .filter((one) => isAnswered(one) && one.atMs >= reportedMs && one.endMs <= atMs)
    return polls.length > 0 && polls.every(({ servedMs }) => servedMs! < (shownMs.get(run) ?? 0))
  }

  /** Whether the user can know the error of this part at `atMs`; false if the part has none. */
  const isPartErrKnown = (session: Session, job: Job, run: Run, atMs: number): boolean => {
    // The target also reports this error to the proxies.
    if (run.err !== '') return isOnTarget(run) || isShown(session, run)
    // Any other error is only on the target.
    const hasFailed = hasFailedLink(run, atMs)
    if (run.unreportedErr === '' && !hasFailed) return false
    const shown = factsOf(session).partErrs.get(run) ?? []
    if (shown.some((one) => hasArrived(one) && one.endMs <= atMs)) return true
    if (!isOnTarget(run)) return false
    // Only a reply of the download API can show that a download is over.
    if (hasFailed) return true
    const hasAppeared = (shownMs.get(run) ?? 0) <= atMs
    return hasAppeared && couldPollTargets(session) && !appearedAfterLastPoll(session, job, run, atMs)
  }

  /** Whether the Information Center, at `atMs`, had shown the user an error of its own about this job. */
  const isErrOfIcKnown = (session: Session, job: Job, atMs: number): boolean => {
    const reports = factsOf(session).errReports.get(job) ?? []
    // A list shows the end without the error; then the library requests the status.
    const gotStatusSince = (ms: number): boolean => gotEveryStatus(session) && !isForgottenSince(session, job, ms)
    return reports.some(
      (one) => hasArrived(one) && one.endMs < atMs && (one.what === 'status' || gotStatusSince(one.endMs)),
    )
  }

  /** If the job was aborted, records whether the proxies still know that while they serve a request. */
  const recordAbort = (exchange: Exchange, session: Session, job: Job, now: number): void => {
    if (!isNoticed(job) || !job.runs.some((run) => isAborted(run, now))) return
    const reports = upMembers(now).map(({ id }) => reportOf(cluster, job, id, now))
    if (reports.some((one) => one?.aborted === true)) addTo(factsOf(session).whileAbortKept, job, exchange)
    else if (reports.length > 0 && reports.every((one) => one === undefined))
      addTo(factsOf(session).afterAbortDropped, job, exchange)
  }

  /** Records which parts of the jobs the targets show, and their errors. */
  const recordPoll = (exchange: Exchange, session: Session, jobs: readonly Job[], now: number): void => {
    const { parts, partErrs, polls } = factsOf(session)
    for (const job of jobs) {
      addTo(polls, job, exchange)
      for (const run of job.runs)
        if (!run.lost && isOnTarget(run) && run.target.state === 'up') {
          addTo(parts, run, exchange)
          if (run.unreportedErr !== '' || hasFailedLink(run, now)) addTo(partErrs, run, exchange)
        }
    }
  }

  /** Records which ends the Information Center reports: those that all its members know, whichever of them replies. */
  const recordEnds = (exchange: Exchange, session: Session, jobs: readonly Job[], now: number): void => {
    const { endReports, errReports } = factsOf(session)
    const members = upMembers(now)
    for (const job of jobs) {
      if (!isNoticed(job) || members.length === 0) continue
      if (members.some(({ id }) => (reportOf(cluster, job, id, now)?.endMs ?? 0) === 0)) continue
      addTo(endReports, job, exchange)
      if (job.notice.ownErr !== '') addTo(errReports, job, exchange)
    }
  }

  /**
   * Whether the proxies have reported an abort, or a request would have shown it. They keep a status for three minutes; a
   * request that takes longer than that no longer finds it.
   */
  const isAbortReported = (session: Session, job: Job): boolean => {
    if (!isNoticed(job) || downloadOf(job) !== undefined) return false
    const { whileAbortKept, afterAbortDropped } = factsOf(session)
    // Proxies that the notifications of the targets do not reach never report the abort, unless they decided it themselves.
    if (!afterAbortDropped.has(job)) return !job.notice.deaf || whileAbortKept.has(job)
    // When another reply came in that time, the library could request the status, unless such a request failed.
    const isReport = ({ what }: Exchange): boolean => what === 'status' || what === 'list'
    return (
      whileAbortKept.get(job)?.some((one) => hasArrived(one) && (isReport(one) || gotEveryStatus(session))) === true
    )
  }

  return {
    record: (exchange, session, selected, now) => {
      const { what } = exchange
      const jobs = selected.filter((job) => isAbout(exchange, job))
      for (const job of jobs) recordAbort(exchange, session, job, now)
      if (what === 'snapshots') recordPoll(exchange, session, jobs, now)
      else if (what === 'status' || what === 'list') recordEnds(exchange, session, jobs, now)
    },
    isShown,
    isLossKnown: (session, job) =>
      job.runs.some((run) => run.lost && hasFiles(run) && (isShown(session, run) || isLossReported(session, job))),
    isAbortKnown: (session, job, run, atMs) =>
      isAborted(run, atMs) &&
      (isOnTarget(run) || (hasFiles(run) && isShown(session, run)) || isAbortReported(session, job)),
    isErrKnown: (session, job, atMs) =>
      job.runs.some((run) => isPartErrKnown(session, job, run, atMs)) || isErrOfIcKnown(session, job, atMs),
  }
}
