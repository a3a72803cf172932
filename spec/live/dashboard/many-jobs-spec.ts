import { expect } from 'chai'
import { chromium, type Browser, type Page } from 'playwright-core'
import { from, lastValueFrom, mergeMap } from 'rxjs'
import { startDashboard, type Dashboard } from '../../../lib/dashboard/server.ts'
import { startEmulator, type Emulator } from '../../../lib/emulator/index.ts'
import { createCluster, start } from '../../../lib/index.ts'
import { findChromium } from '../helpers/chromium.ts'
import { builtPage } from './page.ts'

// The dashboard keeps only the rows near the visible ones in the document.

const JOBS = 1_000
/** Set by the page before its own scripts run. */
declare const longTasks: number[]

describe('the dashboard with 1,000 jobs, in Chromium', function () {
  this.timeout(120_000)
  let browser: Browser
  let emulator: Emulator
  let dashboard: Dashboard
  let page: Page

  before(async () => {
    emulator = await startEmulator({ targets: 2, proxies: 1 })
    const names = Array.from({ length: JOBS }, (_, i) => `bucket-${i}`)
    for (const name of names) emulator.seedBucket(name, { objects: 6_000_000, objectSize: 1024 })
    const cluster = createCluster(emulator.endpoint)
    const starts = from(names).pipe(mergeMap((name) => start(cluster, { kind: 'rechunk', bucket: { name } }), 20))
    await lastValueFrom(starts)
    dashboard = await startDashboard(createCluster(emulator.endpoint), {
      host: '127.0.0.1',
      port: 0,
      allow: ['stop'],
      endpoint: 'cluster',
      assets: await builtPage(),
    })
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    await page.addInitScript({
      content: `globalThis.longTasks = []
        new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
          .observe({ type: 'longtask', buffered: true })`,
    })
    await page.goto(dashboard.url)
    await page.locator(`#jobs[aria-rowcount="${JOBS + 1}"]`).waitFor()
    await page.locator('#jobs td.bucket', { hasText: 'ais://bucket-' }).first().waitFor()
  })
  after(async () => {
    await browser.close()
    await dashboard.close()
    await emulator.close()
  })

  const drawnRows = (): Promise<number> => page.locator('#jobs tbody tr[data-id]').count()
  const drawnIndexes = (): Promise<readonly number[]> =>
    page.locator('#jobs tbody tr[data-id]').evaluateAll((rows) => rows.map(({ ariaRowIndex }) => Number(ariaRowIndex)))
  const focusedId = (): Promise<string | undefined> =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('tr')?.dataset['id'])
  const scrollDown = async (y: number): Promise<void> => {
    await page.evaluate((top) => scrollTo(0, top), y)
    await page.waitForTimeout(200)
  }

  it('has only the rows near the visible ones in the document, and scrolls as if it had all', async () => {
    expect(await drawnRows()).to.be.within(20, 90)
    expect((await drawnIndexes())[0]).to.equal(2)
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    expect(height).to.be.above(JOBS * 40)
    await scrollDown(height / 2)
    const middle = await drawnIndexes()
    expect(middle).to.have.length.within(20, 90)
    expect(middle[0]).to.be.within(350, 650)
    expect(middle).to.deep.equal(middle.map((_, i) => (middle[0] ?? 0) + i))
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).to.be.closeTo(height, 100)
    const seen = await page.evaluate(() => document.elementFromPoint(200, 450)?.closest('tr')?.dataset['id'])
    expect(seen).to.be.a('string')
    await scrollDown(0)
  })

  it('blocks the page for less than half a second at a time, while all counters change and the user scrolls', async () => {
    await page.evaluate(() => longTasks.splice(0))
    await page.evaluate(async () => {
      for (let frame = 0; frame < 240; frame++) {
        scrollBy(0, 160)
        await new Promise(requestAnimationFrame)
      }
    })
    await page.waitForTimeout(2_000)
    const tasks = await page.evaluate(() => longTasks)
    expect(Math.max(0, ...tasks), tasks.join(' ')).to.be.below(500)
    await scrollDown(0)
  })

  it('keeps the focus on its job while rows change and scroll away, and goes on from there by key', async () => {
    await page.mouse.move(700, 5)
    await page.keyboard.press('j')
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown')
    const id = await focusedId()
    expect(id).to.be.a('string')
    await scrollDown(20_000)
    await page.waitForTimeout(2_500)
    expect(await focusedId()).to.equal(id)
    expect(await drawnRows()).to.be.below(100)
    const order = await drawnIndexes()
    await page.keyboard.press('j')
    expect(await focusedId()).not.to.equal(id)
    expect(order[0]).to.equal(7)
    const at = await page.evaluate(() => document.activeElement?.closest('tr')?.ariaRowIndex)
    expect(at).to.equal('8')
    expect(await page.evaluate(() => scrollY)).to.be.below(1_000)
    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  })

  it('searches and sorts all jobs, not only those in the document', async () => {
    const first = (): Promise<string> => page.locator('#jobs tbody tr[data-id] td.bucket').first().innerText()
    await page.locator('#search').fill('bucket-998')
    await page.locator('#summary', { hasText: `1 of ${JOBS} match` }).waitFor()
    expect(await drawnRows()).to.equal(1)
    expect(await first()).to.equal('ais://bucket-998')
    await page.locator('#clear').click()
    await page.locator('#sort').selectOption('bucket')
    await page.locator(`#jobs[aria-rowcount="${JOBS + 1}"]`).waitFor()
    expect(await first()).to.equal('ais://bucket-0')
    await page.locator('#direction').click()
    expect(await first()).to.equal('ais://bucket-999')
  })
})
