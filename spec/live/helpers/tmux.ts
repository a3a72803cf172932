import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MAIN, cleanEnv } from './cli.ts'

// A shell in a terminal of a given size. It needs tmux.

export interface Terminal {
  /** The lines of the screen, without the empty ones at the end. */
  readonly screen: () => readonly string[]
  /** The same with the escape sequences of the colours. */
  readonly coloured: () => string
  /** Number of lines that have scrolled out. */
  readonly scrolled: () => number
  /** Types a text, and Enter. */
  readonly type: (text: string) => void
  /** Presses a key such as `C-c`. */
  readonly press: (key: string) => void
  readonly resize: (columns: number, rows: number) => void
  /** The screen, once a text of it matches; throws after 20 s. */
  readonly until: (pattern: RegExp) => Promise<readonly string[]>
  readonly close: () => void
}

export interface TerminalOptions {
  readonly columns: number
  readonly rows: number
  readonly env?: Readonly<Record<string, string>>
}

const LONGEST_MS = 20_000

/** Opens a shell in which `aistore-rx` is the built command. */
export async function terminal({ columns, rows, env = {} }: TerminalOptions): Promise<Terminal> {
  const folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
  const socket = join(folder, 'tmux')
  writeFileSync(join(folder, 'aistore-rx'), `#!/bin/sh\nexec ${process.execPath} ${resolve(MAIN)} "$@"\n`, {
    mode: 0o755,
  })
  writeFileSync(join(folder, 'rc'), `PS1='$ ' PATH=${folder}:$PATH\nset +o history\n`)
  const tmux = (...argv: readonly string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...argv], {
      encoding: 'utf8',
      env: { ...cleanEnv({ TERM: 'xterm-256color' }), ...env },
    })
  const size = ['-x', String(columns), '-y', String(rows)]
  tmux('new-session', '-d', '-s', 'one', ...size, `bash --noprofile --rcfile ${join(folder, 'rc')} -i`)
  const capture = (...flags: readonly string[]): string => tmux('capture-pane', '-p', '-t', 'one', ...flags)
  const opened: Terminal = {
    screen: () => capture().trimEnd().split('\n'),
    coloured: () => capture('-e'),
    scrolled: () => Number(tmux('display-message', '-p', '-t', 'one', '#{history_size}')),
    type: (text) => {
      tmux('send-keys', '-t', 'one', '-l', text)
      tmux('send-keys', '-t', 'one', 'Enter')
    },
    press: (key) => {
      tmux('send-keys', '-t', 'one', key)
    },
    resize: (width, height) => {
      tmux('resize-window', '-t', 'one', '-x', String(width), '-y', String(height))
    },
    until: async (pattern) => {
      const startMs = Date.now()
      while (Date.now() - startMs < LONGEST_MS) {
        const lines = opened.screen()
        if (pattern.test(lines.join('\n'))) return lines
        await sleep(50)
      }
      throw new Error(`the screen never matched ${String(pattern)}:\n${opened.screen().join('\n')}`)
    },
    close: () => {
      tmux('kill-server')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await opened.until(/^\$ ?$/)
  } catch (error) {
    opened.close()
    throw error
  }
  return opened
}
