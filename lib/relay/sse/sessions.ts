import type { Observable } from 'rxjs'
import type { Message } from './message.ts'
import { createSession, type Reader, type Session, type SessionSettings } from './session.ts'

/** All sessions of one stream. */
export interface Sessions {
  /** Whether this reader must be refused, because it cannot continue a session and there are already `maxReaders`. */
  readonly isFull: (lastEventId: string | undefined) => boolean
  /** Continues the session of this event id if that leaves no gap. Begins a new session otherwise. */
  readonly open: (reader: Reader, lastEventId: string | undefined) => Session
}

/** The id of an event: the id of its session, and the number of the message. */
const ID = /^([0-9a-f-]{36})-([1-9][0-9]{0,15})$/

/** Settings of all sessions of one stream. */
export interface SessionsSettings extends SessionSettings {
  /** How many sessions there may be. A session whose stream has ended is dropped for a new one. */
  readonly maxReaders: number
}

/**
 * Creates the sessions of one stream: a connection opens a session, or resumes the one that its last event id names.
 *
 * @param newId returns an id that nobody can guess
 */
export function createSessions(
  stream: Observable<Message>,
  settings: SessionsSettings,
  newId: () => string = () => crypto.randomUUID(),
): Sessions {
  const sessions = new Map<string, Session>()
  const resumableOf = (lastEventId = ''): { readonly session: Session; readonly after: number } | undefined => {
    const [, id = '', after] = ID.exec(lastEventId) ?? []
    const session = sessions.get(id)
    return session?.canResume(Number(after)) === true ? { session, after: Number(after) } : undefined
  }
  const firstEnded = (): Session | undefined => [...sessions.values()].find((session) => session.hasSentEnd())
  return {
    isFull: (lastEventId) =>
      sessions.size >= settings.maxReaders && resumableOf(lastEventId) === undefined && firstEnded() === undefined,
    open: (reader, lastEventId) => {
      const resumable = resumableOf(lastEventId)
      if (resumable !== undefined) {
        resumable.session.attach(reader, resumable.after)
        return resumable.session
      }
      if (sessions.size >= settings.maxReaders) firstEnded()?.end()
      const id = newId()
      const session = createSession(stream, id, settings, () => sessions.delete(id))
      sessions.set(id, session)
      session.attach(reader, 0)
      return session
    },
  }
}
