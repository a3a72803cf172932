import { refuseWords } from '../arguments.ts'
import { DONE } from '../ending.ts'
import { EXIT } from '../exit-code.ts'
import { screenOf } from '../screen.ts'
import type { Verb } from '../verb.ts'

/** Runs jobs of several kinds on an embedded cluster. It ignores the environment, because some of the jobs delete data. */
export const demo: Verb = {
  name: 'demo',
  summary: 'run several jobs on an embedded cluster and show their progress',
  usage: '',
  isOffline: true,
  flags: {},
  refusals: { endpoint: 'demo runs a cluster of its own; to watch yours: aistore-rx watch --endpoint URL' },
  examples: ['aistore-rx demo'],
  codes: [0, 1, 129, 130, 143],
  run: async ({ io, args, printer }) => {
    refuseWords(args)
    // Loaded here, since it imports the emulator, which no other verb needs.
    const { runEmbedded } = await import('../demo/embedded.ts')
    const screen = screenOf(io.stdout, io.env)
    try {
      const isAsExpected = await runEmbedded(screen, printer, { stop: io.stop, hasHeader: !args.has('no-headers') })
      if (isAsExpected !== false) return DONE
      return { code: EXIT.jobFailed, message: 'a job did not have its expected outcome', error: 'JobFailed' }
    } finally {
      screen.close()
    }
  },
}
