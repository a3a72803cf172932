import process from 'node:process'
import { parseArgs } from 'node:util'
import { runEmbedded } from './embedded.ts'
import { runForeign } from './foreign.ts'
import { screenOf } from './screen.ts'

/**
 * The main job, for people to watch.
 *
 * Without `--endpoint` always on a cluster of its own: nothing in the environment makes it touch another one, since LRU,
 * cleanup, rebalance and resilver delete or move data. With `--endpoint` it watches, and starts only what is harmless.
 */
export async function runDemo(args: readonly string[]): Promise<number> {
  const screen = screenOf(process.stdout)
  const given = parse(args)
  if (typeof given === 'string') {
    process.stderr.write(`aistore-rx demo: ${given}\n`)
    return 2
  }
  const { endpoint, start, bucket, provider, refresh } = given
  if (endpoint === undefined) return runEmbedded(screen)
  return runForeign(
    screen,
    endpoint,
    Number(refresh) * 1000,
    start === undefined ? undefined : { kind: start, bucket, provider },
  )
}

interface Given {
  readonly endpoint?: string | undefined
  readonly start?: string | undefined
  readonly bucket: string
  readonly provider?: string | undefined
  readonly refresh: string
}

function parse(args: readonly string[]): Given | string {
  const options = {
    endpoint: { type: 'string' },
    start: { type: 'string' },
    bucket: { type: 'string', default: '' },
    provider: { type: 'string' },
    refresh: { type: 'string', default: '2' },
  } as const
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true })
    if (values.start !== undefined && values.endpoint === undefined) return '--start goes with --endpoint'
    if (values.start !== undefined && values.start !== 'load-lom-cache')
      return `--start takes load-lom-cache only: other kinds delete or move data of a cluster that is not ours`
    if (values.start !== undefined && values.bucket === '') return '--start load-lom-cache takes --bucket NAME'
    if (!(Number(values.refresh) >= 0.1))
      return `--refresh takes seconds from 0.1, got ${JSON.stringify(values.refresh)}`
    return values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
