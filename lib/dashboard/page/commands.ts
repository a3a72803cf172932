import { firstValueFrom } from 'rxjs'
import { abort, explain, isLeft, start, type Cluster, type StartOptions } from '../../index.ts'
import type { PageConfig, StartableKind } from '../config.ts'
import { confirmed } from './dialogs.ts'
import { byId, el, setText } from './dom.ts'
import { duration } from './format.ts'
import type { Shown } from './shown.ts'

const STOP_MS = 30_000

/** Tells what a command has come to, also to screen readers. */
const tell = (text: string): void => setText(byId('told'), text)

/** Stops a job, once the user has confirmed it. */
export async function stopJob(cluster: Cluster, job: Shown): Promise<void> {
  const age = job.startMs === undefined ? 'unknown' : duration(Date.now() - job.startMs)
  const facts = [
    ['ID', job.id],
    ['Kind', job.kind],
    ['Bucket', job.bucket ?? 'none'],
    ['Runs for', age],
  ] as const
  if (!(await confirmed('Stop this job?', facts, 'Stop the job'))) return
  tell(`Stopping ${job.kind} ${job.id} ...`)
  const stopped = await firstValueFrom(
    abort(cluster, { id: job.id, kind: job.kind }, { confirm: true, timeoutMs: STOP_MS }),
  )
  tell(
    isLeft(stopped) ? `${job.id} could not be stopped: ${explain(stopped.left)}` : `${job.kind} ${job.id} has stopped.`,
  )
}

/** Lets the user start a job, by the form of index.html. */
export function startForm(cluster: Cluster, { kinds, endpoint }: PageConfig): void {
  const [open, dialog] = [byId('start'), byId('start-form') as HTMLDialogElement]
  const [kind, bucket, target] = ['start-kind', 'start-bucket', 'start-target'].map(byId) as [
    HTMLSelectElement,
    HTMLInputElement,
    HTMLInputElement,
  ]
  open.hidden = false
  kind.replaceChildren(...kinds.map((one) => el('option', { value: one.kind }, one.name)))
  const chosen = (): StartableKind | undefined => kinds.find((one) => one.kind === kind.value)
  const fit = (): void => {
    const scope = chosen()?.scope
    byId('start-bucket-row').hidden = scope !== 'bucket' && scope !== 'bucket-or-cluster'
    byId('start-target-row').hidden = scope !== 'target'
  }
  kind.addEventListener('change', fit)
  open.addEventListener('click', () => {
    fit()
    dialog.showModal()
  })
  // A form would need a rule of its own in the policy of the page.
  for (const input of [bucket, target])
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return
      // The same key would press Cancel in the next dialog.
      event.preventDefault()
      byId('start-next').click()
    })
  byId('start-cancel').addEventListener('click', () => dialog.close())
  byId('start-next').addEventListener('click', () => {
    dialog.close()
    const one = chosen()
    if (one !== undefined) void startJob(cluster, one, bucket.value.trim(), target.value.trim(), endpoint)
  })
}

async function startJob(
  cluster: Cluster,
  { kind, name, scope }: StartableKind,
  bucket: string,
  target: string,
  endpoint: string,
): Promise<void> {
  const [, provider = 'ais', bare = bucket] = /^([a-z]+):\/\/(.+)$/.exec(bucket) ?? []
  const takesBucket = (scope === 'bucket' || scope === 'bucket-or-cluster') && bare !== ''
  const over = takesBucket ? `${provider}://${bare}` : scope === 'target' ? target : 'the whole cluster'
  const facts = [
    ['Kind', name],
    ['Over', over],
    ['Cluster', endpoint],
  ] as const
  if (!(await confirmed('Start this job? It may move or delete data.', facts, 'Start the job'))) return
  const options: StartOptions = {
    kind,
    ...(takesBucket ? { bucket: { name: bare, provider } } : scope === 'target' ? { target } : {}),
  }
  const started = await firstValueFrom(start(cluster, options))
  tell(
    isLeft(started)
      ? `${name} was not started: ${explain(started.left)}`
      : `Started ${name} ${started.right.id ?? ''}.`,
  )
}
