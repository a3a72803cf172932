import { expect } from 'chai'
import { asyncScheduler, map, NEVER, Observable, timer } from 'rxjs'
import type { RunHelpers } from 'rxjs/testing'
import { useFakeTimers } from 'sinon'
import { left, right } from '../../../lib/common/either.ts'
import { AisError, type JobError } from '../../../lib/error.ts'
import { messageOf } from '../../../lib/relay/sse/message.ts'
import type { Reader } from '../../../lib/relay/sse/session.ts'
import { createSessions, type Sessions, type SessionsSettings } from '../../../lib/relay/sse/sessions.ts'
import { sse } from '../../../lib/relay/sse/sse.ts'
import { marbles } from '../../helpers/marbles.ts'

// Server-sent events (SSE) of the relay. A reader is a connection; a session is one subscription, which lasts while
// its reader reconnects.

const SETTINGS: SessionsSettings = {
  maxReaders: 1,
  overflow: 'error',
  bufferChars: 1_000,
  heartbeatMs: 1_000,
  resumeMs: 500,
  scheduler: asyncScheduler,
}

/** The ids of sessions are 1, 2, 3 ... with leading zeros. */
function sessionsOf(source: Observable<unknown>, settings: Partial<SessionsSettings> = {}): Sessions {
  let last = 0
  const newId = (): string => `00000000-0000-0000-0000-${String(++last).padStart(12, '0')}`
  const messages = source.pipe(map((value) => messageOf(value, (answer) => answer)))
  return createSessions(messages, { ...SETTINGS, ...settings }, newId)
}

/** Shortens a text to "id data", "event data" or "event id data". */
const brief = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\w+: (?:[0-]{22,}(?=\d))?/, ''))
    .join(' ')

interface FakeReader extends Reader {
  /** What the reader got: the millisecond and the text of each message, and of the end. */
  readonly got: string[]
  isSlow: boolean
}

/** A connection that records what is written to it, with times. */
function fakeReader(): FakeReader {
  const got: string[] = []
  const note = (text: string): unknown => got.push(`${asyncScheduler.now()} ${text}`)
  const reader: FakeReader = {
    got,
    isSlow: false,
    write: (text) => {
      note(brief(text))
      return !reader.isSlow
    },
    close: () => note('closed'),
  }
  return reader
}

/** The event id of a message in a session. */
const eventId = (session: number, message: number): string =>
  `00000000-0000-0000-0000-${String(session).padStart(12, '0')}-${message}`

/** Does something at a virtual time. */
const doAt = (ms: number, what: () => void): void => void timer(ms).subscribe(what)

/** Runs in virtual time until nothing is scheduled. */
const virtually = (body: (helpers: RunHelpers) => void, then: () => void): void =>
  marbles((helpers) => {
    body(helpers)
    helpers.flush()
    then()
  })

describe('a stream of server-sent events', () => {
  it('begins with a beat, has a beat each heartbeatMs, an id for each value, and an end', () => {
    const reader = fakeReader()
    virtually(
      ({ cold }) => void sessionsOf(cold('100ms a 2000ms b 99ms |', { a: 1, b: { n: 2n } })).open(reader, undefined),
      () =>
        expect(reader.got).to.deep.equal([
          '0 beat 1000',
          '100 1-1 1',
          '1000 beat 1000',
          '2000 beat 1000',
          '2101 1-2 {"n":2}',
          '2201 end end',
          '2201 closed',
        ]),
    )
  })

  it('beats, and keeps the session of a reader that has left, for longer than a JavaScript timer runs', () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
    try {
      const DAY_MS = 86_400_000
      const sessions = sessionsOf(NEVER, { heartbeatMs: 30 * DAY_MS, resumeMs: 40 * DAY_MS })
      const reader = fakeReader()
      const session = sessions.open(reader, undefined)
      const beats = (): number => reader.got.length
      clock.tick(1_000)
      expect(beats()).to.equal(1)
      clock.tick(28 * DAY_MS)
      expect(beats()).to.equal(1)
      clock.tick(33 * DAY_MS)
      expect(beats()).to.equal(3)
      session.detach(reader)
      clock.tick(1_000)
      expect(sessions.isFull(undefined)).to.equal(true)
      clock.tick(39 * DAY_MS)
      expect([sessions.isFull(undefined), clock.countTimers()]).to.deep.equal([true, 1])
      clock.tick(2 * DAY_MS)
      expect([sessions.isFull(undefined), clock.countTimers()]).to.deep.equal([false, 0])
    } finally {
      clock.restore()
    }
  })

  it('has the answer of each Right, and an event for each Left without the addresses in it', () => {
    const reader = fakeReader()
    const refused: JobError = {
      _tag: 'HttpError',
      status: 503,
      message: 'target t1 at http://10.0.0.7:51081 is down',
      request: { method: 'GET', path: '/v1/cluster', query: '' },
    }
    const values = {
      a: right({ error: 'no route to 10.0.0.7:51081', description: 'https://a/b -> c' }),
      b: left(refused),
    }
    virtually(
      ({ cold }) => void sessionsOf(cold('(ab|)', values)).open(reader, undefined),
      () =>
        expect(reader.got).to.deep.equal([
          '0 beat 1000',
          '0 1-1 {"error":"no route to (address)","description":"(address) -> c"}',
          '0 left 1-2 {"_tag":"HttpError","status":503,"message":"target t1 at (address) is down",' +
            '"request":{"method":"GET","path":"/v1/cluster","query":""}}',
          '0 end end',
          '0 closed',
        ]),
    )
  })

  it('has a Date as JSON writes it, without a codec', () => {
    const message = messageOf({ at: new Date(1e12), parts: [new Date(0)] }, (value) => value)
    expect(brief(message('7'))).to.equal('7 {"at":"2001-09-09T01:46:40.000Z","parts":["1970-01-01T00:00:00.000Z"]}')
  })

  it('does not subscribe for a request that was aborted before its handler was called', async () => {
    let subscribers = 0
    const source = new Observable(() => {
      subscribers += 1
    })
    const request = new Request('http://localhost/', { signal: AbortSignal.abort() })
    expect((await sse(source).fetch(request)).status).to.equal(499)
    expect(subscribers).to.equal(0)
  })

  it('does not reveal the message of a defect in the stream, and sends the error of an AisError', () => {
    const [defect, known] = [fakeReader(), fakeReader()]
    virtually(
      ({ cold }) => {
        sessionsOf(cold('#', {}, new Error('secret'))).open(defect, undefined)
        sessionsOf(cold('#', {}, new AisError({ _tag: 'WaitTimeout', afterMs: 5 }))).open(known, undefined)
      },
      () => {
        expect(defect.got.join())
          .to.match(/left 1-1 .*"status":500.*end end/)
          .and.to.not.include('secret')
        expect(known.got.join()).to.match(/left 1-1 {"_tag":"WaitTimeout","afterMs":5},0 end end/)
      },
    )
  })

  it('has one subscription for each reader, and unsubscribes resumeMs after it has left', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold('a')
      const sessions = sessionsOf(source)
      const [first, second] = [fakeReader(), fakeReader()]
      const session = sessions.open(first, undefined)
      doAt(3, () => {
        const other = sessions.open(second, undefined)
        doAt(100, () => other.detach(second))
      })
      doAt(10, () => session.detach(first))
      expectSubscriptions(source.subscriptions).toBe(['^ 509ms !', '--- ^ 599ms !'])
      flush()
    })
  })

  it('unsubscribes at once with resumeMs 0, and leaves no timer', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold('a')
      const sessions = sessionsOf(source, { resumeMs: 0 })
      const reader = fakeReader()
      const session = sessions.open(reader, undefined)
      doAt(10, () => session.detach(reader))
      expectSubscriptions(source.subscriptions).toBe('^ 9ms !')
      flush()
      expect(asyncScheduler.now()).to.equal(10)
      expect(sessions.isFull(undefined)).to.equal(false)
    })
  })

  it('sends the missed messages to a reader that reconnects, from the same subscription', () => {
    const [before, after] = [fakeReader(), fakeReader()]
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold('a 99ms b 99ms c 99ms d 599ms |')
      const sessions = sessionsOf(source)
      const session = sessions.open(before, undefined)
      doAt(150, () => session.detach(before))
      // The second value was sent, but was lost on the way.
      doAt(250, () => sessions.open(after, eventId(1, 1)))
      expectSubscriptions(source.subscriptions).toBe('^ 899ms !')
      flush()
      expect(before.got).to.deep.equal(['0 beat 1000', '0 1-1 "a"', '100 1-2 "b"'])
      expect(after.got).to.deep.equal([
        '250 beat 1000',
        '250 1-2 "b"',
        '250 1-3 "c"',
        '300 1-4 "d"',
        '900 end end',
        '900 closed',
      ])
    })
  })

  it('closes the former connection of a reader that reconnects before the server knows that it has left', () => {
    const [before, after] = [fakeReader(), fakeReader()]
    virtually(
      ({ cold }) => {
        const sessions = sessionsOf(cold('a 99ms b|'))
        const session = sessions.open(before, undefined)
        doAt(50, () => {
          sessions.open(after, eventId(1, 1))
          // The end of the former connection does not end the new one.
          session.detach(before)
        })
      },
      () => {
        expect(before.got).to.deep.equal(['0 beat 1000', '0 1-1 "a"', '50 closed'])
        expect(after.got).to.deep.equal(['50 beat 1000', '100 1-2 "b"', '101 end end', '101 closed'])
      },
    )
  })

  for (const [what, lastEventId] of [
    ['of a session that has ended', eventId(7, 1)],
    ['with a number that was never sent', eventId(1, 9)],
    ['that is no id', 'garbage'],
    ['with a number of a hundred digits', eventId(1, 1) + '0'.repeat(100)],
  ] as const)
    it(`starts again for an event id ${what}`, () => {
      const reader = fakeReader()
      virtually(
        ({ cold }) => {
          const sessions = sessionsOf(cold('a 99ms |'))
          sessions.open(fakeReader(), undefined)
          sessions.open(reader, lastEventId)
        },
        () => expect(reader.got).to.deep.equal(['0 beat 1000', '0 2-1 "a"', '100 end end', '100 closed']),
      )
    })

  it('keeps as many messages as bufferChars allows for a reader that reconnects, however many were sent', () => {
    const reader = fakeReader()
    virtually(
      ({ cold }) => {
        const sessions = sessionsOf(cold('(abcdefghij) 90ms |'), { bufferChars: 170 })
        const first = fakeReader()
        const session = sessions.open(first, undefined)
        doAt(1, () => session.detach(first))
        doAt(2, () => sessions.open(reader, eventId(1, 7)))
      },
      () => expect(reader.got.slice(0, 4)).to.deep.equal(['2 beat 1000', '2 1-8 "h"', '2 1-9 "i"', '2 1-10 "j"']),
    )
  })

  it('starts again for a reader that has missed more than bufferChars', () => {
    const reader = fakeReader()
    virtually(
      ({ cold }) => {
        const sessions = sessionsOf(cold('(abcdef) 94ms |'), { bufferChars: 120 })
        const first = fakeReader()
        const session = sessions.open(first, undefined)
        doAt(1, () => session.detach(first))
        doAt(2, () => sessions.open(reader, eventId(1, 3)))
      },
      () => expect(reader.got.slice(0, 2)).to.deep.equal(['2 beat 1000', '2 2-1 "a"']),
    )
  })

  it('keeps messages for a slow reader until it reads them, and sends no beat meanwhile', () => {
    const reader = fakeReader()
    virtually(
      ({ cold }) => {
        reader.isSlow = true
        const sessions = sessionsOf(cold('a 99ms b 99ms c 2000ms |'))
        const session = sessions.open(reader, undefined)
        doAt(1_500, () => {
          reader.isSlow = false
          session.drained(reader)
        })
      },
      () =>
        expect(reader.got).to.deep.equal([
          '0 beat 1000',
          '1500 1-1 "a"',
          '1500 1-2 "b"',
          '1500 1-3 "c"',
          '2000 beat 1000',
          '2201 end end',
          '2201 closed',
        ]),
    )
  })

  it('closes the connection and unsubscribes if more than bufferChars wait for the reader', () => {
    const reader = fakeReader()
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold('abcdefgh')
      reader.isSlow = true
      sessionsOf(source, { bufferChars: 170 }).open(reader, undefined)
      expectSubscriptions(source.subscriptions).toBe('^--!')
      flush()
      expect(reader.got).to.deep.equal(['0 beat 1000', '3 closed'])
    })
  })

  it('skips to the newest value for a slow reader with overflow latest, however long the values are', () => {
    const reader = fakeReader()
    virtually(
      ({ cold }) => {
        reader.isSlow = true
        const sessions = sessionsOf(cold('abcdefgh 99ms |'), { overflow: 'latest', bufferChars: 1 })
        const session = sessions.open(reader, undefined)
        doAt(20, () => {
          reader.isSlow = false
          session.drained(reader)
        })
      },
      () => expect(reader.got).to.deep.equal(['0 beat 1000', '20 1-8 "h"', '107 end end', '107 closed']),
    )
  })

  it('refuses more readers than maxReaders, except those that reconnect', () => {
    marbles(({ cold, flush }) => {
      const source = cold('a 999ms |')
      const [one, two] = [sessionsOf(source), sessionsOf(source, { maxReaders: 2 })]
      for (const sessions of [one, two]) sessions.open(fakeReader(), undefined)
      expect([one, two].map((sessions) => sessions.isFull(undefined))).to.deep.equal([true, false])
      doAt(1, () => expect(one.isFull(eventId(1, 1))).to.equal(false))
      flush()
      expect(one.isFull(undefined)).to.equal(false)
    })
  })

  it('gives the place of a session whose stream has ended to a new reader', () => {
    const [late, back] = [fakeReader(), fakeReader()]
    virtually(
      ({ cold }) => {
        const sessions = sessionsOf(cold('a|'))
        sessions.open(fakeReader(), undefined)
        doAt(5, () => {
          expect(sessions.isFull(undefined)).to.equal(false)
          sessions.open(late, undefined)
        })
        doAt(6, () => {
          expect(sessions.isFull(eventId(1, 1))).to.equal(true)
          expect(sessions.isFull(eventId(2, 1))).to.equal(false)
          sessions.open(back, eventId(2, 1))
        })
      },
      () => {
        expect(late.got).to.deep.equal(['5 beat 1000', '5 2-1 "a"', '6 closed'])
        expect(back.got).to.deep.equal(['6 beat 1000', '6 end end', '6 closed'])
      },
    )
  })

  it('sends the missed messages and the end to a reader that reconnects after the end, from the same subscription', () => {
    const [first, second, third] = [fakeReader(), fakeReader(), fakeReader()]
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold('a 99ms b|')
      const sessions = sessionsOf(source)
      const session = sessions.open(first, undefined)
      doAt(110, () => session.detach(first))
      // The last value and the end were sent, but were lost on the way.
      doAt(300, () => sessions.open(second, eventId(1, 1)))
      doAt(700, () => sessions.open(third, eventId(1, 2)))
      expectSubscriptions(source.subscriptions).toBe('^ 100ms !')
      flush()
      expect(first.got.slice(-3)).to.deep.equal(['100 1-2 "b"', '101 end end', '101 closed'])
      expect(second.got).to.deep.equal(['300 beat 1000', '300 1-2 "b"', '300 end end', '300 closed'])
      expect(third.got).to.deep.equal(['700 beat 1000', '700 end end', '700 closed'])
      expect(asyncScheduler.now(), 'no timer after resumeMs').to.equal(1_200)
    })
  })

  it('starts again for a reader that reconnects later than resumeMs after the end', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold('a|')
      const sessions = sessionsOf(source)
      sessions.open(fakeReader(), undefined)
      doAt(502, () => sessions.open(fakeReader(), eventId(1, 1)))
      expectSubscriptions(source.subscriptions).toBe(['^!', '502ms ^!'])
      flush()
    })
  })
})
