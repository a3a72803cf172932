import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { chromium, type Browser } from 'playwright-core'
import { startDashboard, type Dashboard } from '../../../lib/dashboard/server.ts'
import { createCluster } from '../../../lib/index.ts'
import { findChromium } from '../helpers/chromium.ts'
import { builtPage } from './page.ts'

// A cluster whose texts contain HTML and control characters does no harm to the page of the dashboard.

const ID = 'EvilJob-1'
const MARKUP = `<img src=x onerror="globalThis.hit = 1"></script><a href="javascript:hit=1">%s\u202E`
const STATUS = { uuid: ID, kind: 'lru', end: 0, aborted: false, err: '' }
const SNAP = {
  id: ID,
  kind: 'lru',
  bck: { name: MARKUP, provider: 'ais' },
  'start-time': '2026-01-01T00:00:00Z',
  stats: { 'loc-objs': '5' },
  err: MARKUP,
  ctlmsg: MARKUP,
}

/** The replies of a cluster whose texts are markup. */
const reply = (what: string): unknown => {
  if (what === 'running_all') return [`lru[${ID}]`]
  if (what === 'status_all') return [STATUS]
  return what === 'qryxstats' ? { [MARKUP]: [SNAP] } : STATUS
}

describe('the dashboard of a hostile cluster, in Chromium', function () {
  this.timeout(60_000)
  let server: Server
  let dashboard: Dashboard
  let browser: Browser

  before(async () => {
    server = createServer((request, response) => {
      const what = new URL(request.url ?? '', 'http://x').searchParams.get('what') ?? ''
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(reply(what)))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    dashboard = await startDashboard(createCluster(endpoint, { discover: false }), {
      host: '127.0.0.1',
      port: 0,
      allow: ['stop'],
      endpoint: MARKUP,
      assets: await builtPage(),
    })
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  })
  after(async () => {
    await browser.close()
    await dashboard.close()
    server.closeAllConnections()
    server.close()
  })

  it('shows its texts as texts, in the table, in the dialog and on the page of the job', async () => {
    const page = await browser.newPage()
    await page.goto(dashboard.url)
    const row = page.locator(`tr[data-id="${ID}"]`)
    await row.locator('td.bucket', { hasText: MARKUP }).waitFor()
    await row.getByRole('button').click()
    await page.locator('#confirm dd', { hasText: MARKUP }).waitFor()
    await page.locator('#confirm button', { hasText: 'Cancel' }).click()
    await row.locator('a').click()
    await page.locator('#job pre', { hasText: MARKUP }).first().waitFor()
    await page.locator('#job tbody th', { hasText: MARKUP }).waitFor()
    expect(await page.locator('#endpoint').textContent()).to.equal(MARKUP)
    expect(await page.locator('img').count()).to.equal(0)
    expect(await page.locator('a[href^="javascript"]').count()).to.equal(0)
    expect(await page.evaluate(() => 'hit' in globalThis)).to.equal(false)
  })

  it('can be neither framed nor made to load a foreign script', async () => {
    const page = await browser.newPage()
    await page.goto(dashboard.url)
    await page.locator('#jobs tbody tr').first().waitFor()
    const loads = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const script = document.createElement('script')
          script.src = 'data:text/javascript,globalThis.hit=1'
          script.onload = () => resolve('loaded')
          script.onerror = () => resolve('refused')
          document.head.append(script)
        }),
    )
    expect(loads).to.equal('refused')
    const frame = await browser.newPage()
    await frame.setContent(`<iframe src="${dashboard.url}"></iframe>`)
    await frame.waitForTimeout(1_000)
    expect(await frame.frames()[1]?.evaluate(() => document.querySelector('#jobs') === null)).to.equal(true)
  })
})
