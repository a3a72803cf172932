import type { Observable } from 'rxjs'
import type { Message } from './message.ts'
import { createSession, type Reader, type Session, type SessionSettings } from './session.ts'

/** All sessions of one stream. */
export interface Sessions {
  /** Whether there is no place for this reader, because it can't continue a session and there are `max` already. */
  readonly isFull: (max: number, lastEventId: string | undefined) => boolean
  /** Continues the session of this event id if that is possible without a gap, else begins one. */
  readonly open: (reader: Reader, lastEventId: string | undefined) => Session
}

const ID = /^([0-9a-f-]{36})-([1-9][0-9]{0,15})$/

/** @param newId returns an id that nobody can guess */
export function createSessions(
  stream: Observable<Message>,
  settings: SessionSettings,
  newId: () => string = () => crypto.randomUUID(),
): Sessions {
  const sessions = new Map<string, Session>()
  const formerOf = (lastEventId = ''): { readonly session: Session; readonly after: number } | undefined => {
    const [, id = '', after] = ID.exec(lastEventId) ?? []
    const session = sessions.get(id)
    return session?.canResume(Number(after)) === true ? { session, after: Number(after) } : undefined
  }
  return {
    isFull: (max, lastEventId) => sessions.size >= max && formerOf(lastEventId) === undefined,
    open: (reader, lastEventId) => {
      const former = formerOf(lastEventId)
      if (former !== undefined) {
        former.session.attach(reader, former.after)
        return former.session
      }
      const id = newId()
      const session = createSession(stream, id, settings, () => sessions.delete(id))
      sessions.set(id, session)
      session.attach(reader, 0)
      return session
    },
  }
}
