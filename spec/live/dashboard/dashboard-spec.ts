import { expect } from 'chai'
import { chromium, type Browser, type Page } from 'playwright-core'
import { firstValueFrom } from 'rxjs'
import type { Assets } from '../../../lib/dashboard/assets.ts'
import type { Allowed } from '../../../lib/dashboard/config.ts'
import { startDashboard, type Dashboard } from '../../../lib/dashboard/server.ts'
import { startEmulator, type Emulator } from '../../../lib/emulator/index.ts'
import { createCluster, isRight, start, statuses } from '../../../lib/index.ts'
import { findChromium } from '../helpers/chromium.ts'
import { builtPage } from './page.ts'

// The dashboard page in Chromium, with an emulated cluster.

describe('the dashboard in Chromium', function () {
  this.timeout(60_000)
  let browser: Browser
  let assets: Assets
  let emulator: Emulator
  let dashboard: Dashboard
  let page: Page
  const complaints: string[] = []

  before(async () => {
    assets = await builtPage()
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  })
  after(() => browser.close())

  beforeEach(async () => {
    complaints.length = 0
    emulator = await startEmulator({ targets: 2, proxies: 1 })
    emulator.seedBucket('photos', { objects: 60_000, objectSize: 1024, provider: 'aws' })
    emulator.seedBucket('models', { objects: 60_000, objectSize: 1024 })
  })
  afterEach(async () => {
    await page.close()
    await dashboard.close()
    await emulator.close()
  })

  const serve = async (...allow: readonly Allowed[]): Promise<void> => {
    const endpoint = new URL(emulator.endpoint).host
    const objects = { 'aws://photos': 60_000 }
    dashboard = await startDashboard(createCluster(emulator.endpoint), {
      host: '127.0.0.1',
      port: 0,
      allow,
      endpoint,
      objects,
      assets,
    })
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(dashboard.url)
  }
  const startJob = async (kind: string, name: string, provider = 'ais'): Promise<string> => {
    const started = await firstValueFrom(start(createCluster(emulator.endpoint), { kind, bucket: { name, provider } }))
    return isRight(started) ? (started.right.id ?? '') : expect.fail(JSON.stringify(started.left))
  }
  const rowOf = (id: string) => page.locator(`#jobs tr[data-id="${id}"]`)
  const textOf = (selector: string): Promise<string | null> => page.locator(selector).textContent()
  const waitForText = async (selector: string, pattern: RegExp): Promise<void> => {
    await page.locator(selector, { hasText: pattern }).first().waitFor({ timeout: 20_000 })
  }

  it('fills the table with state, bucket, share, rate and ETA, logs the start, and breaks no rule of its own policy', async () => {
    const id = await startJob('prefetch-listrange', 'photos', 'aws')
    await serve()
    await rowOf(id).waitFor()
    await waitForText(`#jobs tr[data-id="${id}"] td.rate`, /\d\/s/)
    await waitForText(`#jobs tr[data-id="${id}"] td.eta`, /\d+ (?:s|min)/)
    expect(await rowOf(id).innerText()).to.match(/running\s+prefetch-objects[\s\S]*aws:\/\/photos\s+\d+ %/)
    await waitForText('#log li', /opened 1 job ran already/)
    const next = await startJob('rechunk', 'models')
    await waitForText('#log li', new RegExp(`started rechunk ${next}`))
    await waitForText('#updated', /updated \d s ago/)
    await waitForText('#health', /connected/)
    expect(complaints).to.deep.equal([])
  })

  it('shows that a job has no total if the number of its objects is unknown', async () => {
    const id = await startJob('rechunk', 'models')
    await serve()
    await waitForText(`#jobs tr[data-id="${id}"] td.rate`, /\d\/s/)
    expect(await rowOf(id).locator('td.progress').innerText()).to.equal('no total')
    expect(await rowOf(id).locator('td.eta').innerText()).to.equal('–')
  })

  it('filters by search and state, and keeps the filter in the address', async () => {
    const prefetch = await startJob('prefetch-listrange', 'photos', 'aws')
    const rechunk = await startJob('rechunk', 'models')
    await serve()
    await rowOf(prefetch).waitFor()
    await rowOf(rechunk).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('MODELS')
    await rowOf(prefetch).waitFor({ state: 'detached' })
    expect(await textOf('#summary')).to.equal('1 of 2 match')
    expect(new URL(page.url()).hash).to.equal('#/?q=MODELS')
    await page.reload()
    await rowOf(rechunk).waitFor()
    expect(await rowOf(prefetch).count()).to.equal(0)
    await page.locator('#clear').click()
    await rowOf(prefetch).waitFor()
    await page.locator('#jobs th button', { hasText: 'Kind' }).click()
    await page.locator('#jobs th button', { hasText: 'Kind' }).click()
    expect(await page.locator('#jobs th[aria-sort]').textContent()).to.equal('Kind')
    const ids = () => page.locator('#jobs tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset['id']))
    expect(await ids()).to.deep.equal([rechunk, prefetch])
    expect(new URL(page.url()).hash).to.equal('#/?sort=kind&order=desc')
  })

  it('has a page for each job with its targets, chart and events, opened and left by key', async () => {
    await serve()
    await waitForText('#none', /No job runs/)
    const id = await startJob('prefetch-listrange', 'photos', 'aws')
    await rowOf(id).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await waitForText('#job h2', new RegExp(id))
    for (const target of emulator.targetIds) await waitForText('#job tbody th', new RegExp(target))
    await page.locator('#job .chart[aria-label^="Objects per second: now"] canvas').waitFor()
    await waitForText('#job .u-legend', /Objects\d[\d,]*\/s/)
    await page.locator('#job summary').click()
    await waitForText('#job details td', /^\d[\d,]*\/s$/)
    const colour = () =>
      page.evaluate(() => getComputedStyle(document.querySelector('.u-marker') as Element).borderColor)
    const light = await colour()
    await page.locator('#theme').selectOption('dark')
    expect(await colour()).not.to.equal(light)
    await page.locator('#job h2').focus()
    await waitForText('#job .events li', /started/)
    for (const command of ['ais show job', 'ais wait', 'aistore-rx wait', 'aistore-rx stop'])
      expect(await page.getByText(`${command} ${id}`, { exact: true }).count(), command).to.equal(1)
    await page.keyboard.press('Escape')
    await rowOf(id).waitFor()
    expect(complaints).to.deep.equal([])
  })

  it('does not change the table while it is paused, and shows all changes when it resumes', async () => {
    await serve()
    await waitForText('#none', /No job runs/)
    expect(await page.locator('#kind').innerText()).to.equal('All kinds')
    await page.keyboard.press('p')
    await waitForText('#updated', /paused at/)
    const id = await startJob('rechunk', 'models')
    await page.waitForTimeout(2_500)
    expect(await rowOf(id).count()).to.equal(0)
    await waitForText('#log-note', /1 more since the pause/)
    expect(await page.locator('#log-lines li').count()).to.equal(0)
    await page.keyboard.press('p')
    await rowOf(id).waitFor()
    await waitForText('#log-lines li', /started rechunk/)
  })

  it('shows the events that match the search', async () => {
    await serve()
    await waitForText('#none', /No job runs/)
    await startJob('prefetch-listrange', 'photos', 'aws')
    await startJob('rechunk', 'models')
    await waitForText('#log-lines li', /started rechunk/)
    await waitForText('#log-lines li', /started prefetch-objects/)
    await page.locator('#search').fill('prefetch')
    await page.locator('#log-lines li', { hasText: 'rechunk' }).waitFor({ state: 'detached' })
    await waitForText('#log-lines li', /started prefetch-objects/)
    await page.locator('#clear').click()
    await waitForText('#log-lines li', /started rechunk/)
  })

  it('stops a job with --allow stop, after a confirmation', async () => {
    const id = await startJob('rechunk', 'models')
    await serve('stop')
    await rowOf(id).getByRole('button').click()
    await waitForText('#confirm', new RegExp(`Stop this job\\?[\\s\\S]*${id}[\\s\\S]*rechunk[\\s\\S]*ais://models`))
    expect(await page.evaluate(() => document.activeElement?.textContent)).to.equal('Cancel')
    await page.keyboard.press('Enter')
    await page.waitForTimeout(500)
    expect(emulator.requests.count(({ method }) => method === 'PUT')).to.equal(1)
    await rowOf(id).getByRole('button').click()
    await page.locator('#confirm .danger').click()
    await waitForText('#notice', /has stopped/)
    await waitForText(`#jobs tr[data-id="${id}"]`, /aborted/)
    await waitForText('#log li', /aborted rechunk/)
    expect(await page.locator('#start').isHidden()).to.equal(true)
    // A job that has ended can be neither stopped nor waited for.
    await rowOf(id).getByRole('link').click()
    await waitForText('#job .title', /aborted/)
    expect(await page.locator('#job .command code:visible').allTextContents()).to.deep.equal([`ais show job ${id}`])
  })

  it('starts a job with --allow start, after a confirmation', async () => {
    await serve('start')
    await page.locator('#start').click()
    await page.locator('#start-kind').selectOption('rechunk')
    await page.locator('#start-bucket').fill('ais://models')
    await page.locator('#start-next').click()
    await waitForText('#confirm', /rechunk[\s\S]*ais:\/\/models/)
    await page.locator('#confirm .danger').click()
    await waitForText('#notice', /Started rechunk/)
    await waitForText('#jobs tbody tr', /rechunk/)
    expect(await page.locator('#jobs tbody button').count()).to.equal(0)
  })

  describe('with --allow start', () => {
    const choose = async (launch: string, fields: Readonly<Record<string, string>>): Promise<void> => {
      await page.locator('#start').click()
      await page.locator('#start-kind').selectOption(launch)
      for (const [label, value] of Object.entries(fields)) {
        const input = page.locator('#start-fields').getByLabel(label, { exact: true })
        const tag = await input.evaluate((one) => one.tagName)
        if (tag === 'SELECT') await input.selectOption(value)
        // Chromium takes half a minute to type 4,000 lines on a busy machine.
        else if (tag === 'TEXTAREA')
          await input.evaluate((one, text) => ((one as HTMLTextAreaElement).value = text), value)
        else await input.fill(value)
      }
      await page.locator('#start-next').click()
    }
    const commandCount = (): number => emulator.requests.count(({ method }) => method !== 'GET' && method !== 'HEAD')

    it('offers a copy, and sends it after a confirmation', async () => {
      await serve('start')
      await choose('copyBucket', { From: 'ais://models', To: 'ais://models-copy' })
      await waitForText(
        '#confirm',
        /Copy a bucket[\s\S]*ais:\/\/models[\s\S]*ais:\/\/models-copy[\s\S]*An abort destroys/,
      )
      expect(commandCount()).to.equal(0)
      await page.keyboard.press('Enter')
      await page.locator('#confirm').waitFor({ state: 'hidden' })
      expect(commandCount()).to.equal(0)
      await choose('copyBucket', { From: 'ais://models', To: 'ais://models-copy' })
      await page.locator('#confirm .danger').click()
      await waitForText('#notice', /Started copy-bck \S+\./)
      await waitForText('#jobs tbody tr', /copy-bucket[\s\S]*ais:\/\/models → ais:\/\/models-copy/)
      expect(commandCount()).to.equal(1)
      expect(complaints).to.deep.equal([])
    })

    it('offers a prefetch by names, whose total is the number of names', async () => {
      emulator.seedBucket('many', { objects: 60_000, objectSize: 1024, provider: 'gcp' })
      await serve('start')
      const names = Array.from({ length: 4_000 }, (_, i) => `obj-${String(i).padStart(5, '0')}`)
      await choose('prefetch', { 'Remote bucket': 'gs://many', Objects: 'names', Which: names.join('\n') })
      await page.locator('#confirm .danger').click()
      await waitForText('#notice', /Started prefetch-listrange/)
      await waitForText('#jobs tbody .share', /\d+ %/)
      await waitForText('#jobs tbody td.eta', /\d+ (?:s|min)/)
    })

    it('offers a download, and shows its share and the time left in one row', async () => {
      await serve('start')
      await choose('download', {
        'Into the bucket': 'fetched',
        'Links, or one with a range': 'https://h/{000..299}.tar',
      })
      await page.locator('#confirm .danger').click()
      await waitForText('#notice', /Started download dnl-/)
      await waitForText('#jobs tbody .share', /\d+ %/)
      await waitForText('#jobs tbody td.eta', /\d+ (?:s|min)/)
      expect(await page.locator('#jobs tbody tr').count()).to.equal(1)
      await page.locator('#jobs tbody tr a').click()
      await waitForText('#job h2', /dnl-/)
      await waitForText('#job code', /aistore-rx wait dnl-/)
    })

    it('shows which fields are missing, and the refusals of the library and of the cluster', async () => {
      await serve('start')
      await choose('mirror', { Bucket: 'ais://models' })
      await waitForText('#start-missing', /Fill in: Copies/)
      await page.locator('#start-cancel').click()
      await choose('prefetch', { 'Remote bucket': 'ais://models', Objects: 'everything' })
      await page.locator('#confirm .danger').click()
      await waitForText('#notice', /Prefetch was not started: bucket: got a bucket of this cluster/)
      await choose('mirror', { Bucket: 'ais://nosuch', Copies: '2' })
      await page.locator('#confirm .danger').click()
      await waitForText('#notice', /Mirror was not started: bucket "ais:\/\/nosuch" does not exist/)
    })
  })

  it('has no command without --allow, and its server refuses them', async () => {
    const id = await startJob('rechunk', 'models')
    await serve()
    await rowOf(id).waitFor()
    expect(await page.locator('#jobs tbody button').count()).to.equal(0)
    expect(await page.locator('#start').isHidden()).to.equal(true)
    const status = await page.evaluate(async (job) => {
      const body = JSON.stringify({ action: 'stop', value: { ID: job } })
      return (await fetch('/ais/v1/cluster', { method: 'PUT', headers: { 'content-type': 'application/json' }, body }))
        .status
    }, id)
    expect(status).to.equal(405)
  })

  it('shows how old the table is while the cluster does not reply, and recovers by itself', async () => {
    const id = await startJob('rechunk', 'models')
    await serve('stop')
    await rowOf(id).waitFor()
    await emulator.faults.refuse()
    await waitForText('#banner', /Showing \d\d:\d\d:\d\d: the cluster cannot be reached\. This is \d+ s old\./)
    const age = await rowOf(id).locator('td.age').innerText()
    const objects = await rowOf(id).locator('td.objects').innerText()
    await waitForText('#health', /unreachable/)
    expect(await rowOf(id).count()).to.equal(1)
    expect(await rowOf(id).locator('td.rate').innerText()).to.equal('–')
    await page.waitForTimeout(2_000)
    expect(await rowOf(id).locator('td.age').innerText()).to.equal(age)
    expect(await rowOf(id).locator('td.objects').innerText()).to.equal(objects)
    expect(await rowOf(id).getByRole('button').isDisabled()).to.equal(true)
    await emulator.faults.accept()
    await page.locator('#banner').waitFor({ state: 'hidden', timeout: 20_000 })
    await waitForText('#log li', /back the cluster was away for \d+ s/)
    await waitForText(`#jobs tr[data-id="${id}"]`, /running/)
  })

  it('counts down to the next attempt while the cluster is gone, and makes it at once on Retry now', async () => {
    await serve()
    await waitForText('#none', /No job runs/)
    await emulator.faults.refuse()
    await waitForText('#banner-age', /Trying again in [89] s\./)
    await waitForText('#banner-age', /Trying again in [67] s\./)
    await emulator.faults.accept()
    const clickedMs = Date.now()
    await page.locator('#retry').click()
    await page.locator('#banner').waitFor({ state: 'hidden' })
    expect(Date.now() - clickedMs).to.be.below(3_000)
    await waitForText('#updated', /updated [01] s ago/)
    await page.waitForTimeout(2_500)
    await waitForText('#updated', /updated [01] s ago/)
    expect(complaints.filter((text) => !/502|503/.test(text))).to.deep.equal([])
  })

  it('shows a job as lost if the cluster restarts without it', async () => {
    // The same seed makes the same nodes.
    const options = { targets: 2, proxies: 1, seed: 7 }
    await emulator.close()
    emulator = await startEmulator(options)
    emulator.seedBucket('models', { objects: 60_000, objectSize: 1024 })
    const id = await startJob('rechunk', 'models')
    await serve('stop')
    await waitForText(`#jobs tr[data-id="${id}"]`, /running/)
    const port = Number(new URL(emulator.endpoint).port)
    await emulator.close()
    await waitForText('#banner', /the cluster cannot be reached/)
    await waitForText(`#jobs tr[data-id="${id}"]`, /running/)
    emulator = await startEmulator({ ...options, port })
    await page.locator('#banner').waitFor({ state: 'hidden', timeout: 30_000 })
    await waitForText(`#jobs tr[data-id="${id}"]`, /lost/)
    await waitForText('#log-lines li', /vanished rechunk/)
    expect(await rowOf(id).getByRole('button', { name: 'Stop' }).count()).to.equal(0)
  })

  it('shows what to do if the token is wrong, the session has ended, or the cluster refuses the token of the server', async () => {
    await emulator.close()
    emulator = await startEmulator({ targets: 2, proxies: 1, token: 'right' })
    await serve('stop')
    await waitForText(
      '#banner',
      /the cluster refused the token of the relay; restart the command with another AIS_AUTHN_TOKEN/,
    )
    await page.context().clearCookies()
    await waitForText('#banner', /This session is over\. Open the address that the command printed\./)
    const wrong = new URL(dashboard.url)
    wrong.hash = 'token=wrong'
    await page.goto('about:blank')
    await page.goto(wrong.href)
    await waitForText('#banner', /This token is wrong/)
    expect(page.url()).not.to.include('wrong')
  })

  it('does not report the cluster as gone or back after the page was hidden', async () => {
    await serve()
    await waitForText('#health', /connected/)
    await page.clock.install()
    const setVisibility = (state: 'hidden' | 'visible') =>
      page.evaluate((to) => {
        Object.defineProperty(document, 'visibilityState', { value: to, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    await page.reload()
    await page.clock.runFor(3_000)
    await waitForText('#none', /No job runs/)
    await setVisibility('hidden')
    // Replies take real time, and the page goes on polling for a minute.
    for (let ms = 0; ms < 64_000; ms += 2_000) {
      await page.clock.runFor(2_000)
      await page.waitForTimeout(100)
    }
    const before = emulator.requests.count()
    await page.clock.runFor(120_000)
    expect(emulator.requests.count()).to.equal(before)
    expect(await page.locator('#banner').isHidden()).to.equal(true)
    await waitForText('#updated', /updated \d min \d+ s ago/)
    await setVisibility('visible')
    await page.clock.runFor(1_000)
    await page.waitForTimeout(500)
    await page.clock.runFor(1_000)
    await waitForText('#updated', /updated \d s ago/)
    expect(emulator.requests.count()).to.be.above(before)
    expect(await page.locator('#banner').isHidden()).to.equal(true)
    expect(await page.locator('#log-lines').textContent()).not.to.include('away')
  })

  it('shows 200 jobs without a request for each', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => {
        emulator.seedBucket(`bucket-${i}`, { objects: 60_000, objectSize: 1024 })
        return startJob('rechunk', `bucket-${i}`)
      }),
    )
    await serve()
    await page.waitForFunction(() => document.querySelectorAll('#jobs tbody tr').length === 200)
    await page.waitForTimeout(1_500)
    const before = emulator.requests.count()
    await page.waitForTimeout(3_000)
    expect(emulator.requests.count() - before).to.be.below(15)
    expect(isRight(await firstValueFrom(statuses(createCluster(emulator.endpoint))))).to.equal(true)
    await page.locator('#search').fill('bucket-123')
    await waitForText('#summary', /1 of 200 match/)
  })

  it('is light or dark as the system is, or as the user has chosen', async () => {
    await serve()
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const [light, dark] = ['rgb(255, 255, 255)', 'rgb(18, 22, 28)']
    expect(await back()).to.equal(light)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await back()).to.equal(dark)
    await page.locator('#theme').selectOption('light')
    expect(await back()).to.equal(light)
    await page.reload()
    expect(await back()).to.equal(light)
    expect(await page.locator('#theme').inputValue()).to.equal('light')
    await page.locator('#theme').selectOption('auto')
    expect(await back()).to.equal(dark)
  })

  it('works in a browser that refuses its storage', async () => {
    await serve()
    await page.addInitScript({
      content: "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('denied') } })",
    })
    await page.reload()
    await page.locator('#theme').selectOption('dark')
    await waitForText('#none', /No job runs/)
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).to.equal('dark')
    expect(complaints).to.deep.equal([])
  })

  it('fits 400 pixels', async () => {
    const id = await startJob('prefetch-listrange', 'photos', 'aws')
    await serve('start', 'stop')
    await page.setViewportSize({ width: 400, height: 800 })
    await rowOf(id).waitFor()
    const width = () => page.evaluate(() => document.documentElement.scrollWidth)
    expect(await width()).to.equal(400)
    await rowOf(id).locator('a').click()
    await waitForText('#job h2', new RegExp(id))
    await waitForText('#job tbody th', /./)
    expect(await width()).to.equal(400)
  })
})
