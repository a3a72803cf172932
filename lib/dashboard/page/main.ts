import { combineLatest, fromEvent, startWith, timer } from 'rxjs'
import { createCluster, health } from '../../index.ts'
import type { PageConfig } from '../config.ts'
import { formatAddress, parseAddress, type Address } from './address.ts'
import { bannerView } from './banner.ts'
import { stopJob } from './commands.ts'
import { byId, setAttribute, setText } from './dom.ts'
import { NO_FEED, feedOf, type Feed } from './feed.ts'
import { filtersView } from './filters.ts'
import { duration } from './format.ts'
import { openJob, type JobPage } from './job-page.ts'
import { listenToKeys } from './keys.ts'
import { logView } from './log.ts'
import { listed } from './picture.ts'
import { rateMemory } from './rates.ts'
import { REFUSALS, openSession } from './session.ts'
import { startForm } from './start.ts'
import { tableView } from './table.ts'
import { themeSwitch } from './theme.ts'

/** Connects the parts of the page: the feed of the cluster, the table, the page of a job, the log and the banner. */
function run(config: PageConfig): void {
  const cluster = createCluster('/ais')
  const isAllowed = (command: 'start' | 'stop'): boolean => config.allow.includes(command)
  setText(byId('endpoint'), config.embedded ? `${config.endpoint} (embedded demonstration)` : config.endpoint)
  setText(byId('rights'), config.allow.length === 0 ? 'read-only' : `may ${config.allow.join(' and ')}`)
  /** The numbers of objects, by bucket and by job. */
  const totals: Record<string, number> = { ...config.objects }
  if (isAllowed('start'))
    startForm(cluster, config, ({ id, objects }) => {
      if (id !== undefined && objects !== undefined) totals[id] = objects
    })

  let feed: Feed = NO_FEED
  /** The picture that is drawn. It does not change while the page is paused. */
  let drawn = feed
  let isStale = false
  let pausedMs: number | undefined
  let page: (JobPage & { readonly id: string }) | undefined
  /** The job whose page has just been left. */
  let leftJob: string | undefined

  const changeAddress = (change: Partial<Address>): void => {
    const hash = formatAddress({ ...parseAddress(location.hash), ...change })
    // Otherwise, each letter typed into the search would become an entry of the browser's history.
    history.replaceState(null, '', hash)
    draw()
  }
  const stop = isAllowed('stop')
    ? (id: string): void => {
        const job = feed.picture.jobs.get(id)
        if (job !== undefined) void stopJob(cluster, job)
      }
    : undefined
  const log = logView()
  const rates = rateMemory()
  const banner = bannerView((ms) =>
    log.add([{ atMs: Date.now(), type: 'back', text: `the cluster was away for ${duration(ms)}` }]),
  )
  const filters = filtersView(changeAddress)
  const table = tableView({ change: changeAddress, redraw: () => draw(), stop })
  const showPage = (id: string | undefined): void => {
    if (page?.id === id) return
    page?.close()
    leftJob = id === undefined ? page?.id : undefined
    byId('list').hidden = id !== undefined
    byId('page').hidden = id === undefined
    // After its section is visible: a hidden element cannot get the focus.
    page = id === undefined ? undefined : { id, ...openJob({ cluster, id, log, rates, stop }) }
  }
  const draw = (): void => {
    const address = parseAddress(location.hash)
    pausedMs = address.paused ? (pausedMs ?? Date.now()) : undefined
    if (!address.paused) drawn = feed
    setText(byId('pause'), address.paused ? 'Resume' : 'Pause')
    setAttribute(byId('pause'), 'aria-pressed', String(address.paused))
    const moment = { nowMs: drawn.answeredMs ?? Date.now(), isStale }
    showPage(address.job)
    log.show(address.search, address.paused, Date.now())
    document.title = `${address.job ?? 'Jobs'} – ${config.endpoint} – aistore-rx`
    setAttribute(byId('back'), 'href', formatAddress({ ...address, job: undefined }))
    if (page === undefined) {
      const jobs = listed(drawn.picture)
      filters.show(jobs, address)
      table.show(jobs, address, moment)
      if (leftJob !== undefined) table.focus(leftJob)
      leftJob = undefined
      byId('loading').hidden = drawn.answeredMs !== undefined
      if (drawn.answeredMs === undefined) byId('none').hidden = true
    } else page.show(drawn.picture.jobs.get(page.id), moment)
  }
  /** Whether the next frame draws. Several replies may come between two frames. */
  let isPlanned = false
  const drawSoon = (): void => {
    if (isPlanned) return
    isPlanned = true
    requestAnimationFrame(() => {
      isPlanned = false
      draw()
    })
  }
  const pause = (): void => changeAddress({ paused: !parseAddress(location.hash).paused })
  byId('skip').addEventListener('click', () => byId('main').focus())
  byId('pause').addEventListener('click', pause)
  listenToKeys({
    pause,
    step: table.step,
    back: () => (location.hash = formatAddress({ ...parseAddress(location.hash), job: undefined })),
  })
  addEventListener('hashchange', draw)
  feedOf(cluster, totals, fromEvent(byId('retry'), 'click')).subscribe((next) => {
    feed = next
    log.add(next.news)
    if (next.problem === undefined) rates.add(next.picture.jobs, Date.now())
    drawSoon()
  })
  combineLatest([health(cluster).pipe(startWith(undefined)), timer(0, 500)]).subscribe(([state]) => {
    const wasStale = isStale
    isStale = banner.show(feed, state, pausedMs, Date.now())
    if (isStale !== wasStale) draw()
  })
  redraw = draw
  draw()
}

let redraw = (): void => undefined
themeSwitch(() => redraw())
void openSession().then((config) => {
  if (typeof config !== 'string') run(config)
  else {
    setText(byId('banner'), REFUSALS[config])
    byId('banner').className = 'gone'
    byId('banner').hidden = false
    byId('loading').hidden = true
  }
})
