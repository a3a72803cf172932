import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import { expect } from 'chai'
import { chromium, type Browser, type Page } from 'playwright-core'
import { firstValueFrom } from 'rxjs'
import { startDashboard, type Dashboard } from '../../../lib/dashboard/server.ts'
import { startEmulator, type Emulator } from '../../../lib/emulator/index.ts'
import { createCluster, isRight, start } from '../../../lib/index.ts'
import { findChromium } from '../helpers/chromium.ts'
import { builtPage } from './page.ts'

// The dashboard page checked by axe, and used by keyboard.

declare const axe: { readonly run: (options: RunOptions) => Promise<AxeResults> }

describe('the accessibility of the dashboard, in Chromium', function () {
  this.timeout(60_000)
  let browser: Browser
  let emulator: Emulator
  let dashboard: Dashboard
  let page: Page
  let id: string

  before(async () => {
    emulator = await startEmulator({ targets: 2, proxies: 1 })
    emulator.seedBucket('photos', { objects: 600_000, objectSize: 1024, provider: 'aws' })
    const bucket = { name: 'photos', provider: 'aws' }
    const started = await firstValueFrom(
      start(createCluster(emulator.endpoint), { kind: 'prefetch-listrange', bucket }),
    )
    id = isRight(started) ? (started.right.id ?? '') : expect.fail(JSON.stringify(started.left))
    dashboard = await startDashboard(createCluster(emulator.endpoint), {
      host: '127.0.0.1',
      port: 0,
      allow: ['start', 'stop'],
      endpoint: 'cluster',
      objects: { 'aws://photos': 600_000 },
      assets: await builtPage(),
    })
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
    await page.goto(dashboard.url)
  })
  after(async () => {
    await browser.close()
    await dashboard.close()
    await emulator.close()
  })

  const row = () => page.locator(`#jobs tr[data-id="${id}"]`)
  const focused = (): Promise<string | null | undefined> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)

  /** What axe finds, in light and dark, at 1,400 and 400 pixels. */
  const findings = async (): Promise<readonly string[]> => {
    const all: string[] = []
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1400, 400]) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        const { violations } = await page.evaluate(() =>
          axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            resultTypes: ['violations'],
          }),
        )
        for (const { id: rule, nodes } of violations)
          all.push(...nodes.map(({ html }) => `${colorScheme} ${width} ${rule}: ${html.slice(0, 200)}`))
      }
    return all
  }

  it('has no findings of axe on the list', async () => {
    await row().waitFor()
    expect(await findings()).to.deep.equal([])
  })

  it('has no findings of axe on the page of a job', async () => {
    await row().locator('a').click()
    await page.locator('#job tbody th').first().waitFor()
    expect(await findings()).to.deep.equal([])
    await page.keyboard.press('Escape')
    await row().waitFor()
  })

  it('has no findings of axe in any dialog', async () => {
    for (const [opener, dialog] of [
      ['#help-open', '#help'],
      ['#start', '#start-form'],
      [`tr[data-id="${id}"] button`, '#confirm'],
    ] as const) {
      await page.locator(opener).click()
      await page.locator(`${dialog}[open]`).waitFor()
      expect(await findings(), dialog).to.deep.equal([])
      await page.keyboard.press('Escape')
      await page.locator(`${dialog}[open]`).waitFor({ state: 'hidden' })
    }
  })

  it('has no findings of axe while the cluster does not reply', async () => {
    await emulator.faults.refuse()
    await page.locator('#banner', { hasText: 'Showing' }).waitFor({ timeout: 20_000 })
    expect(await findings()).to.deep.equal([])
    await emulator.faults.accept()
    await page.locator('#banner').waitFor({ state: 'hidden', timeout: 40_000 })
  })

  it('returns the focus to where a dialog was opened from', async () => {
    await row().getByRole('button').focus()
    await page.keyboard.press('Enter')
    await page.locator('#confirm[open]').waitFor()
    expect(await focused()).to.equal('Cancel')
    await page.keyboard.press('Escape')
    expect(await focused()).to.equal(`Stop ${id}`)
    await page.locator('#help-open').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    expect(await focused()).to.equal('Keys and help')
  })

  it('returns the focus to the job whose page was left', async () => {
    await row().locator('a').focus()
    await page.keyboard.press('Enter')
    await page.locator('#job h2').waitFor()
    expect(await focused()).to.equal(id)
    expect(await page.title()).to.include(id)
    await page.keyboard.press('Escape')
    await row().waitFor()
    expect(await page.evaluate(() => document.activeElement?.closest('tr')?.dataset['id'])).to.equal(id)
    expect(await page.title()).not.to.include(id)
  })

  it('reaches each control by Tab, in the order of the page', async () => {
    await page.setViewportSize({ width: 1400, height: 900 })
    await page.reload()
    await row().waitFor()
    const reached: string[] = []
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        const { activeElement } = document
        return activeElement === document.body
          ? ''
          : (activeElement?.id ?? '') || (activeElement?.textContent ?? '').trim()
      })
      if (at === '' || reached.includes(at)) break
      reached.push(at)
    }
    expect(reached.slice(0, 5)).to.deep.equal(['skip', 'start', 'pause', 'theme', 'help-open'])
    expect(reached.indexOf('search')).to.equal(5)
    expect(reached.indexOf(id)).to.be.above(reached.indexOf('State'))
    expect(reached.at(-1)).to.equal('log')
  })

  it('announces only ends to a screen reader, at most every five seconds', async () => {
    // The first reply to a stream of events has no events of jobs that have ended.
    await page.locator('#log-lines', { hasText: 'opened' }).waitFor()
    await page.waitForTimeout(3_000)
    const announced: (string | null)[] = []
    await page.exposeFunction('announce', (text: string | null) => announced.push(text))
    await page.evaluate(() => {
      const region = document.querySelector('#announced')
      new MutationObserver(() =>
        (globalThis as unknown as { announce: (text: string | null) => void }).announce(region?.textContent ?? null),
      ).observe(region as Node, { childList: true, characterData: true, subtree: true })
    })
    for (let i = 0; i < 8; i++) {
      emulator.seedBucket(`small-${i}`, { objects: 10, objectSize: 1024 })
      await firstValueFrom(start(createCluster(emulator.endpoint), { kind: 'rechunk', bucket: { name: `small-${i}` } }))
    }
    await page.locator('#log-lines', { hasText: 'finished' }).waitFor({ timeout: 30_000 })
    await page.waitForTimeout(9_000)
    expect(announced).to.have.length.within(1, 3)
    expect(announced.join(' '))
      .to.match(/finished/)
      .and.not.match(/started/)
    const live = await page
      .locator('[aria-live="polite"], [role="status"], [role="alert"]')
      .evaluateAll((all) => all.map(({ id }) => id))
    expect(live).to.deep.equal(['banner-cause', 'notice', 'announced', 'start-missing'])
  })
})
