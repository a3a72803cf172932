import { expect } from 'chai'
import { concatMap, map, timer, type Observable } from 'rxjs'
import type { RunHelpers } from 'rxjs/testing'
import { constant } from '../../../lib/cadence.ts'
import { abort, start } from '../../../lib/commands.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import { running, statuses } from '../../../lib/listings.ts'
import { andThen } from '../../../lib/operators/and-then.ts'
import { clusterMap, details, status } from '../../../lib/queries.ts'
import {
  scriptedCluster,
  type JobScript,
  type ScriptedCluster,
  type ScriptedOptions,
} from '../../../lib/testing/index.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import { marbles } from '../../helpers/marbles.ts'

// `scriptedCluster` is a cluster for users' specs. A script gives the states of a job over time, such as `r 5s f`:
// it runs, and after 5 s it has finished. The states: `p` not visible yet, `r` running, `i` idle, `w` winding down after an
// abort, `a` aborted, `f` finished, `e` ended with an error, `g` forgotten by the cluster.

type Scripts = Readonly<Record<string, JobScript>>
const SLOW: ScriptedOptions = { cadence: constant(1000) }

/** The values that a query emits when it is subscribed at each of the virtual times. */
function valuesAt<A>(
  times: readonly number[],
  scripts: Scripts,
  query: (scripted: ScriptedCluster) => Observable<A>,
  options = SLOW,
): A[] {
  const seen: A[] = []
  marbles((helpers) => {
    const cluster = scriptedCluster(helpers, scripts, options)
    for (const ms of times)
      timer(ms)
        .pipe(concatMap(() => query(cluster)))
        .subscribe((value) => seen.push(value))
  })
  return seen
}

/** The state that each target's snapshot of a job shows, as one character per target. */
const snapshotStates = (scripted: ScriptedCluster, id: string): Observable<string> =>
  details(scripted).pipe(
    map((result) => {
      if (isLeft(result)) return result.left._tag
      return Object.values(result.right)
        .map((snaps) => {
          const snap = snaps.find((one) => one.id === id)
          if (snap === undefined) return '.'
          if (snap.aborted) return snap.endTime === undefined ? 'w' : 'a'
          if (snap.endTime !== undefined) return snap.err === '' ? 'f' : 'e'
          return snap.isIdle ? 'i' : 'r'
        })
        .join('')
    }),
  )

/** A status as a text, such as `over aborted (disk full)`. */
const statusText = (scripted: ScriptedCluster, id: string): Observable<string> =>
  status(scripted, { id }).pipe(
    map((result) => {
      if (isLeft(result)) return result.left._tag
      const { endTime, aborted, err } = result.right
      return `${endTime === undefined ? 'open' : 'over'}${aborted ? ' aborted' : ''}${err === '' ? '' : ` (${err})`}`
    }),
  )

/** The outcome of a wait, the tag of a Left, or the value itself. */
const brief = <A extends object>(result: Result<A>): unknown => {
  if (isLeft(result)) return result.left._tag
  return 'outcome' in result.right ? result.right.outcome : result.right
}

/** The message with which `scriptedCluster` refuses the scripts. */
const refusalOf = (scripts: unknown, options?: ScriptedOptions): unknown => {
  let message: unknown
  marbles((helpers) => {
    try {
      scriptedCluster(helpers, scripts as Scripts, options)
    } catch (error) {
      message = (error as Error).message
    }
  })
  return message
}

describe('scriptedCluster', () => {
  it('shows each state in the snapshots, from its frame on', () => {
    const times = [0, 1, 2, 3, 4, 5, 6, 7]
    expect(valuesAt(times, { 'job-1': 'priwafeg' }, (scripted) => snapshotStates(scripted, 'job-1'))).to.deep.equal([
      '..',
      'rr',
      'ii',
      'ww',
      'aa',
      'ff',
      'ee',
      '..',
    ])
  })

  it('shows each state in the status of a kind that the IC tracks', () => {
    const script = { x: { kind: 'lru', states: 'priwafeg' } }
    expect(valuesAt([0, 1, 2, 3, 4, 5, 6, 7], script, (scripted) => statusText(scripted, 'x'))).to.deep.equal([
      'NotFound',
      'open',
      'open',
      'open',
      'over aborted (user abort)',
      'over',
      'over (scripted error)',
      'NotFound',
    ])
  })

  it('has a status only for kinds that the IC tracks, including those of the option `kinds`', () => {
    const scripts = { x: { kind: 'put-copies', states: 'r' }, y: { kind: 'newer', states: 'r' } }
    expect(valuesAt([0], scripts, (scripted) => statusText(scripted, 'x'))).to.deep.equal(['NotFound'])
    expect(valuesAt([0], scripts, (scripted) => statusText(scripted, 'y'))).to.deep.equal(['NotFound'])
    const kinds = [{ kind: 'newest', displayName: 'newer', scope: 'cluster', ic: true } as const]
    expect(valuesAt([0], scripts, (scripted) => statusText(scripted, 'y'), { kinds })).to.deep.equal(['open'])
    expect(
      valuesAt([0], scripts, (scripted) => running(scripted, { kind: 'newer' }).pipe(map(brief)), { kinds }),
    ).to.deep.equal([[{ id: 'y', kind: 'newest' }]])
  })

  it('defaults the kind to put-copies if the job idles, otherwise to lru, whatever the names of its targets', () => {
    const scripts = { a: 'r 5s i', b: 'r 5s f', c: { states: { disk1: 'r' } }, d: { states: { t1: 'r', t2: 'i' } } }
    expect(valuesAt([0], scripts, (scripted) => running(scripted).pipe(map(brief)))).to.deep.equal([
      [
        { id: 'a', kind: 'put-copies' },
        { id: 'b', kind: 'lru' },
        { id: 'c', kind: 'lru' },
        { id: 'd', kind: 'put-copies' },
      ],
    ])
  })

  it('accepts display names of kinds', () => {
    const scripts = { a: { kind: 'lru-eviction', states: 'r' } }
    expect(valuesAt([0], scripts, (scripted) => running(scripted, { kind: 'lru' }).pipe(map(brief)))).to.deep.equal([
      [{ id: 'a', kind: 'lru' }],
    ])
  })

  it('reads times as RxJS does: a letter takes 1 ms, and 10s means ten seconds', () => {
    const times = [0, 1, 2, 10_000, 10_001, 10_002, 12_001]
    expect(valuesAt(times, { x: 'pr 10s f 2s g' }, (scripted) => snapshotStates(scripted, 'x'))).to.deep.equal([
      '..',
      'rr',
      'rr',
      'rr',
      'rr',
      'ff',
      'ff',
    ])
    expect(valuesAt([2, 3], { x: '(pr)--f' }, (scripted) => snapshotStates(scripted, 'x'))).to.deep.equal(['rr', 'rr'])
    expect(valuesAt([6], { x: '(pr)--f' }, (scripted) => snapshotStates(scripted, 'x'))).to.deep.equal(['ff'])
    expect(valuesAt([5], { x: 'r--f|' }, (scripted) => snapshotStates(scripted, 'x'))).to.deep.equal(['ff'])
  })

  it('accepts a script per target, and keeps the reports of targets that forget the job in its status', () => {
    const script = { x: { kind: 'lru', states: { t1: 'r 1s f', t2: 'p 2s r 1s f 5s g', t3: 'r 2s e' } } }
    const times = [0, 1500, 2500, 4000, 9000]
    expect(valuesAt(times, script, (scripted) => snapshotStates(scripted, 'x'))).to.deep.equal([
      'r.r',
      'f.r',
      'fre',
      'ffe',
      'f.e',
    ])
    expect(valuesAt(times, script, (scripted) => statusText(scripted, 'x'))).to.deep.equal([
      'open',
      'open',
      'open',
      'over (scripted error)',
      'over (scripted error)',
    ])
    const targets = (scripted: ScriptedCluster) =>
      clusterMap(scripted).pipe(map((result) => (isLeft(result) ? [] : Object.keys(result.right.targets))))
    expect(valuesAt([0], script, targets)).to.deep.equal([['t1', 't2', 't3']])
    expect(valuesAt([0], { x: 'r' }, targets, { targets: ['a', '__proto__'] })).to.deep.equal([['a', '__proto__']])
  })

  it('processes one object of 1 KiB per millisecond in state r, and has a start and an end time', () => {
    const script = { x: 'p 9ms r 10ms i 10ms r 10ms f' }
    const seen = valuesAt([10, 15, 25, 35, 99], script, (scripted) =>
      details(scripted, { id: 'x', target: 't1' }).pipe(
        map((result) => (isLeft(result) ? undefined : result.right['t1']?.[0])),
      ),
    )
    expect(seen.map((snap) => snap?.stats.objects)).to.deep.equal([0n, 5n, 11n, 14n, 22n])
    expect(seen[4]?.stats.bytes).to.equal(22n * 1024n)
    const { startTime = 0n, endTime = 0n } = seen[4] ?? {}
    expect(endTime - startTime).to.equal(33_000_000n)
  })

  it('lists the running jobs, and all statuses with their errors', () => {
    const scripts = { a: 'r', b: 'f', c: { kind: 'put-copies', states: 'i' }, d: 'g', e: 'e' }
    expect(valuesAt([0], scripts, (scripted) => running(scripted).pipe(map(brief)))).to.deep.equal([
      [
        { id: 'a', kind: 'lru' },
        { id: 'c', kind: 'put-copies' },
      ],
    ])
    const list = valuesAt([0], scripts, (scripted) => statuses(scripted))[0]
    expect(list !== undefined && !isLeft(list) && list.right.map(({ id, err }) => `${id} ${err}`)).to.deep.equal([
      'a ',
      'b ',
      'e scripted error',
    ])
    expect(valuesAt([0], {}, (scripted) => statuses(scripted))).to.deep.equal([{ _tag: 'Right', right: [] }])
  })

  it('reports the running job in a status by kind, or else the one that ended last (T7)', () => {
    const scripts = { a: '(rf)', b: 'r f', c: 'p 5ms r' }
    const ids = valuesAt([3, 7], scripts, (scripted) =>
      status(scripted, { kind: 'lru' }).pipe(map((r) => (isLeft(r) ? '' : r.right.id))),
    )
    expect(ids).to.deep.equal(['b', 'c'])
  })

  describe('a start', () => {
    const job = { kind: 'load-lom-cache', onStart: 'p 1s r 5s f' }

    it('begins the script of the next job of its kind, which the cluster does not know before', () => {
      const log: unknown[] = []
      marbles((helpers) => {
        const cluster = scriptedCluster(helpers, { a: job, b: job, c: { kind: 'lru', onStart: 'r' } }, SLOW)
        const logAt = (ms: number, query: Observable<unknown>) =>
          timer(ms)
            .pipe(concatMap(() => query))
            .subscribe((value) => log.push(`${ms}: ${JSON.stringify(value)}`))
        const go = start(cluster, { kind: 'warm-up-metadata', bucket: { name: 'b' } }).pipe(map(brief))
        logAt(0, details(cluster, { id: 'a' }).pipe(map(brief)))
        logAt(500, go)
        logAt(600, snapshotStates(cluster, 'a'))
        logAt(1600, snapshotStates(cluster, 'a'))
        logAt(6501, snapshotStates(cluster, 'a'))
        logAt(6502, snapshotStates(cluster, 'a'))
        logAt(7000, go)
        logAt(8500, snapshotStates(cluster, 'b'))
        logAt(9000, go)
        logAt(9001, running(cluster, { bucket: { name: 'b', provider: 'ais' } }).pipe(map(brief)))
      })
      expect(log).to.deep.equal([
        '0: "NotFound"',
        '500: {"id":"a","kind":"load-lom-cache"}',
        '600: ".."',
        '1600: "rr"',
        '6501: "rr"',
        '6502: "ff"',
        '7000: {"id":"b","kind":"load-lom-cache"}',
        '8500: "rr"',
        '9000: "HttpError"',
        '9001: [{"id":"b","kind":"load-lom-cache"}]',
      ])
    })

    it('can be followed by a wait', () => {
      marbles((helpers) => {
        const cluster = scriptedCluster(helpers, { a: job }, SLOW)
        const o = { kind: 'load-lom-cache', bucket: { name: 'b' } }
        const done = start(cluster, o).pipe(
          andThen((started) => wait(cluster, started)),
          map(brief),
        )
        helpers.expectObservable(done).toBe('7s (a|)', { a: 'finished' })
        helpers.flush()
        expect(cluster.asked[0]).to.deep.include({ subscribedAtMs: 0, unsubscribedAtMs: 0, cut: false })
        expect(cluster.asked[0]?.request.method).to.equal('PUT')
      })
    })
  })

  describe('a stop', () => {
    it('makes a running job wind down at once and end as aborted a second later', () => {
      for (const states of ['r 9s f', 'r 1ms i', 'r 9s g']) {
        const log: string[] = []
        marbles((helpers) => {
          const cluster = scriptedCluster(helpers, { x: { kind: 'lru', states } }, SLOW)
          timer(500)
            .pipe(concatMap(() => abort(cluster, { id: 'x' })))
            .subscribe()
          for (const ms of [499, 501, 1499, 1501, 8000])
            timer(ms)
              .pipe(concatMap(() => snapshotStates(cluster, 'x')))
              .subscribe((text) => log.push(text))
        })
        expect(log, states).to.deep.equal([states === 'r 1ms i' ? 'ii' : 'rr', 'ww', 'ww', 'aa', 'aa'])
      }
    })

    it('is confirmed by `abort` with `confirm`', () => {
      marbles((helpers) => {
        const cluster = scriptedCluster(
          helpers,
          { x: 'r 9s f', y: 'r 9s f', z: { kind: 'rechunk', states: 'r' } },
          SLOW,
        )
        const one = abort(cluster, { id: 'x' }, { confirm: true })
        // The snapshots show the abort at once, although the job ends a second later.
        helpers.expectObservable(one).toBe('(a|)', { a: { _tag: 'Right', right: undefined } })
        helpers.flush()
        expect(cluster.asked[0]).to.have.property('subscribedAtMs', 0)
      })
    })

    it('by kind does not affect other kinds, ended jobs or unknown jobs (T6)', () => {
      const log: string[] = []
      marbles((helpers) => {
        const scripts = {
          x: 'r',
          y: { kind: 'rechunk', states: 'r' },
          f: 'f',
          p: 'p 2s r',
          o: { kind: 'lru', onStart: 'r' },
        }
        const cluster = scriptedCluster(helpers, scripts, SLOW)
        abort(cluster, { kind: 'lru' }).subscribe()
        abort(cluster, { id: 'nobody' }).subscribe()
        for (const id of Object.keys(scripts))
          timer(3000)
            .pipe(concatMap(() => snapshotStates(cluster, id)))
            .subscribe((text) => log.push(`${id} ${text}`))
      })
      expect(log).to.deep.equal(['x aa', 'y rr', 'f ff', 'p rr', 'o ..'])
    })
  })

  it('replies to a query at a fraction of a millisecond, which cadences can produce', () => {
    expect(valuesAt([2.5], { a: 'r' }, (scripted) => snapshotStates(scripted, 'a'))).to.deep.equal(['rr'])
  })

  describe('a wait', () => {
    /** Expects that a wait for the job of this script has this outcome, at this time at the latest. */
    const expectOutcome = (script: JobScript, outcome: string, latestMs: number, by: typeof wait = wait): void => {
      const results: (readonly [text: unknown, atMs: number])[] = []
      marbles((helpers, scheduler) => {
        const cluster = scriptedCluster(helpers, { x: script }, SLOW)
        const kind = 'kind' in Object(script) ? (script as { kind: string }).kind : 'lru'
        by(cluster, { id: 'x', kind }).subscribe((result) => results.push([brief(result), scheduler.now()]))
      })
      expect(results.map(([text]) => text)).to.deep.equal([outcome])
      expect(results[0]?.[1]).to.be.at.most(latestMs)
    }

    it('reports each outcome', () => {
      expectOutcome('r 10s f', 'finished', 11_000)
      expectOutcome('r 10s e', 'failed', 11_000)
      expectOutcome('r 10s w 1s a', 'aborted', 11_000)
      expectOutcome({ kind: 'put-copies', states: 'r 9500ms i' }, 'idle', 12_000, waitForIdle)
    })

    it('for an unknown job gives NotFound', () => {
      marbles((helpers) => {
        const cluster = scriptedCluster(helpers, {}, SLOW)
        const tag = wait(cluster, { id: 'job-1' }).pipe(map(brief))
        helpers.expectObservable(tag).toBe('10s (a|)', { a: 'NotFound' })
      })
    })

    it('times out in virtual time', () => {
      marbles((helpers) => {
        const cluster = scriptedCluster(helpers, { x: 'r' }, SLOW)
        helpers
          .expectObservable(wait(cluster, { id: 'x' }, { timeoutMs: 300_000 }).pipe(map(brief)))
          .toBe('300s (a|)', {
            a: 'WaitTimeout',
          })
      })
    })
  })

  it('shares no state with another cluster of the same scripts', () => {
    const scripts = { a: { kind: 'lru', onStart: 'r' }, b: 'r' }
    marbles((helpers: RunHelpers) => {
      const [one, other] = [scriptedCluster(helpers, scripts, SLOW), scriptedCluster(helpers, scripts, SLOW)]
      start(one, { kind: 'lru' }).subscribe()
      abort(one, { id: 'b' }).subscribe()
      helpers.expectObservable(timer(2000).pipe(concatMap(() => snapshotStates(one, 'b')))).toBe('2s (x|)', { x: 'aa' })
      helpers
        .expectObservable(timer(2000).pipe(concatMap(() => snapshotStates(other, 'b'))))
        .toBe('2s (x|)', { x: 'rr' })
      helpers
        .expectObservable(timer(2000).pipe(concatMap(() => snapshotStates(other, 'a'))))
        .toBe('2s (x|)', { x: '..' })
      helpers.flush()
      expect(one.asked.length).to.equal(3)
      expect(other.asked.length).to.equal(2)
    })
  })

  it('accepts any id without white space and commas', () => {
    for (const id of ['job-1', 'x', 'a[b]', 'ü', '__proto__'])
      expect(
        valuesAt([0], Object.fromEntries([[id, 'r']]), (scripted) => snapshotStates(scripted, id)),
        id,
      ).to.deep.equal(['rr'])
    for (const id of ['', 'a b', 'a,b']) expect(refusalOf({ [id]: 'r' })).to.match(/white space or commas/)
  })

  it('treats an option that is undefined like an absent one', () => {
    const requestTimes = (options?: ScriptedOptions): readonly number[] => {
      let times: readonly number[] = []
      marbles((helpers) => {
        const cluster = scriptedCluster(
          helpers,
          { x: { kind: undefined, states: 'r 40s f', onStart: undefined } },
          options,
        )
        wait(cluster, { id: 'x' }).subscribe()
        helpers.flush()
        times = cluster.asked.map(({ subscribedAtMs }) => subscribedAtMs)
      })
      return times
    }
    const withoutOptions = requestTimes()
    expect(withoutOptions).to.have.length.above(5)
    expect(requestTimes({ random: undefined, targets: undefined, cadence: undefined })).to.deep.equal(withoutOptions)
  })

  it('throws an error that explains what is wrong with a script', () => {
    expect(refusalOf({ x: 'r 10s z' })).to.equal(
      'the states of a scripted job are p r i w a f e g; got "z" in "r 10s z" (put a space on each side of a time such as 10s)',
    )
    for (const [states, got] of [
      ['r 10s', '"1"'],
      ['r10s f', '"1"'],
      ['r#', '"#"'],
      ['r^f', '"^"'],
      ['r!', '"!"'],
      ['R', '"R"'],
    ])
      expect(refusalOf({ x: states })).to.contain(`got ${got} in`)
    expect(refusalOf({ x: { states: { t1: 'x' } } })).to.contain('got "x"')
    expect(refusalOf({ x: { onStart: 'x' } })).to.contain('got "x"')
    expect(refusalOf({ x: { states: { t1: 5 } } })).to.contain('got 5')
    expect(refusalOf({ x: {} })).to.equal('a scripted job must have either states or onStart; "x" has neither')
    expect(refusalOf({ x: { states: 'r', onStart: 'r' } })).to.contain('has both')
    expect(() => scriptedCluster(undefined as unknown as RunHelpers, {})).to.throw('requires the helpers')
  })
})
