import { EventEmitter } from 'node:events'
import { Subject, takeUntil, type Observable } from 'rxjs'
import { isLeft } from '../common/either.ts'
import type { JobError, Result } from '../error.ts'
import type { EventType, JobEvent } from '../view/job-event.ts'

/** The events of {@link toEventEmitter}, each with its arguments. */
export type JobEventMap = { [Type in EventType]: [event: JobEvent] } & {
  /** A Left of the stream: a request failed, and the stream goes on. */
  problem: [error: JobError]
  /** The stream completed, or the signal fired. */
  end: []
  /** A defect. Without a listener it ends the process, as any `error` of an EventEmitter does. */
  error: [defect: unknown]
}

/** An EventEmitter of job events. */
export type JobEmitter = EventEmitter<JobEventMap>

/**
 * Converts a stream of job events to an EventEmitter.
 *
 * For programs that are built on EventEmitters: one event for each type of job event, plus `problem`, `end` and `error`.
 *
 * It subscribes with its first listener and unsubscribes when the last one is removed; a later listener subscribes again. It
 * fits `events.on(emitter, 'finished', { close: ['end'], signal })`.
 *
 * @param source the stream, such as `jobEvents(cluster)`
 * @param options `signal` unsubscribes and emits `end` when it fires
 * @returns an EventEmitter that emits `started`, `progressed`, `idle`, `resumed`, `finished`, `failed`, `aborted` and
 * `vanished` with the JobEvent; `problem` with each Left; `end` when the stream completes; `error` with a defect
 * @example
 * import { createCluster, explain, jobEvents } from 'aistore-rx'
 * import { toEventEmitter } from 'aistore-rx/node'
 * toEventEmitter(jobEvents(createCluster('http://localhost:8080')))
 *   .on('finished', ({ job }) => console.log(job.id, 'finished'))
 *   .on('failed', ({ job, result }) => console.log(job.id, result?.error))
 *   .on('problem', (error) => console.log(explain(error)))
 */
export function toEventEmitter(
  source: Observable<Result<JobEvent>>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): JobEmitter {
  const { signal } = options
  const emitter: JobEmitter = new EventEmitter<JobEventMap>()
  /** Ends the subscription. Set before the source is subscribed, since the source may emit at once. */
  let stop: Subject<void> | undefined
  let isOver = false

  const leave = (): void => {
    signal?.removeEventListener('abort', end)
    const left = stop
    stop = undefined
    left?.next()
  }
  const end = (): void => {
    isOver = true
    leave()
    emitter.emit('end')
  }
  const join = (): void => {
    if (stop !== undefined || isOver || !hasListener(emitter)) return
    if (signal?.aborted === true) {
      end()
      return
    }
    signal?.addEventListener('abort', end)
    stop = new Subject()
    source.pipe(takeUntil(stop)).subscribe({
      next: (result) => {
        if (isLeft(result)) emitter.emit('problem', result.left)
        else emitter.emit(result.right.type, result.right)
      },
      error: (defect: unknown) => {
        isOver = true
        leave()
        emitter.emit('error', defect)
      },
      // `stop` completes it, too.
      complete: () => {
        if (stop !== undefined) end()
      },
    })
  }

  const lifecycle = emitter as EventEmitter
  lifecycle.on('newListener', (name: string) => {
    if (OWN.has(name)) return
    // Node emits this event before it adds the listener. All listeners that are added in the same turn get the first
    // value.
    queueMicrotask(join)
  })
  lifecycle.on('removeListener', (name: string) => {
    if (OWN.has(name) || hasListener(emitter)) return
    leave()
    isOver = false
  })
  return emitter
}

/** Events that the emitter itself listens to. */
const OWN: ReadonlySet<string | symbol> = new Set(['newListener', 'removeListener'])

const hasListener = (emitter: JobEmitter): boolean =>
  emitter.eventNames().some((name) => !OWN.has(name) && emitter.listenerCount(name) > 0)
