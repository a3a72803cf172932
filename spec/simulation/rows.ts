import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { JobRow, JobTable } from '../../lib/view/rows.ts'
import { showBoundOf } from './bound.ts'
import { whyEndIsFalse } from './claim.ts'
import { shownKind } from './downloads.ts'
import type { ReportViolation } from './invariants.ts'
import type { Oracle } from './oracle.ts'
import type { PlannedUser, SimPlan } from './plan.ts'
import type { Session } from './recording.ts'
import { quietSpan } from './quiet.ts'

// I18: tables have all running jobs, and each row is true.

/** A table, with its time. */
interface Shown {
  readonly atMs: number
  readonly table: JobTable
}

/** Whether a row shows its job as not over. */
const isOpenRow = ({ state }: JobRow): boolean => state === 'starting' || state === 'running' || state === 'idle'

/** The tables of a session. */
export const tablesOf = ({ received }: Session): readonly Shown[] =>
  received.flatMap(({ value, atMs }) => {
    const emission = value as { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: JobTable }
    return emission._tag === 'Left' ? [] : [{ atMs, table: emission.right }]
  })

/** I18: a table lists all running jobs, and each row is true. */
export function checkTables(
  plan: SimPlan,
  oracle: Oracle,
  session: Session,
  user: PlannedUser,
  report: ReportViolation,
): void {
  const tables = tablesOf(session)
  const byId = new Map(oracle.jobs().map((job) => [job.id, job]))
  const ended = new Map<string, JobRow>()
  let previous: Shown | undefined
  for (const shown of tables) {
    for (const row of Object.values(shown.table)) {
      const job = byId.get(row.id)
      if (job === undefined || shownKind(job.kind) !== row.kind)
        report('I18', `unexpected row of ${row.kind}[${row.id}]`, shown.atMs)
      else if (isOpenRow(row)) {
        const end = ended.get(row.id)
        if (end !== undefined) report('I18', `back from ${end.state} to ${row.state}`, shown.atMs)
        ended.delete(row.id)
      } else if (ended.get(row.id)?.state !== row.state) {
        ended.set(row.id, row)
        const wrong = whyEndIsFalse(plan, row.state, [job], oracle.truthOfJob(session, job, shown.atMs), shown.atMs)
        if (wrong !== undefined) report('I18', `a row is ${row.state}, but ${wrong}`, shown.atMs)
      }
    }
    if (previous !== undefined) checkStillListed(oracle, previous, shown, report)
    previous = shown
  }
  checkAllListed(plan, oracle, session, user, tables, report)
}

/** The row of a job that ran from one table to the next must be in both. */
function checkStillListed({ runningSpans }: Oracle, previous: Shown, shown: Shown, report: ReportViolation): void {
  if (previous.table === shown.table) return
  for (const { job, fromMs, toMs } of runningSpans)
    if (fromMs <= previous.atMs && toMs >= shown.atMs && job.id in previous.table && !(job.id in shown.table))
      report('I18', `the row of a running ${job.kind} is missing`, shown.atMs)
}

/** Whether the selector of a user includes a job. */
export const isSelected = (plan: SimPlan, user: PlannedUser, job: Job, idOfUser: string): boolean =>
  user.all === true || (user.byKind === true ? plan.jobs[user.job]?.kind === job.kind : job.id === idOfUser)

/** Each table has all jobs that ran for long enough. */
function checkAllListed(
  plan: SimPlan,
  oracle: Oracle,
  session: Session,
  user: PlannedUser,
  tables: readonly Shown[],
  report: ReportViolation,
): void {
  for (const { job, fromMs, toMs } of oracle.runningSpans) {
    if (!isSelected(plan, user, job, oracle.idOf(user.job))) continue
    const bound = showBoundOf(plan, user, session, job)
    const seenFromMs = Math.max(fromMs, session.beganMs)
    const seenToMs = Math.min(toMs, session.overMs)
    const quiet = bound === undefined ? undefined : quietSpan(plan, session, seenFromMs, seenToMs, bound)
    if (bound === undefined || quiet === undefined) continue
    const dueMs = quiet.fromMs + bound
    const newest = tables.findLast(({ atMs }) => atMs <= dueMs)
    const row = newest?.table[job.id]
    if (row === undefined)
      report(
        'I18',
        `a ${job.kind} has been running since ${quiet.fromMs}, and is not in the table ${bound} ms later`,
        dueMs,
      )
  }
}
