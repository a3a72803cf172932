// The events of all jobs, of all users: a line for each start, and one for each end with the duration.
import { map, scan, type Observable } from 'rxjs'
import { explain, isLeft, jobEvents, type Cluster, type JobEvent } from 'aistore-rx'

const BAD: readonly JobEvent['type'][] = ['failed', 'aborted', 'vanished']

interface Log {
  /** The start times of the jobs that have not ended. */
  readonly since: ReadonlyMap<string, number>
  readonly line: string
}

const logOf = ({ since }: Log, { type, job, atMs, result }: JobEvent): Log => {
  const others = new Map([...since].filter(([id]) => id !== job.id))
  const name = `${job.kind} ${job.id}`
  if (type === 'started') return { since: others.set(job.id, atMs), line: `${name} started` }
  const why = result?.error === undefined ? '' : `: ${result.error}`
  const seconds = (atMs - (since.get(job.id) ?? atMs)) / 1000
  return { since: others, line: `${BAD.includes(type) ? 'ALARM ' : ''}${name} ${type} after ${seconds} s${why}` }
}

/** Without a selector, the stream has only starts and ends. */
export const main = (cluster: Cluster): Observable<string> =>
  jobEvents(cluster).pipe(
    scan(
      (previous: Log, event): Log =>
        isLeft(event) ? { ...previous, line: `no events: ${explain(event.left)}` } : logOf(previous, event.right),
      { since: new Map(), line: '' },
    ),
    map(({ line }) => line),
  )
