import { spawnSync } from 'node:child_process'

/** The path of Chromium; throws if there is none. */
export function findChromium(): string {
  const path = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim()
  if (path === '') throw new Error('This spec needs chromium on the PATH: apt-get install -y chromium')
  return path
}
