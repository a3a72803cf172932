import { show } from '../../common/text.ts'
import { DONE } from '../ending.ts'
import { EXIT } from '../exit-code.ts'
import { UsageError } from '../usage-error.ts'
import { screenOf } from '../screen.ts'
import type { Verb } from '../verb.ts'

/** Runs jobs of several kinds on an embedded cluster. It ignores the environment, because some of them delete data. */
export const demo: Verb = {
  name: 'demo',
  summary: 'run several jobs on an embedded cluster and show their progress',
  usage: '',
  flags: {},
  examples: ['aistore-rx demo'],
  codes: [0, 1, 130, 143],
  run: async ({ io, args, printer }) => {
    if (args.text('endpoint') !== undefined)
      throw new UsageError('demo runs a cluster of its own; to watch yours: aistore-rx watch --endpoint URL')
    const [wrong] = args.positionals
    if (wrong !== undefined) throw new UsageError(`demo expected no arguments, got ${show(wrong)}`)
    // It brings the emulator, which the other verbs need not load.
    const { runEmbedded } = await import('../demo/embedded.ts')
    const screen = screenOf(io.stdout, io.env)
    try {
      const isAsExpected = await runEmbedded(screen, printer, io.stop)
      if (isAsExpected !== false) return DONE
      return { code: EXIT.jobFailed, message: 'a job did not end as it should', error: 'JobFailed' }
    } finally {
      screen.close()
    }
  },
}
