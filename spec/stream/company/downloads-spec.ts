import { jobOf, type JobIdentity } from '../../../lib/job.ts'
import { expect } from 'chai'
import { NEVER, ignoreElements, merge, switchMap, take, takeUntil, timer } from 'rxjs'
import { right } from '../../../lib/common/either.ts'
import {
  abort,
  conditions,
  constant,
  details,
  downloadStatus,
  jobEvents,
  progress,
  status,
  wait,
  waitForIdle,
  waitNotRunning,
  waitSingleNode,
  waitStarted,
  waitUntil,
  watchDetails,
  watchJobs,
  watchStatus,
  type Cluster,
  type JobSelector,
  type JobRow,
  type JobTable,
} from '../../../lib/index.ts'
import { fileOf, type FakeDownload } from '../../helpers/fake-cluster/download.ts'
import { dies, freezes, leaves, restarts, thaws } from '../../helpers/fake-cluster/happenings.ts'
import { withoutBody, htmlPage, undecodable, targetUnreachable } from '../../helpers/fake-cluster/replies.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { observe } from '../../helpers/observe.ts'
import { errorOf, outcomeOf, settle } from '../../helpers/settle.ts'
import { COMPANIES, OTHERS, waitIn } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// A download is a job with its own API. Its id begins with `dnl-`; one other job, of the kind `download`, carries
// all downloads (the carrier).

const ID = 'dnl-FH-CdapbR'
const NO_SUCH = 'dnl-nosuch12'
/** The progress of a download has one entry, for all targets together. */
const ALL_TARGETS = '*'
const CADENCE_MS = 1_000
/** The latest time at which the 30 files have arrived, and the time at which the download has ended. */
const ENDS_MS = 8_000
/** How long the streams go on after the end of the download, in which they must not take it back. */
const WATCHED_MS = 20_000

/** The download under test, with 30 files unless `more` says otherwise. */
const downloadOf = (more: Omit<FakeDownload, 'id'> = {}): FakeDownload => ({ id: ID, ...more })

const SELECTORS_OF_DOWNLOAD: Readonly<Record<string, JobSelector>> = {
  'by id': { id: ID },
  'as a download': { id: ID, kind: 'download' },
}
const ALL_SELECTORS: typeof SELECTORS_OF_DOWNLOAD = {
  ...SELECTORS_OF_DOWNLOAD,
  'by its type': { id: ID, kind: 'range' },
  'by another type': { id: ID, kind: 'single' },
}
const selectorsIn = (company: string): typeof SELECTORS_OF_DOWNLOAD =>
  company === 'alone' || company === 'beside all streams of the job' ? ALL_SELECTORS : SELECTORS_OF_DOWNLOAD

/** The streams beside which each wait runs, with some that exist for downloads only. */
const COMPANY_OF_DOWNLOADS: typeof COMPANIES = {
  ...COMPANIES,
  'beside a wait on another download': () => ({ other: (cluster: Cluster) => wait(cluster, { id: 'dnl-otherOne1' }) }),
  'beside a wait on the job that all downloads share': () => ({
    shared: (cluster: Cluster) => wait(cluster, { kind: 'download' }, { timeoutMs: 100_000 }),
  }),
}

interface Case {
  readonly world: World
  readonly outcome: string
  readonly error?: string
  /** Defaults to the end of the files. */
  readonly byMs?: number
  readonly fromMs?: number
}

const FAILED = `2 of 30 files failed; ${fileOf(3)}: gone; ${fileOf(7)}: no space`
/** The error of a download of which a target has lost its part. */
const FORGOTTEN = 'a target has forgotten its part of the download; it is unknown whether it succeeded'

/** What happens to a download, and its outcome. */
const CASES: Readonly<Record<string, Case>> = {
  'whose files are all there': { world: { downloads: [downloadOf()] }, outcome: 'finished' },
  'of which two links fail': {
    world: { downloads: [downloadOf({ errors: { 3: 'gone', 7: 'no space' } })] },
    outcome: 'failed',
    error: FAILED,
  },
  'that is aborted': {
    world: { downloads: [downloadOf({ abortMs: 1_500 })] },
    outcome: 'aborted',
    error: 'the download was aborted',
    byMs: 1_500,
  },
  'of which a target forgets its part': {
    world: { downloads: [downloadOf({ files: 90 })], events: [[5_000, restarts(1)]] },
    outcome: 'lost',
    error: FORGOTTEN,
    byMs: 66_000,
  },
  'which the Information Center forgets': {
    world: { downloads: [downloadOf({ forgottenMs: 500 })] },
    outcome: 'finished',
  },
  'whose Information Center never learns of the end': {
    world: { downloads: [downloadOf({ endUnreported: true, errors: { 3: 'gone', 7: 'no space' } })] },
    outcome: 'failed',
    error: FAILED,
  },
  'of a remote bucket, whose number of files is unknown': {
    world: { downloads: [downloadOf({ type: 'backend', errors: { 3: 'gone', 7: 'no space' } })] },
    outcome: 'failed',
    error: FAILED,
  },
}

describe('a download', () => {
  for (const [what, { world, outcome, error, byMs = ENDS_MS }] of Object.entries(CASES))
    for (const company of Object.keys(COMPANY_OF_DOWNLOADS))
      for (const [name, selector] of Object.entries(selectorsIn(company)))
        it(`${what} is ${outcome}: ${name}, ${company}`, () => {
          const script = { jobs: OTHERS, ...world, downloads: [...(world.downloads ?? []), { id: 'dnl-otherOne1' }] }
          const streams = waitIn('alone', selector)
          const others = COMPANY_OF_DOWNLOADS[company]?.(selector) ?? {}
          const all = company.startsWith('before') ? { ...streams, ...others } : { ...others, ...streams }
          const { emitted } = live(script, { ...all, wait: streams.wait }, { untilMs: byMs + WATCHED_MS })
          const { atMs, ...result } = resultOf(emitted.wait)
          expect(result).to.deep.include({ jobId: ID, kind: 'download', outcome, success: outcome === 'finished' })
          expect(result.error).to.equal(error)
          expect(atMs).to.be.at.most(byMs + 2 * CADENCE_MS)
          // A table without the list of the Information Center sees no end.
          if (what === 'which the Information Center forgets' || world.downloads?.[0]?.endUnreported === true) return
          assertAgree(emitted, ID)
        })
})

describe('a wait for a download', () => {
  const failing: World = { downloads: [downloadOf({ errors: { 3: 'gone', 7: 'no space' } })] }

  it('carries the error of each file that failed', () => {
    expect(outcomeOf(settle(failing, { id: ID })).files).to.deep.equal([
      { name: fileOf(3), error: 'gone' },
      { name: fileOf(7), error: 'no space' },
    ])
    expect(outcomeOf(settle({ downloads: [downloadOf()] }, { id: ID }))).not.to.have.property('files')
  })

  describe('of which a target has forgotten its part before the first reply', () => {
    const forgotten: World = { downloads: [downloadOf()], events: [[200, restarts(1)]] }
    const later: typeof wait = (cluster, selector, options) =>
      timer(300).pipe(switchMap(() => wait(cluster, selector, options)))
    const launched = { id: ID, kind: 'download', sinceMs: 0, expected: { objects: 30 } } as const

    it('is lost if its selector is the result of the launch, which expects more files', () => {
      const { outcome, success, error } = outcomeOf(settle(forgotten, launched, { by: later }))
      expect(outcome).to.equal('lost')
      expect(success).to.equal(false)
      expect(error).to.equal(FORGOTTEN)
    })

    it('is lost for a handle of the launch, too', () => {
      const byHandle: typeof wait = (cluster, selector, options) =>
        timer(300).pipe(switchMap(() => jobOf(cluster, selector as JobIdentity).wait(options)))
      expect(outcomeOf(settle(forgotten, launched, { by: byHandle }))).to.have.property('outcome', 'lost')
    })

    it('is lost even if another stream has seen the end', () => {
      const { values } = observe(
        forgotten,
        (cluster) =>
          merge(
            timer(300).pipe(
              switchMap(() => watchDetails(cluster, { id: ID })),
              ignoreElements(),
            ),
            timer(20_000).pipe(switchMap(() => wait(cluster, launched))),
          ).pipe(take(1)),
        { unsubscribeAtMs: 200_000 },
      )
      expect(values[0]).to.have.nested.property('right.outcome', 'lost')
    })

    it('is failed if a file has failed, and finished only if all files are there', () => {
      const broken = { ...forgotten, downloads: [downloadOf({ errors: { 3: 'gone', 4: 'gone', 5: 'gone' } })] }
      expect(outcomeOf(settle(broken, launched, { by: later }))).to.have.property('outcome', 'failed')
      const whole = { downloads: [downloadOf()] }
      expect(outcomeOf(settle(whole, { ...launched, expected: { objects: 31 } }))).to.have.property('outcome', 'lost')
      expect(outcomeOf(settle(whole, launched))).to.have.property('outcome', 'finished')
      expect(outcomeOf(settle(whole, { ...launched, expected: {} }))).to.have.property('outcome', 'finished')
    })
  })

  it('names the first three files that failed, and the number of the others', () => {
    const errors = Object.fromEntries([0, 1, 2, 3, 4].map((nth) => [nth, 'gone']))
    const { error } = outcomeOf(settle({ downloads: [downloadOf({ errors })] }, { id: ID }))
    expect(error).to.equal('5 of 30 files failed; f-000: gone; f-001: gone; f-002: gone; and 2 more')
  })

  describe('of very many files', () => {
    const many: World = { downloads: [downloadOf({ files: 1_200, errors: { 3: 'gone', 700: 'no space' } })] }
    const bodiesOf = (requests: readonly Recorded[]): readonly string[] =>
      requests.filter(({ what }) => what === 'download').map(({ text = '' }) => text)

    it('polls the counters only, and requests the files at the end', () => {
      const settled = settle(many, { id: ID })
      const { outcome, files, error } = outcomeOf(settled)
      expect({ outcome, error }).to.deep.equal({
        outcome: 'failed',
        error: '2 of 1200 files failed; f-003: gone; f-700: no space',
      })
      expect(files).to.have.length(2)
      const [first, ...others] = bodiesOf(settled.requests)
      expect(first).to.equal(`{"id":"${ID}"}`)
      expect(others.pop()).to.equal(`{"id":"${ID}"}`)
      expect(new Set(others)).to.deep.equal(new Set([`{"id":"${ID}","only_active_tasks":true}`]))
      expect(others.length).to.be.above(50)
    })

    it('requests the full status if the counters are null, or show fewer files', () => {
      const bent = (body: string): World => ({
        ...many,
        download: (ms, { text = '' }, own) => (ms > 5_000 && ms < 9_000 && text.includes('only') ? { body } : own),
      })
      for (const body of ['null', `{"id":"${ID}","scheduled_cnt":400,"total":400,"all_dispatched":true}`]) {
        const settled = settle(bent(body), { id: ID })
        expect(outcomeOf(settled)).to.include({ outcome: 'failed' })
        expect(bodiesOf(settled.requests).filter((text) => !text.includes('only'))).to.have.length(2 + 3)
      }
    })

    it('requests only full statuses while the download winds down', () => {
      const aborted: World = { downloads: [downloadOf({ files: 1_200, abortMs: 3_000 })] }
      const watched = observe(aborted, (cluster) => watchDetails(cluster, { id: ID }), { unsubscribeAtMs: 30_000 })
      const bodies = bodiesOf(watched.requests)
      const last = bodies.findLastIndex((text) => text.includes('only'))
      expect(last).to.be.within(2, 8)
      expect(bodies.length).to.be.above(last + 10)
    })

    it('fails without the names of the files if no reply can hold them', () => {
      const observed = observe(many, (cluster) => wait(cluster, { id: ID }), { maxReplyBytes: 20_000 })
      expect(observed.values).to.have.nested.property('[0].right.outcome', 'failed')
      expect(observed.values).to.have.nested.property('[0].right.error', '2 of 1200 files failed')
      expect(observed.values).not.to.have.nested.property('[0].right.files')
    })
  })

  it('sends requests of the download API only', () => {
    const { requests } = settle(failing, { id: ID })
    expect(new Set(requests.map(({ what }) => what))).to.deep.equal(new Set(['download', 'map']))
    expect(requests.filter(({ what }) => what === 'download').length).to.be.within(3, 10)
  })

  for (const [name, by, outcome] of [
    ['waitForIdle', waitForIdle, 'failed'],
    ['waitSingleNode', waitSingleNode, 'failed'],
    ['waitNotRunning', waitNotRunning, 'not-running'],
  ] as const)
    it(`ends as the download does: ${name}`, () => {
      const settled = settle(failing, { id: ID, kind: 'download' }, { by })
      expect(outcomeOf(settled)).to.deep.include({ outcome, success: false, error: FAILED })
      expect(settled.atMs).to.be.within(1_500, ENDS_MS)
    })

  it('reports the start at once: waitStarted', () => {
    const settled = settle(failing, { id: ID }, { by: waitStarted })
    expect(outcomeOf(settled)).to.deep.include({ outcome: 'started', success: true })
    expect(settled.atMs).to.equal(0)
  })

  it('counts the files that are there: waitUntil', () => {
    const observed = observe(failing, (cluster) =>
      waitUntil(cluster, { id: ID }, ({ objects, ended }) => objects >= 9n && !ended),
    )
    expect(observed.values).to.deep.equal([right(true)])
    const ended = observe(failing, (cluster) => waitUntil(cluster, { id: ID }, conditions.ended))
    expect(ended.values).to.have.nested.property('[0].right.outcome', 'failed')
  })

  it('is NotFound after 10 s if no target knows it, also beside a list that shows it', () => {
    const settled = settle({}, { id: NO_SUCH })
    expect(errorOf(settled)._tag).to.equal('NotFound')
    expect(settled.atMs).to.be.within(10_000, 13_000)
  })

  it('is lost if the targets no longer know it', () => {
    const forgotten: World = {
      downloads: [downloadOf({ files: 300 })],
      events: [0, 1, 2].map((n) => [5_000, restarts(n)]),
    }
    const settled = settle(forgotten, { id: ID })
    expect(outcomeOf(settled)).to.deep.include({
      outcome: 'lost',
      success: false,
      error: 'the cluster no longer knows the job; it is unknown whether it succeeded',
    })
    expect(outcomeOf(settled)).not.to.have.property('lostTargets')
    expect(settled.atMs).to.be.within(5_000, 10_000)
  })

  it('shows its end in a table before its row is removed, and emits its end once, however long the stream then stays', () => {
    const forgotten: World = {
      downloads: [downloadOf({ files: 300 })],
      events: [0, 1, 2].map((n) => [5_000, restarts(n)]),
    }
    const cadence = constant(60_000)
    const tables = observe(forgotten, (cluster) => watchJobs(cluster, { id: ID }), { unsubscribeAtMs: 30_000 })
    const states = tables.values.flatMap((table) => [(table as { readonly right: JobTable }).right[ID]?.state])
    expect(states.filter((state, at) => state !== states[at - 1])).to.deep.equal(['running', 'lost', undefined])
    const events = observe(forgotten, (cluster) => jobEvents(cluster, { id: ID }, { cadence }), {
      unsubscribeAtMs: 4 * 3_600_000,
    })
    const types = events.values.flatMap((event) => (event._tag === 'Right' ? [event.right.type] : []))
    expect(types).to.deep.equal(['started', 'vanished'])
  })

  it('has its end among the events of all jobs, although no list shows it, and only another stream has seen it', () => {
    const world: World = { downloads: [downloadOf({ forgottenMs: 500 })] }
    const events = observe(
      world,
      (cluster) =>
        merge(
          watchDetails(cluster, { id: ID }, { cadence: constant(60_000) }).pipe(
            ignoreElements(),
            takeUntil(timer(ENDS_MS + 1)),
          ),
          timer(ENDS_MS).pipe(switchMap(() => jobEvents(cluster))),
        ),
      { unsubscribeAtMs: ENDS_MS + 2_000 },
    )
    const types = events.values.flatMap((event) =>
      event._tag === 'Right' && event.right.job.id === ID ? [event.right.type] : [],
    )
    expect(types).to.deep.equal(['started', 'finished'])
  })

  it('is aborted if a target dies, since the cluster then aborts it', () => {
    const settled = settle({ downloads: [downloadOf({ files: 900 })], events: [[2_000, dies(0)]] }, { id: ID })
    expect(outcomeOf(settled)).to.deep.include({ outcome: 'aborted', success: false })
    expect(settled.atMs).to.be.within(30_000, 36_000)
  })

  it('is lost if a target leaves with its part', () => {
    const settled = settle({ downloads: [downloadOf({ files: 90 })], events: [[2_000, leaves(0)]] }, { id: ID })
    expect(outcomeOf(settled)).to.deep.include({ outcome: 'lost', success: false, error: FORGOTTEN })
    expect(settled.atMs).to.be.within(62_000, 66_000)
  })

  it('waits for a target that freezes and thaws', () => {
    const events: World['events'] = [
      [1_000, freezes(0)],
      [25_000, thaws(0)],
    ]
    const settled = settle({ downloads: [downloadOf()], events }, { id: ID })
    expect(outcomeOf(settled)).to.deep.include({ outcome: 'finished', success: true })
    expect(settled.atMs).to.be.within(25_000, 45_000)
  })

  for (const [what, reply] of [
    ['503', withoutBody(503)],
    ['an HTML page', htmlPage(502)],
    ['an unreachable target', targetUnreachable],
  ] as const)
    it(`goes on after replies that are transient failures: ${what}`, () => {
      const world: World = { ...failing, download: (ms, _, own) => (ms < 20_000 ? reply : own) }
      const settled = settle(world, { id: ID })
      expect(outcomeOf(settled)).to.deep.include({ outcome: 'failed', error: FAILED })
      expect(settled.atMs).to.be.within(20_000, 23_000)
    })

  it('gives up after three replies that it cannot decode', () => {
    const settled = settle({ ...failing, download: () => undecodable }, { id: ID })
    expect(errorOf(settled)._tag).to.equal('DecodeError')
    expect(settled.atMs).to.be.at.most(3_000)
  })

  it('does not report a success from the status of the Information Center when the download API is silent', () => {
    const world: World = { downloads: [downloadOf()], download: () => NEVER }
    for (const company of ['alone', 'beside watchJobs', 'beside waits on three other jobs']) {
      const { emitted } = live({ jobs: OTHERS, ...world }, waitIn(company, { id: ID }), { untilMs: 190_000 })
      expect(emitted.wait, company).to.deep.equal([])
    }
  })

  it('ends although the Information Center is silent', () => {
    const world: World = { downloads: [downloadOf()], status: () => NEVER, statuses: () => NEVER }
    for (const company of ['alone', 'beside watchJobs', 'beside waits on three other jobs']) {
      const { emitted } = live({ jobs: OTHERS, ...world }, waitIn(company, { id: ID }), { untilMs: 60_000 })
      const { atMs, outcome } = resultOf(emitted.wait)
      expect(outcome, company).to.equal('finished')
      expect(atMs, company).to.be.at.most(ENDS_MS)
    }
  })

  it('may name other jobs too, and combines the outcomes and the files', () => {
    const world: World = { jobs: [{ id: 'copyJob12', kind: 'copy-bck', endMs: 4_000 }], ...failing }
    const { outcome, files, jobId } = outcomeOf(settle(world, { id: `copyJob12,${ID}` }))
    expect({ outcome, jobId }).to.deep.equal({ outcome: 'failed', jobId: `copyJob12,${ID}` })
    expect(files).to.have.length(2)
  })

  it('does not change the requests of a wait for another job beside it', () => {
    const job = { id: 'copyJob12', kind: 'copy-bck', endMs: 30_000 }
    const mine = (cluster: Cluster) => wait(cluster, { id: job.id, kind: job.kind })
    const sentFor = (downloads: readonly FakeDownload[]): readonly string[] =>
      live(
        { jobs: [job], downloads },
        { mine, ...(downloads.length === 0 ? {} : { other: (cluster: Cluster) => wait(cluster, { id: ID }) }) },
        { untilMs: 60_000 },
      ).requests.flatMap(({ what, atMs }) => (what === 'download' ? [] : [`${what}@${Math.round(atMs)}`]))
    const lists = (sent: readonly string[]): readonly string[] =>
      sent.map((line) => line.replace('statuses@', 'status@')).filter((line) => !line.startsWith('map'))
    expect(lists(sentFor([downloadOf({ files: 300 })]))).to.deep.equal(lists(sentFor([])))
  })

  for (const [what, selector, argument] of [
    ['a kind that is not of downloads', { id: ID, kind: 'lru' }, 'kind'],
    ['a target', { id: ID, target: 't1' }, 'target'],
  ] as const)
    it(`refuses ${what}`, () => {
      const error = errorOf(settle({ downloads: [downloadOf()] }, selector))
      expect(error).to.include({ _tag: 'InvalidArgument', argument })
    })
})

describe('the other functions, with the id of a download', () => {
  const failing: World = { downloads: [downloadOf({ errors: { 3: 'gone' } })] }
  const FAILED_ONE = `1 of 30 files failed; ${fileOf(3)}: gone`

  it('status has the error, and the end', () => {
    const early = observe(failing, (cluster) => status(cluster, { id: ID }))
    expect(early.values).to.have.nested.property('[0].right.aborted', false)
    expect(early.values).not.to.have.nested.property('[0].right.endTime')
    const { emitted } = live(
      failing,
      { status: (cluster) => status(cluster, { id: ID }) },
      { fromMs: 20_000, untilMs: 21_000 },
    )
    expect(emitted.status[0]?.value).to.have.nested.property('right.err', FAILED_ONE)
    expect(emitted.status[0]?.value).to.have.nested.property('right.endTime')
    expect(emitted.status[0]?.value).to.have.nested.property('right.kind', 'download')
  })

  it('details has one snapshot for all targets, with the reply itself', () => {
    const { values } = observe(failing, (cluster) => details(cluster, { id: ID, kind: 'range' }))
    expect(values).to.have.nested.property('[0].right.*[0].ext.scheduled', 30)
    const { values: unknown } = observe(failing, (cluster) => details(cluster, { id: NO_SUCH }))
    expect(unknown).to.have.nested.property('[0].left._tag', 'NotFound')
  })

  it('watchStatus and watchDetails share the requests of progress, and show the end', () => {
    const { emitted, requests } = live(
      failing,
      {
        status: (cluster) => watchStatus(cluster, { id: ID }),
        details: (cluster) => watchDetails(cluster, { id: ID }),
        progress: (cluster) => progress(cluster, { id: ID }),
      },
      { untilMs: 10_500 },
    )
    expect(emitted.status.at(-1)?.value).to.have.nested.property('right.err', FAILED_ONE)
    expect(emitted.details.at(-1)?.value).to.have.nested.property('right.*[0].err', FAILED_ONE)
    expect(emitted.progress.at(-1)?.value).to.have.nested.property('right.state', 'failed')
    expect(requests.filter(({ what }) => what === 'download')).to.have.length(11)
    expect(requests.filter(({ what }) => what === 'snapshots' || what === 'status')).to.deep.equal([])
  })

  it('watchDetails ignores replies about the job that all downloads share', () => {
    const { emitted } = live(
      failing,
      {
        details: (cluster) => watchDetails(cluster, { id: ID }),
        shared: (cluster) => watchDetails(cluster, { kind: 'download' }),
      },
      { untilMs: 5_500 },
    )
    expect(emitted.shared.every(({ value }) => value._tag === 'Right')).to.equal(true)
    expect(emitted.details).to.have.length(6)
    expect(emitted.details.filter(({ value }) => value._tag === 'Left')).to.deep.equal([])
  })

  it('progress knows the total, counts files and bytes, and is complete at the end', () => {
    const { emitted } = live(
      { downloads: [downloadOf()] },
      { progress: (cluster) => progress(cluster, { id: ID }) },
      { untilMs: ENDS_MS + 2_000 },
    )
    const ratios = emitted.progress.flatMap(({ value }) => (value._tag === 'Right' ? [value.right.ratio ?? -1] : []))
    expect(ratios[0]).to.be.within(0, 0.2)
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b))
    expect(emitted.progress.at(-1)?.value).to.deep.include({ _tag: 'Right' })
    expect(emitted.progress.at(-1)?.value).to.have.nested.property('right.ratio', 1)
    expect(emitted.progress.at(-1)?.value).to.have.nested.property('right.objects', 30)
    expect(emitted.progress.at(-1)?.value).to.have.nested.property('right.bytes').that.is.above(10_000_000)
  })

  it('progress has no ratio if the targets do not know the number of files', () => {
    const { emitted } = live(
      { downloads: [downloadOf({ type: 'backend' })] },
      { progress: (cluster) => progress(cluster, { id: ID }) },
      { untilMs: 3_000 },
    )
    expect(emitted.progress.at(-1)?.value).to.have.nested.property('right.objects')
    expect(emitted.progress.at(-1)?.value).not.to.have.nested.property('right.ratio')
  })

  it('jobEvents emits its start, its progress and its failure', () => {
    const { emitted } = live(failing, { events: (cluster) => jobEvents(cluster, { id: ID }) }, { untilMs: 12_000 })
    const types = emitted.events.map(({ value }) => (value._tag === 'Right' ? value.right.type : value.left._tag))
    expect(types[0]).to.equal('started')
    expect(types.slice(1, -1).every((type) => type === 'progressed')).to.equal(true)
    expect(types.at(-1)).to.equal('failed')
  })

  it('jobEvents of all jobs emits how the download ended, although no list shows it', () => {
    const { emitted, requests } = live(failing, { events: (cluster) => jobEvents(cluster) }, { untilMs: 20_000 })
    const events = emitted.events.flatMap(({ value }) =>
      value._tag === 'Right' && value.right.job.id === ID ? [[value.right.type, value.right.job.kind]] : [],
    )
    expect(events).to.deep.equal([
      ['started', 'download'],
      ['failed', 'download'],
    ])
    expect(requests.filter(({ what }) => what === 'download').length).to.be.within(1, 2)
  })

  it('jobEvents of all jobs emits nothing for a download that had already ended', () => {
    const { emitted, requests } = live(
      failing,
      { events: (cluster) => jobEvents(cluster) },
      { fromMs: 15_000, untilMs: 30_000 },
    )
    const events = emitted.events.filter(({ value }) => value._tag === 'Right' && value.right.job.id === ID)
    expect(events).to.deep.equal([])
    expect(requests.filter(({ what }) => what === 'download')).to.deep.equal([])
  })

  it('streams of the kind that all downloads share do not show the download, whatever else runs', () => {
    const kind = { kind: 'download' }
    const { emitted } = live(
      failing,
      {
        wait: (cluster) => wait(cluster, { id: ID }),
        events: (cluster) => jobEvents(cluster, kind),
        table: (cluster) => watchJobs(cluster, kind),
        progress: (cluster) => progress(cluster, kind),
      },
      { untilMs: 12_000 },
    )
    expect(resultOf(emitted.wait).outcome).to.equal('failed')
    expect(emitted.events.filter(({ value }) => value._tag === 'Right' && value.right.job.id === ID)).to.deep.equal([])
    expect(emitted.table.filter(({ value }) => value._tag === 'Right' && ID in value.right)).to.deep.equal([])
    expect(
      emitted.progress.every(({ value }) => value._tag === 'Right' && !(ALL_TARGETS in value.right.targets)),
    ).to.equal(true)
  })

  it('watchJobs shows a download that is selected by its id, although it requests no list', () => {
    const { emitted, requests } = live(
      failing,
      { table: (cluster) => watchJobs(cluster, { id: ID }) },
      { untilMs: 12_000 },
    )
    expect(requests.filter(({ what }) => what === 'statuses' || what === 'running')).to.deep.equal([])
    const states = emitted.table.map(({ value }) => (value._tag === 'Right' ? value.right[ID]?.state : value.left._tag))
    expect(states[0]).to.equal('running')
    expect(states.at(-1)).to.equal('failed')
  })

  describe('in watchJobs', () => {
    const tablesOf = (world: World, selector?: JobSelector, untilMs = 12_000): readonly JobTable[] =>
      live(world, { table: (cluster) => watchJobs(cluster, selector) }, { untilMs }).emitted.table.flatMap(
        ({ value }) => (value._tag === 'Right' ? [value.right] : []),
      )
    const carriersOf = (table: JobTable): readonly JobRow[] =>
      Object.values(table).filter(({ kind, id }) => kind === 'download' && !id.startsWith('dnl-'))
    const shownOf = (table: JobTable): readonly string[] =>
      Object.values(table)
        .filter(({ carrier }) => carrier !== true)
        .map(({ kind, state }) => `${kind} ${state}`)

    it('the download has one row, which is not marked as the carrier of downloads', () => {
      const table = tablesOf(failing).at(-1) ?? {}
      expect(shownOf(table)).to.deep.equal(['download failed'])
      expect(carriersOf(table).map(({ carrier, state }) => [carrier, state])).to.deep.equal([[true, 'running']])
    })

    it('the carrier is marked in exactly the tables with a download, and its row is a new object only if it changes', () => {
      const later: World = {
        jobs: [{ id: 'xdl-Carrier1', kind: 'download', idleMs: 0, objects: 0 }],
        downloads: [downloadOf({ atMs: 5_000 })],
      }
      const tables = tablesOf(later)
      const marks = tables.map((table) => [ID in table, table['xdl-Carrier1']?.carrier === true] as const)
      expect(marks.some(([hasDownload]) => !hasDownload)).to.equal(true)
      expect(marks.some(([hasDownload]) => hasDownload)).to.equal(true)
      for (const [hasDownload, isMarked] of marks) expect(isMarked).to.equal(hasDownload)
      expect(new Set(tables.map((table) => table['xdl-Carrier1'])).size).to.be.at.most(3)
    })

    it('the carrier is not marked if the table has no download', () => {
      const alone: World = { jobs: [{ id: 'xdl-Carrier1', kind: 'download', idleMs: 0, objects: 0 }] }
      for (const table of tablesOf(alone)) expect(carriersOf(table)[0]).to.not.have.property('carrier')
      const beside = { ...alone, downloads: [downloadOf()] }
      for (const selector of [{ id: 'xdl-Carrier1' }, { kind: 'download' }])
        for (const table of tablesOf(beside, selector)) expect(carriersOf(table)[0]).to.not.have.property('carrier')
    })
  })

  it('abort uses the download API, and confirms', () => {
    const { values, requests, times } = observe({ downloads: [downloadOf({ files: 300 })] }, (cluster) =>
      abort(cluster, { id: ID, kind: 'download' }, { confirm: true }),
    )
    expect(values).to.deep.equal([right(undefined)])
    expect(requests[0]).to.include({ method: 'DELETE', path: '/v1/download/abort' })
    expect(times[0]).to.be.at.most(3_000)
    expect(observe({}, (cluster) => abort(cluster, { id: NO_SUCH })).values).to.have.nested.property(
      '[0].left._tag',
      'NotFound',
    )
  })

  it('downloadStatus: its reply also ends a wait that runs beside it', () => {
    const { emitted } = live(
      failing,
      {
        wait: (cluster) => wait(cluster, { id: ID }, { cadence: () => 60_000 }),
        status: (cluster) => timer(15_000).pipe(switchMap(() => downloadStatus(cluster, ID))),
      },
      { untilMs: 30_000 },
    )
    expect(emitted.status[0]?.value).to.have.nested.property('right.failed', 1)
    expect(resultOf(emitted.wait)).to.deep.include({ atMs: 15_000, outcome: 'failed', error: FAILED_ONE })
  })
})
