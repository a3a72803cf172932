import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { JobSelector } from '../../../lib/model/selection.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { snapshotsUnknown, mapOf } from '../../helpers/fake-cluster/replies.ts'
import { after } from '../../helpers/observe.ts'
import { failing, type Reply } from '../../helpers/scripted.ts'
import { outcomeOf, settle } from '../../helpers/settle.ts'

// Replays the replies of a real cluster: at each virtual millisecond the reply that was current in the recording.

/** One request and its reply, as the recorder writes them. */
interface Exchange {
  /** When the request was sent, in milliseconds since the recording began. */
  readonly t_ms: number
  /** How long the reply took. */
  readonly dur_ms: number
  readonly method: string
  readonly query: string
  readonly request_body?: string
  readonly status?: number
  readonly error?: string
  readonly response_body?: string
  /** When equal requests got the same reply again. */
  readonly repeated_at_ms?: readonly number[]
}

interface Recording {
  readonly exchanges: readonly Exchange[]
}

/** A recording of a real cluster. */
const recordingOf = (name: string): Recording =>
  JSON.parse(readFileSync(`spec/fixtures/captures/${name}.json`, 'utf8')) as Recording

/** The job that a recorded request names. */
const jobIn = ({ request_body = '{}' }: Exchange): { id: string; kind: string } => {
  const body = JSON.parse(request_body) as Record<string, string | undefined>
  return { id: body['id'] ?? body['ID'] ?? '', kind: body['kind'] ?? body['Kind'] ?? '' }
}

/** The recorded reply; a fast one comes at once, since its exact duration does not matter. */
const replyOf = ({ status, error, response_body = '', dur_ms }: Exchange): Reply =>
  status === undefined
    ? failing(error ?? 'ECONNREFUSED')
    : after(dur_ms < 500 ? 0 : dur_ms, { status, body: response_body })

/** Virtual time 0 is `fromMs` of the recording. */
function replay({ exchanges }: Recording, fromMs: number): World {
  const answer =
    (query: string) =>
    (ms: number, selected: { id: string | undefined; kind: string | undefined }): Reply => {
      const equalRequests = exchanges.filter((one) => {
        if (one.method !== 'GET' || one.query !== query) return false
        const { id, kind } = jobIn(one)
        return id === (selected.id ?? '') && (id !== '' || kind === selected.kind)
      })
      const replies = equalRequests
        .flatMap((one) => [one.t_ms, ...(one.repeated_at_ms ?? [])].map((atMs) => ({ atMs, one })))
        .sort((a, b) => a.atMs - b.atMs)
      const current = replies.findLast(({ atMs }) => atMs <= ms + fromMs) ?? replies[0]
      return current === undefined ? snapshotsUnknown : replyOf(current.one)
    }
  // The recordings have no map: its targets are those that ever replied.
  const targets = exchanges.flatMap(({ query, status, response_body = '' }) =>
    query === 'what=qryxstats' && status === 200 ? Object.keys(JSON.parse(response_body) as object) : [],
  )
  return { status: answer('what=status'), snapshots: answer('what=qryxstats'), map: () => mapOf([...new Set(targets)]) }
}

interface Case {
  /** The name of the recording. */
  readonly name: string
  readonly selector: JobSelector
  /** When the wait begins, in milliseconds of the recording. Defaults to 0. */
  readonly fromMs?: number
  /** Which function waits. Defaults to `wait`. */
  readonly by?: typeof wait
  readonly expected: Partial<WaitResult>
  /** When the recording first shows the outcome, in milliseconds of the recording. */
  readonly shownMs: number
  /** How much later the wait may report it, in milliseconds. */
  readonly lateMs: number
}

const CASES: readonly Case[] = [
  {
    name: 'timeline-copy-bck',
    selector: { id: 'xTUQU4XJ-j', kind: 'copy-bck' },
    expected: { outcome: 'finished', success: true, endTime: 1795427462319582954n },
    shownMs: 15_120,
    lateMs: 1200,
  },
  {
    name: 'timeline-copy-bck',
    selector: { id: 'xTUQU4XJ-j' },
    expected: { outcome: 'finished', kind: 'copy-bck' },
    shownMs: 15_120,
    lateMs: 1200,
  },
  {
    name: 'timeline-rebalance',
    selector: { id: 'g2', kind: 'rebalance' },
    expected: { outcome: 'finished', jobId: 'g2' },
    shownMs: 48_509,
    lateMs: 1200,
  },
  {
    name: 'sdk-load-lom-cache',
    selector: { id: 'CCSXlIiR-u', kind: 'load-lom-cache' },
    expected: { outcome: 'finished' },
    shownMs: 30_236,
    lateMs: 1200,
  },
  {
    name: 'ec-encode',
    fromMs: 727,
    selector: { id: 'Kl675IXR-u', kind: 'ec-encode' },
    expected: { outcome: 'finished' },
    shownMs: 727,
    lateMs: 1200,
  },
  {
    name: 'ec-encode',
    fromMs: 31_980,
    selector: { id: 'fYLEv4iQe', kind: 'ec-put' },
    expected: { outcome: 'idle', success: true },
    shownMs: 37_991,
    lateMs: 3200,
  },
  {
    name: 'status-ages-out',
    fromMs: 33,
    selector: { id: 'LufhB4iRS', kind: 'lru' },
    expected: { outcome: 'finished' },
    shownMs: 33,
    lateMs: 1200,
  },
  {
    name: 'status-ages-out',
    fromMs: 300_000,
    selector: { id: 'LufhB4iRS', kind: 'lru' },
    expected: { outcome: 'finished' },
    shownMs: 300_000,
    lateMs: 2100,
  },
  {
    name: 'status-ages-out',
    selector: { id: 'AffhBIiJS', kind: 'load-lom-cache' },
    expected: { outcome: 'finished' },
    shownMs: 5144,
    lateMs: 1200,
  },
  {
    name: 'lru-started-twice',
    selector: { id: 'QzEDtIXJS', kind: 'lru' },
    expected: { outcome: 'finished' },
    shownMs: 0,
    lateMs: 1200,
  },
  {
    name: 'lru-started-twice',
    selector: { id: 'tzDEnIXRS', kind: 'lru' },
    expected: {
      outcome: 'aborted',
      success: false,
      error: 't[USAt8284]: nl-lru[tzDEnIXRS](cnt=2/3) at t[USAt8284] does not exist',
    },
    shownMs: 30_433,
    lateMs: 1200,
  },
  {
    name: 'lru-started-twice',
    selector: { id: 'I3WEEnIiJ-j' },
    expected: { outcome: 'aborted', success: false },
    shownMs: 30_443,
    lateMs: 1200,
  },
  {
    name: 'lru-started-twice',
    by: waitForIdle,
    selector: { id: 'pzDDnIiJ-k', kind: 'lru' },
    expected: { outcome: 'aborted', success: false },
    shownMs: 30_446,
    lateMs: 1200,
  },
  {
    name: 'abort-copy-bck-mid-run',
    fromMs: 1854,
    selector: { id: 'jc8hnIXJ-h', kind: 'copy-bck' },
    expected: { outcome: 'aborted', aborted: true, error: 'user abort' },
    shownMs: 3454,
    lateMs: 1200,
  },
  {
    name: 'fault-target-killed-mid-job',
    fromMs: 6400,
    selector: { id: 'aZ93dlu5c', kind: 'copy-bck' },
    expected: { outcome: 'aborted', success: false },
    shownMs: 7902,
    lateMs: 1200,
  },
  {
    name: 'fault-all-targets-killed-mid-job',
    fromMs: 186,
    selector: { id: 'Dgj6kIiRS', kind: 'copy-bck' },
    expected: { outcome: 'aborted', success: false },
    shownMs: 37_687,
    lateMs: 1200,
  },
  {
    name: 'fault-proxy-restarted-mid-job',
    fromMs: 162,
    selector: { id: 'ZHYMiavec', kind: 'copy-bck' },
    expected: { outcome: 'finished', success: true },
    shownMs: 30_689,
    lateMs: 3200,
  },
  {
    name: 'timeline-put-copies-idle',
    fromMs: 1222,
    selector: { id: 'eIrlgecETb', kind: 'put-copies' },
    expected: { outcome: 'idle', success: true },
    shownMs: 8849,
    lateMs: 3200,
  },
  {
    name: 'timeline-put-copies-idle',
    fromMs: 18_000,
    selector: { kind: 'put-copies', id: 'eIrlgecETb' },
    expected: { outcome: 'idle' },
    shownMs: 24_249,
    lateMs: 3200,
  },
  {
    name: 'timeline-put-copies-idle',
    fromMs: 122_000,
    selector: { id: 'eIrlgecETb' },
    expected: { outcome: 'finished' },
    shownMs: 122_000,
    lateMs: 1200,
  },
  {
    name: 'timeline-archive-idle',
    by: waitForIdle,
    selector: { id: 'mgOsKedioz', kind: 'archive' },
    expected: { outcome: 'idle', success: true },
    shownMs: 6448,
    lateMs: 3200,
  },
]

describe('a recorded cluster', () => {
  for (const { name, selector, fromMs = 0, by = wait, expected, shownMs, lateMs } of CASES)
    it(`${name}: ${by.name} of ${Object.values(selector).join(' ')} is ${expected.outcome ?? ''}`, () => {
      const settled = settle(replay(recordingOf(name), fromMs), selector, { by })
      expect(outcomeOf(settled)).to.deep.include(expected)
      expect(settled.atMs + fromMs - shownMs).to.be.within(0, lateMs)
    })
})
