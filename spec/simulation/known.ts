import { reportOf, icMembers, isNoticed } from '../../lib/emulator/cluster/notice.ts'
import { isAborted } from '../../lib/emulator/cluster/run.ts'
import type { Cluster, Job, Run } from '../../lib/emulator/cluster/state.ts'
import { idlesOf } from './goal.ts'
import type { Exchange, Stay } from './probe.ts'
import { isThere } from './runs.ts'

// What the replies of a stay have shown of each part of a job, so that the truth asks of nobody what nobody could know.

export interface Known {
  /** A question about these jobs is served. */
  readonly look: (exchange: Exchange, stay: Stay, jobs: readonly Job[], now: number) => void
  /** A reply that arrived showed this part alive or ended. */
  readonly isShown: (stay: Stay, run: Run) => boolean
  /** Shown before its target died, or told by the proxies. */
  readonly isLossKnown: (stay: Stay, job: Job) => boolean
  /**
   * This part of the job was aborted. Where the target has started anew since, and the proxies keep no status of the kind
   * or have thrown it away before they could be asked, only those know who were shown the part.
   */
  readonly isAbortKnown: (stay: Stay, job: Job, run: Run, atMs: number) => boolean
  /** By then, the stay was told of an error of this job, or had only to ask for it. */
  readonly isErrKnown: (stay: Stay, job: Job, atMs: number) => boolean
}

/** Replies that meet these are as true as any. */
export const HARMLESS: ReadonlySet<string> = new Set(['', 'late', 'duplicate', 'redirect', 'unfiltered'])

export const arrived = ({ end, fault }: Exchange): boolean => end === 200 && HARMLESS.has(fault ?? '')

/** Whether a reply says something of a job, or that nobody asked knows it. */
export const answered = ({ end, fault }: Exchange): boolean => (end === 200 || end === 404) && HARMLESS.has(fault ?? '')

/** Whether a request asks for this job: those who share a reply about another job learn nothing of this one. */
export const asksFor = ({ body }: Exchange, { id, kind }: Job): boolean =>
  body.includes('"id":')
    ? body.includes(`"id":"${id}"`)
    : !body.includes('"kind":') || body.includes(`"kind":"${kind}"`)

interface Shown {
  readonly runs: Map<Run, Exchange[]>
  /** Snapshots in which the part had an error. */
  readonly errs: Map<Run, Exchange[]>
  /** Reports of the Information Center that had the job's end, and the error with it. */
  readonly ends: Map<Job, Exchange[]>
  /** Reports of the Information Center that had the job's end, with an error or without one. */
  readonly reports: Map<Job, Exchange[]>
  /** Requests that were served by the targets, whatever they knew of the job. */
  readonly looks: Map<Job, Exchange[]>
  /** Requests that were served while the proxies knew of an abort of the job ... */
  readonly cuts: Map<Job, Exchange[]>
  /** ... and after they had thrown its status away. */
  readonly forgotten: Map<Job, Exchange[]>
}

/** @param goesOn whether a stay goes on with the ends that others have learnt before it began, as a stream in company does */
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
          looks: new Map(),
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

  /** Nobody can tell of a part that was gone before anybody asked, but the proxies: had they been asked, they had told. */
  const isTold = (stay: Stay, job: Job): boolean => {
    const lookedMs = stay.exchanges.filter(({ what, end }) => what === 'snapshots' && end === 200).at(-1)?.servedMs
    // Of what idles, nobody asks the proxies.
    if (
      !isNoticed(job) ||
      idlesOf(job.kind) ||
      lookedMs === undefined ||
      stay.exchanges.some(({ what, disturbed }) => what === 'status' && disturbed)
    )
      return false
    const members = upMembers(lookedMs)
    return members.length > 0 && members.every(({ id }) => reportOf(cluster, job, id, lookedMs)?.aborted === true)
  }

  /** A list shows no error; it makes the library ask for the status. One that ran into its limit was not heard. */
  const isStatusHeard = ({ exchanges, met, overMs }: Stay): boolean =>
    ![...exchanges, ...met].some(
      ({ what, disturbed, end, endMs }) => what === 'status' && (disturbed || (end === 'cut' && endMs < overMs)),
    )

  /** The targets of a job whose end was reported are asked once more, unless they do not answer. */
  const isAskable = ({ exchanges, met }: Stay): boolean =>
    ![...exchanges, ...met].some(({ what, disturbed }) => disturbed && (what === 'snapshots' || what === 'running'))

  /**
   * Whether a part showed only after the targets had served the look that confirms the end, the last by then: its reply was
   * on its way, and nobody looks once more for what may show later still. Without a look after the report, it is not late.
   */
  const isAfterLook = (stay: Stay, job: Job, run: Run, atMs: number): boolean => {
    const shown = goesOn(stay) ? [...all.values()] : [shownTo(stay)]
    const of = (what: 'reports' | 'looks'): readonly Exchange[] => shown.flatMap((one) => one[what].get(job) ?? [])
    const toldMs = Math.min(...of('reports').flatMap((one) => (arrived(one) ? [one.endMs] : [])))
    const looks = of('looks').filter((one) => answered(one) && one.atMs >= toldMs && one.endMs <= atMs)
    return looks.length > 0 && looks.every(({ servedMs }) => servedMs! < (shownMs.get(run) ?? 0))
  }

  const isRunErrKnown = (stay: Stay, job: Job, run: Run, atMs: number): boolean => {
    if (run.err !== '') return isThere(run) || isShown(stay, run)
    if (run.unreportedErr === '') return false
    return (
      all
        .get(stay)
        ?.errs.get(run)
        ?.some((one) => arrived(one) && one.endMs <= atMs) === true ||
      (isThere(run) && (shownMs.get(run) ?? 0) <= atMs && isAskable(stay) && !isAfterLook(stay, job, run, atMs))
    )
  }

  /** What the proxies remember of a job while a request is served. */
  const remember = (exchange: Exchange, stay: Stay, job: Job, now: number): void => {
    if (!isNoticed(job) || !job.runs.some((run) => isAborted(run, now))) return
    const heard = upMembers(now).map(({ id }) => reportOf(cluster, job, id, now))
    if (heard.some((one) => one?.aborted === true)) note(shownTo(stay).cuts, job, exchange)
    else if (heard.length > 0 && heard.every((one) => one === undefined)) note(shownTo(stay).forgotten, job, exchange)
  }

  /**
   * Whether the proxies have told of an abort, or had only to be asked. They keep a status for three minutes: where requests
   * take longer than that, it is gone before the first that has enough time.
   */
  const isCutTold = (stay: Stay, job: Job): boolean => {
    if (!isNoticed(job)) return false
    const { cuts, forgotten } = shownTo(stay)
    if (!forgotten.has(job)) return true
    const tells = ({ what }: Exchange): boolean => what === 'status' || what === 'list'
    return cuts.get(job)?.some((one) => arrived(one) && (tells(one) || isStatusHeard(stay))) === true
  }

  return {
    look: (exchange, stay, of, now) => {
      const { what } = exchange
      const jobs = of.filter((job) => asksFor(exchange, job))
      for (const job of jobs) remember(exchange, stay, job, now)
      if (what === 'snapshots') {
        const { runs, errs, looks } = shownTo(stay)
        for (const job of jobs) {
          note(looks, job, exchange)
          for (const run of job.runs)
            if (!run.lost && isThere(run) && run.target.state === 'up') {
              note(runs, run, exchange)
              if (run.unreportedErr !== '') note(errs, run, exchange)
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
    isLossKnown: (stay, job) => job.runs.some((run) => run.lost && (isShown(stay, run) || isTold(stay, job))),
    isAbortKnown: (stay, job, run, atMs) =>
      isAborted(run, atMs) && (isThere(run) || isShown(stay, run) || isCutTold(stay, job)),
    isErrKnown: (stay, job, atMs) =>
      job.runs.some((run) => isRunErrKnown(stay, job, run, atMs)) ||
      all
        .get(stay)
        ?.ends.get(job)
        ?.some((one) => arrived(one) && one.endMs < atMs && (one.what === 'status' || isStatusHeard(stay))) === true,
  }
}
