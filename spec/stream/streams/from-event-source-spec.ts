import { expect } from 'chai'
import * as t from 'io-ts'
import { map, timer, type Observable } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import {
  fromEventSource,
  type EventSourceLike,
  type EventSourceOptions,
} from '../../../lib/streams/from-event-source.ts'
import { marbles } from '../../helpers/marbles.ts'

// `fromEventSource` is the stream of a page that receives values as server-sent events. `scripted` is an EventSource
// that plays a script in virtual time.

type Listener = Parameters<EventSourceLike['addEventListener']>[1]

/** The script of an EventSource: `[ms, type, data, id]`. The types `lost` and `refused` are its two errors. */
type Step = readonly [ms: number, type: string, data?: string, id?: string]

/** EventSources that play one script after the other; `opened` and `closed` are their addresses. */
function scripted(...scripts: readonly (readonly Step[])[]) {
  const opened: string[] = []
  const closed: string[] = []
  const eventSource = (url: string): EventSourceLike => {
    const steps = scripts[opened.push(url) - 1] ?? []
    const listeners = new Map<string, Listener>()
    const source = {
      readyState: 0,
      addEventListener: (type: string, listener: Listener) => void listeners.set(type, listener),
      close: () => {
        source.readyState = 2
        closed.push(url)
      },
    }
    for (const [ms, type, data = '', lastEventId = ''] of steps)
      timer(ms).subscribe(() => {
        if (type === 'refused') source.readyState = 2
        if (type === 'lost' || type === 'refused') listeners.get('error')?.({})
        else listeners.get(type)?.({ data, lastEventId })
      })
    return source
  }
  return { opened, closed, eventSource }
}

/** Each value as a text, and of a Left its code or tag. */
const texts = (result$: Observable<Result<unknown>>): Observable<string> =>
  result$.pipe(
    map((result) => {
      if (!isLeft(result)) return String(result.right)
      const { left } = result
      return left._tag === 'TransportError' ? left.code : left._tag
    }),
  )

/** Reads events whose data are numbers, and reconnects every half second. */
const readNumbers = (url: string, options: EventSourceOptions): Observable<string> =>
  texts(fromEventSource(url, t.number, { cadence: constant(500), ...options }))

describe('fromEventSource', () => {
  it('emits the decoded values, the Lefts of the stream and what does not match the codec, and completes at its end', () => {
    marbles(({ expectObservable, flush }) => {
      const { eventSource, opened, closed } = scripted([
        [1, 'message', '1'],
        [2, 'message', '"text"'],
        [3, 'message', '{'],
        [4, 'left', '{"_tag":"WaitTimeout","afterMs":5}'],
        [5, 'left', '7'],
        [6, 'end', 'end'],
        [7, 'message', '2'],
      ])
      expectObservable(readNumbers('/jobs', { eventSource })).toBe('-abbcb|', {
        a: '1',
        b: 'DecodeError',
        c: 'WaitTimeout',
      })
      flush()
      expect(opened).to.deep.equal(['/jobs'])
      expect(closed).to.deep.equal(['/jobs'])
    })
  })

  it('decodes with the codec: bigints of any size are exact', () => {
    const Long = new t.Type<bigint>(
      'Long',
      (value): value is bigint => typeof value === 'bigint',
      (value, context) =>
        typeof value === 'number' || typeof value === 'bigint' ? t.success(BigInt(value)) : t.failure(value, context),
      t.identity,
    )
    const { eventSource } = scripted([
      [1, 'message', '1795427154572988356'],
      [2, 'message', '5'],
    ])
    marbles(({ expectObservable }) => {
      expectObservable(texts(fromEventSource('/', Long, { eventSource })), '^ 9ms !').toBe('-ab', {
        a: '1795427154572988356',
        b: '5',
      })
    })
  })

  it('opens a connection for each subscription, and closes it on unsubscribe', () => {
    marbles(({ expectObservable, flush }) => {
      const { eventSource, opened, closed } = scripted([[9, 'message', '1']], [])
      const values$ = readNumbers('/', { eventSource })
      expect(opened).to.deep.equal([])
      expectObservable(values$, '^--!').toBe('-')
      expectObservable(values$, '^--!').toBe('-')
      flush()
      expect(opened).to.deep.equal(['/', '/'])
      expect(closed).to.deep.equal(['/', '/'])
    })
  })

  it('emits a Left when the browser loses the connection, and lets the browser reconnect', () => {
    marbles(({ expectObservable, flush }) => {
      const { eventSource, opened } = scripted([
        [1, 'message', '1', 's-1'],
        [2, 'beat', '100'],
        [3, 'lost'],
        [900, 'message', '2', 's-2'],
      ])
      expectObservable(readNumbers('/', { eventSource }), '^ 999ms !').toBe('-a-b 896ms c', {
        a: '1',
        b: 'ECONNRESET',
        c: '2',
      })
      flush()
      expect(opened).to.deep.equal(['/'])
    })
  })

  it('reconnects after the last event when the browser gives up, again and again', () => {
    const { eventSource, opened } = scripted(
      [
        [1, 'message', '1', 's-1'],
        [2, 'refused'],
      ],
      [
        [5, 'beat', '1000'],
        [10, 'refused'],
      ],
      [
        [10, 'message', '2', 's-2'],
        [20, 'end'],
      ],
    )
    marbles(({ expectObservable, flush }) => {
      expectObservable(readNumbers('/jobs?all#top', { eventSource })).toBe('-a r 509ms r 509ms b 9ms |', {
        a: '1',
        r: 'ERR_EVENT_SOURCE',
        b: '2',
      })
      flush()
      expect(opened).to.deep.equal(['/jobs?all#top', ...Array<string>(2).fill('/jobs?all&lastEventId=s-1#top')])
    })
  })

  it('waits longer after each refusal, and again as long as at first after an event', () => {
    const waits: number[] = []
    const { eventSource } = scripted(
      [[1, 'refused']],
      [[1, 'refused']],
      [
        [1, 'beat', '1000'],
        [2, 'refused'],
      ],
    )
    marbles(({ expectObservable, flush }) => {
      const cadence = ({ failures }: { readonly failures: number }): number => {
        waits.push(failures)
        return 100
      }
      expectObservable(readNumbers('/', { eventSource, cadence }), '^ 250ms !').toBe('- r 100ms r 101ms r', {
        r: 'ERR_EVENT_SOURCE',
      })
      flush()
      expect(waits).to.deep.equal([1, 2, 1])
    })
  })

  it('reconnects if two and a half beats are missing, and ignores the old connection', () => {
    const { eventSource, opened, closed } = scripted(
      [
        [0, 'beat', '1000'],
        [1_000, 'message', '1', 's-1'],
        [3_600, 'message', '3', 's-3'],
      ],
      [[100, 'message', '2', 's-2']],
    )
    marbles(({ expectObservable, flush }) => {
      expectObservable(readNumbers('/', { eventSource }), '^ 5s !').toBe('1s a 2499ms t 599ms b', {
        a: '1',
        t: 'ETIMEDOUT',
        b: '2',
      })
      flush()
      expect(opened).to.deep.equal(['/', '/?lastEventId=s-1'])
      expect(closed).to.deep.equal(opened)
    })
  })

  it('waits at least 100 ms, and opens no new connection if the cadence returns Infinity', () => {
    for (const [ms, attempts] of [
      [0, 3],
      [-5, 3],
      [NaN, 3],
      [2 ** 31, 1],
      [Infinity, 1],
    ] as const) {
      const { eventSource, opened } = scripted(...Array<readonly Step[]>(9).fill([[0, 'refused']]))
      marbles(({ expectObservable, flush }) => {
        expectObservable(readNumbers('/', { eventSource, cadence: constant(ms) }), '^ 250ms !').toBe(
          attempts === 1 ? 'r' : 'r 99ms r 99ms r',
          { r: 'ERR_EVENT_SOURCE' },
        )
        flush()
        expect(opened, String(ms)).to.have.lengthOf(attempts)
      })
    }
  })

  it('ends with InvalidArgument if the cadence is invalid, and errors if it throws', () => {
    const refused = (): ReturnType<typeof scripted> => scripted([[1, 'refused']])
    const values = { r: 'ERR_EVENT_SOURCE', i: 'InvalidArgument' }
    marbles(({ expectObservable }) => {
      const never = refused()
      expectObservable(readNumbers('/', { ...never, cadence: constant as never })).toBe('(i|)', values)
      expect(never.opened).to.deep.equal([])
      expectObservable(readNumbers('/', { ...refused(), cadence: (() => '5') as never })).toBe('-(ri|)', values)
      const cadence = (): number => {
        throw new Error('mine')
      }
      expectObservable(readNumbers('/', { ...refused(), cadence })).toBe('-(r#)', values, new Error('mine'))
    })
  })

  it('ignores a beat that is not a number of milliseconds', () => {
    marbles(({ expectObservable, flush }) => {
      const { eventSource, opened } = scripted([
        [1, 'beat', 'x'],
        [2, 'beat', '-1'],
        [3, 'beat', 'Infinity'],
        [900, 'message', '1'],
      ])
      expectObservable(readNumbers('/', { eventSource }), '^ 999ms !').toBe('900ms a', { a: '1' })
      flush()
      expect(opened).to.have.lengthOf(1)
    })
  })

  it('leaves no timer behind', () => {
    const { eventSource } = scripted([[0, 'beat', '1000']], [])
    marbles(({ expectObservable, flush }, scheduler) => {
      expectObservable(readNumbers('/', { eventSource }), '^ 10ms !').toBe('-')
      const refused = scripted([[1, 'refused']])
      expectObservable(readNumbers('/', refused), '^ 10ms !').toBe('-r', { r: 'ERR_EVENT_SOURCE' })
      flush()
      expect(scheduler.now()).to.equal(11)
      expect(refused.opened).to.have.lengthOf(1)
    })
  })

  it('ends with InvalidArgument if the address is not a text, and needs no options', () => {
    for (const url of [new URL('http://h:1/jobs'), null, undefined, 7])
      marbles(({ expectObservable }) => {
        const first = fromEventSource(url as never, t.number, null as never).pipe(
          map((result) => isLeft(result) && result.left._tag === 'InvalidArgument' && result.left.argument),
        )
        expectObservable(first).toBe('(a|)', { a: 'url' })
      })
  })

  it('is one permanent Left where there is no EventSource', () => {
    marbles(({ expectObservable }) => {
      const eventSource = (): EventSourceLike => {
        throw new ReferenceError('EventSource is not defined')
      }
      expectObservable(fromEventSource('http://h:1/jobs?x', t.number, { eventSource })).toBe('(a|)', {
        a: {
          _tag: 'Left',
          left: {
            _tag: 'TransportError',
            code: 'ERR_EVENT_SOURCE',
            message: 'no EventSource can be created here for this address; pass one as the option eventSource',
            permanent: true,
            request: { method: 'GET', path: '/jobs', query: 'x' },
          },
        },
      })
    })
  })
})
