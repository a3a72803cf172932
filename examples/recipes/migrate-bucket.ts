// Migrating a bucket with progress, across restarts: the copy goes on without this process, so a new process looks for it
// before it launches another one.
import { right } from 'fp-ts/lib/Either.js'
import { defer, of, tap, type Observable } from 'rxjs'
import { andThen, copyBucket, findJobs, follow, isLeft, summarizeBucket } from 'aistore-rx'
import type { Bucket, Cluster, FollowError, FollowEvent } from 'aistore-rx'
import type { Either } from 'fp-ts/lib/Either.js'

/** Where the state is stored between two runs of a process: a file, a database. */
export interface Store {
  readonly load: () => string | undefined
  /** An empty text means that no copy is under way. */
  readonly save: (text: string) => void
}

/** When the copy was launched, and its jobs once the cluster has named them. */
interface Saved {
  readonly sinceMs: number
  readonly jobs?: FollowEvent['jobs']
}

type Events = Observable<Either<FollowError, FollowEvent>>

export function main(cluster: Cluster, from: Bucket, to: Bucket, store: Store, now: () => number = Date.now): Events {
  const save = (saved: Saved): void => store.save(JSON.stringify(saved))
  const total = summarizeBucket(cluster, { bucket: from })

  /** Launches a copy, or continues to follow jobs that already run. */
  const go = (sinceMs: number, launch: Parameters<typeof follow>[1]): Events =>
    follow(cluster, launch, { total, timeoutMs: Infinity }).pipe(
      tap((event) => {
        if (isLeft(event)) {
          // The launch was refused for certain; after any other error the copy may run.
          if (event.left.mayHaveStarted === false) store.save('')
        } else if (event.right.type === 'launched') save({ sinceMs, jobs: event.right.jobs })
        else if (event.right.type === 'ended') store.save('')
      }),
    )
  const begin = (): Events => {
    const sinceMs = now()
    save({ sinceMs }) // Before the launch, so that a process that dies now can be continued.
    return go(sinceMs, copyBucket(cluster, { from, to }))
  }
  return defer(() => {
    const text = store.load() ?? ''
    if (text === '') return begin()
    const { sinceMs, jobs } = JSON.parse(text) as Saved
    if (jobs !== undefined) return go(sinceMs, of(right(jobs)))
    // The process died between the launch and its reply. Only one copy into a bucket can run at a time.
    return findJobs(cluster, { kind: 'copy-bck', bucket: to, sinceMs }).pipe(
      andThen(([found]) => (found === undefined ? begin() : go(sinceMs, of(right(found))))),
    )
  })
}
