// Takes docs/dashboard.png: the built dashboard with its embedded cluster, in light colours, 1,400 pixels wide.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { chromium } from 'playwright-core'

/** The picture waits until the table has a job in each of these states. */
const STATES = ['running', 'idle', 'failed', 'aborted', 'finished']
const LONGEST_MS = 180_000

const dashboard = spawn(process.execPath, ['dist/cli/main.js', 'dashboard', '--allow', 'start,stop', '--json'])
dashboard.stderr.pipe(process.stderr)
const [line] = await once(dashboard.stdout, 'data')
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1_400, height: 800 }, colorScheme: 'light' })
  await page.goto(JSON.parse(String(line)).url)
  await page.waitForFunction(
    (states) => states.every((state) => document.querySelector('#jobs')?.textContent.includes(state)),
    STATES,
    { timeout: LONGEST_MS },
  )
  // By now most of them know their rates.
  await page.waitForTimeout(4_000)
  const { y = 0, height = 800 } = (await page.locator('#jobs').boundingBox()) ?? {}
  await page.screenshot({ path: 'docs/dashboard.png', clip: { x: 0, y: 0, width: 1_400, height: y + height + 12 } })
} finally {
  await browser.close()
  dashboard.kill()
}
