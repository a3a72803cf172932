import { firstValueFrom } from 'rxjs'
import { abort, explain, isLeft, type Cluster } from '../../index.ts'
import { confirmed } from './dialogs.ts'
import { byId, setText } from './dom.ts'
import { duration } from './format.ts'
import type { Shown } from './shown.ts'

/** How long to wait until a job has stopped. */
const STOP_MS = 30_000

/** Shows the result of a command, and announces it to screen readers. */
export const showNotice = (text: string): void => setText(byId('notice'), text)

/** Stops a job after the user has confirmed it. */
export async function stopJob(cluster: Cluster, job: Shown): Promise<void> {
  const age = job.startMs === undefined ? 'unknown' : duration(Date.now() - job.startMs)
  const facts = [
    ['ID', job.id],
    ['Kind', job.kind],
    ['Bucket', job.bucket ?? 'none'],
    ['Runs for', age],
  ] as const
  if (!(await confirmed('Stop this job?', facts, 'Stop the job'))) return
  showNotice(`Stopping ${job.kind} ${job.id} ...`)
  const stopped = await firstValueFrom(
    abort(cluster, { id: job.id, kind: job.kind }, { confirm: true, timeoutMs: STOP_MS }),
  )
  showNotice(
    isLeft(stopped) ? `${job.id} could not be stopped: ${explain(stopped.left)}` : `${job.kind} ${job.id} has stopped.`,
  )
}
