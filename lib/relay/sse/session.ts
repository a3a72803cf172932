import { Subscription, repeat, timer, type Observable, type SchedulerLike } from 'rxjs'
import { longTimers } from '../../operators/long-timer.ts'
import { END_MESSAGE, beatMessage, failureMessage, type Message } from './message.ts'

/** A browser that reads. */
export interface Reader {
  /** Sends a text. Returns false if it should get no more until `drained`. */
  readonly write: (text: string) => boolean
  readonly close: () => void
}

/** How a session keeps and repeats its messages. */
export interface SessionSettings {
  /** If a reader is too slow: whether its connection is closed, or it gets only the latest value. */
  readonly overflow: 'error' | 'latest'
  /** How many characters of messages are kept for a reader. */
  readonly bufferChars: number
  /** How often a silent stream sends a comment, so that the connection stays open. */
  readonly heartbeatMs: number
  /** How long the session waits for its reader to come back. */
  readonly resumeMs: number
  readonly scheduler: SchedulerLike
}

/** One subscription to the stream, with its reader. A reader that reconnects continues its session. */
export interface Session {
  /** Whether a reader that got the message of this number can continue without a gap. */
  readonly canResume: (after: number) => boolean
  /** Makes this the reader of the session, which gets all messages after the given number. */
  readonly attach: (reader: Reader, after: number) => void
  /** Called when the reader can get messages again. */
  readonly drained: (reader: Reader) => void
  /** Called when the reader has left. */
  readonly detach: (reader: Reader) => void
  /** Whether the stream has ended and the event `end` was sent to a reader. */
  readonly hasSentEnd: () => boolean
  /** Ends the session now. */
  readonly end: () => void
}

/**
 * Creates a session. The first reader subscribes to the stream; `resumeMs` after the last one has left, the session
 * ends.
 *
 * It also stays for `resumeMs` after the end of the stream: if the event `end` is lost, the browser reconnects. A new
 * session would subscribe again, and a stream that launches a job would launch it again.
 *
 * @param ended called once, after the end of the session
 */
export function createSession(
  stream: Observable<Message>,
  id: string,
  { overflow, bufferChars, heartbeatMs, resumeMs, scheduler }: SessionSettings,
  ended: () => void,
): Session {
  /** The newest messages, with consecutive numbers. It includes sent ones, for a reader that reconnects. */
  const buffer: string[] = []
  /** The length of all texts in the buffer. */
  let chars = 0
  /** The number of the newest message. */
  let newest = 0
  /** The number of the last sent message. */
  let sent = 0
  let reader: Reader | undefined
  /** Whether the reader should get no more until it has drained. */
  let isBusy = false
  /** Whether the stream has ended. */
  let isComplete = false
  let hasSentEnd = false
  let isStarted = false
  /** The subscription to the stream. It is closed once the session has ended. */
  const running = new Subscription()
  const timers = longTimers(scheduler)
  let heartbeat: Subscription | undefined
  /** The timer that ends the session unless a reader comes back. */
  let absence: Subscription | undefined
  /** The number of the first message in the buffer. */
  const oldest = (): number => newest - buffer.length + 1

  const end = (): void => {
    if (running.closed) return
    running.unsubscribe()
    heartbeat?.unsubscribe()
    absence?.unsubscribe()
    buffer.length = 0
    const last = reader
    reader = undefined
    last?.close()
    ended()
  }

  /** Waits for the reader to come back. */
  const readerLeft = (): void => {
    reader = undefined
    heartbeat?.unsubscribe()
    if (resumeMs === 0) end()
    else absence = timer(resumeMs, timers).subscribe(end)
  }

  const write = (text: string): void => {
    if (reader !== undefined) isBusy = !reader.write(text)
  }

  /** Sends what the reader does not have yet: messages that are no longer in the buffer are skipped. */
  const flush = (): void => {
    while (reader !== undefined && !isBusy && sent < newest) {
      sent = Math.max(sent + 1, oldest())
      write(buffer[sent - oldest()] ?? '')
    }
    if (!isComplete || reader === undefined || sent < newest) return
    write(END_MESSAGE)
    hasSentEnd = true
    const last = reader
    readerLeft()
    last.close()
  }

  const push = (message: Message): void => {
    newest += 1
    const text = message(`${id}-${newest}`)
    buffer.push(text)
    chars += text.length
    while (buffer.length > 1 && (overflow === 'latest' || chars > bufferChars)) {
      // The reader would miss a message that was never sent to it. A new session, which begins with the present state,
      // is better than a gap.
      if (overflow === 'error' && sent < oldest()) {
        end()
        return
      }
      chars -= buffer.shift()?.length ?? 0
    }
    flush()
  }

  const complete = (): void => {
    isComplete = true
    flush()
  }

  const start = (): void => {
    isStarted = true
    running.add(
      stream.subscribe({
        next: push,
        error: (error: unknown) => {
          push(failureMessage(error))
          complete()
        },
        complete,
      }),
    )
  }

  return {
    canResume: (after) => after <= newest && (overflow === 'latest' || after + 1 >= oldest()),
    attach: (next, after) => {
      absence?.unsubscribe()
      heartbeat?.unsubscribe()
      const previous = reader
      reader = next
      // The server may not have noticed that the connection of the previous reader is broken.
      previous?.close()
      sent = after
      isBusy = false
      write(beatMessage(heartbeatMs))
      heartbeat = timer(heartbeatMs, timers)
        .pipe(repeat())
        .subscribe(() => {
          if (!isBusy) write(beatMessage(heartbeatMs))
        })
      if (isStarted) flush()
      else start()
    },
    drained: (which) => {
      if (which !== reader) return
      isBusy = false
      flush()
    },
    detach: (which) => {
      if (which === reader) readerLeft()
    },
    hasSentEnd: () => hasSentEnd,
    end,
  }
}
