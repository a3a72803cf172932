import process from 'node:process'
import { parseArgs } from 'node:util'
import { runEmbedded } from './embedded.ts'
import { runForeign } from './foreign.ts'
import { screenOf } from './screen.ts'

/**
 * `aistore-rx demo`: shows the progress of several jobs.
 *
 * Without `--endpoint`, it runs on an embedded cluster and ignores the environment, because LRU, cleanup, rebalance and
 * resilver delete or move data. With `--endpoint`, it watches the jobs of that cluster, and starts none that does so.
 */
export async function runDemo(args: readonly string[]): Promise<number> {
  const screen = screenOf(process.stdout)
  const options = parse(args)
  if (typeof options === 'string') {
    process.stderr.write(`aistore-rx demo: ${options}\n`)
    return 2
  }
  const { endpoint, start, bucket, provider, refresh } = options
  if (endpoint === undefined) return runEmbedded(screen)
  return runForeign(
    screen,
    endpoint,
    Number(refresh) * 1000,
    start === undefined ? undefined : { kind: start, bucket, provider },
  )
}

interface DemoOptions {
  readonly endpoint?: string | undefined
  readonly start?: string | undefined
  readonly bucket: string
  readonly provider?: string | undefined
  readonly refresh: string
}

function parse(args: readonly string[]): DemoOptions | string {
  const options = {
    endpoint: { type: 'string' },
    start: { type: 'string' },
    bucket: { type: 'string', default: '' },
    provider: { type: 'string' },
    refresh: { type: 'string', default: '2' },
  } as const
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true })
    if (values.start !== undefined && values.endpoint === undefined) return '--start requires --endpoint'
    if (values.start !== undefined && values.start !== 'load-lom-cache')
      return `--start accepts only load-lom-cache: other kinds can delete or move data of the cluster`
    if (values.start !== undefined && values.bucket === '') return '--start load-lom-cache requires --bucket NAME'
    if (!(Number(values.refresh) >= 0.1))
      return `--refresh must be at least 0.1 seconds, got ${JSON.stringify(values.refresh)}`
    return values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
