import { firstValueFrom } from 'rxjs'
import { explain, isLeft, start, type Cluster, type StartOptions } from '../../index.ts'
import type { PageConfig, StartableKind } from '../config.ts'
import { FORMS, type LaunchForm } from '../forms.ts'
import type { LaunchedByPage } from '../launch.ts'
import { showNotice } from './commands.ts'
import { confirmed } from './dialogs.ts'
import { byId, el, setText } from './dom.ts'
import { launchInputs, type LaunchInputs } from './launch-form.ts'
import { factsOf, missingIn, optionsOf, type Entered } from './options.ts'

/**
 * Lets the user start a job, with the form in index.html.
 *
 * @param launched called with each launched job
 */
export function startForm(
  cluster: Cluster,
  { kinds, endpoint }: PageConfig,
  launched: (job: LaunchedByPage) => void,
): void {
  const open = byId('start')
  const dialog = byId('start-form') as HTMLDialogElement
  const kind = byId('start-kind') as HTMLSelectElement
  const bucket = byId('start-bucket') as HTMLInputElement
  const target = byId('start-target') as HTMLInputElement
  open.hidden = false
  kind.replaceChildren(
    group(
      'Buckets and objects',
      FORMS.map(({ launch, label }) => [launch, label]),
    ),
    group(
      'Maintenance',
      kinds.map((one) => [one.kind, one.name]),
    ),
  )
  const form = (): LaunchForm | undefined => FORMS.find(({ launch }) => launch === kind.value)
  const chosen = (): StartableKind | undefined => kinds.find((one) => one.kind === kind.value)
  let inputs: LaunchInputs | undefined
  const showFields = (): void => {
    const launch = form()
    const scope = chosen()?.scope
    inputs = launch === undefined ? undefined : launchInputs(launch)
    byId('start-fields').replaceChildren(...(inputs?.elements ?? []))
    setText(byId('start-note'), launch?.note ?? '')
    setText(byId('start-missing'), '')
    byId('start-bucket-row').hidden = scope !== 'bucket' && scope !== 'bucket-or-cluster'
    byId('start-target-row').hidden = scope !== 'target'
  }
  kind.addEventListener('change', showFields)
  open.addEventListener('click', () => {
    showFields()
    dialog.showModal()
  })
  // The content security policy forbids that a form is submitted, so there is no <form>.
  dialog.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return
    // Otherwise, the key that submits the form would also press Cancel in the next dialog.
    event.preventDefault()
    byId('start-next').click()
  })
  byId('start-cancel').addEventListener('click', () => dialog.close())
  byId('start-next').addEventListener('click', () => {
    const launch = form()
    const one = chosen()
    const entered = inputs?.entered() ?? {}
    const missing = launch === undefined ? undefined : missingIn(launch, entered)
    setText(byId('start-missing'), missing === undefined ? '' : `Fill in: ${missing}`)
    if (missing !== undefined) return
    dialog.close()
    if (launch !== undefined) void launchJob(launch, entered, endpoint, launched)
    else if (one !== undefined) void startJob(cluster, one, bucket.value.trim(), target.value.trim(), endpoint)
  })
}

const group = (label: string, options: readonly (readonly [string, string])[]): HTMLElement =>
  el('optgroup', { label }, ...options.map(([value, text]) => el('option', { value }, text)))

const QUESTION = 'Start this job? It may move or delete data.'

async function launchJob(
  form: LaunchForm,
  entered: Entered,
  endpoint: string,
  launched: (job: LaunchedByPage) => void,
): Promise<void> {
  const { launch, label, note } = form
  const facts = [['Job', label], ...factsOf(form, entered), ['Note', note], ['Cluster', endpoint]] as const
  if (!(await confirmed(QUESTION, facts, 'Start the job'))) return
  showNotice(`Starting: ${label} ...`)
  try {
    const reply = await fetch('/launch', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ launch, options: optionsOf(form, entered) }),
    })
    const { jobs = [], message = `HTTP ${reply.status}` } = (await reply.json()) as {
      readonly jobs?: readonly LaunchedByPage[]
      readonly message?: string
    }
    if (!reply.ok) {
      showNotice(`${label} was not started: ${message}`)
      return
    }
    jobs.forEach(launched)
    showNotice(
      jobs.length === 0 ? `${label}: done.` : `Started ${jobs.map(({ kind, id = '' }) => `${kind} ${id}`).join(', ')}.`,
    )
  } catch {
    showNotice(`The dashboard does not answer; ${label} may have started, so look for it before you start it again.`)
  }
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
  let scopeText = 'the whole cluster'
  let options: StartOptions = { kind }
  if (takesBucket) {
    scopeText = `${provider}://${bare}`
    options = { kind, bucket: { name: bare, provider } }
  } else if (scope === 'target') {
    scopeText = target
    options = { kind, target }
  }
  const facts = [
    ['Kind', name],
    ['Scope', scopeText],
    ['Cluster', endpoint],
  ] as const
  if (!(await confirmed(QUESTION, facts, 'Start the job'))) return
  const started = await firstValueFrom(start(cluster, options))
  showNotice(
    isLeft(started)
      ? `${name} was not started: ${explain(started.left)}`
      : `Started ${name} ${started.right.id ?? ''}.`,
  )
}
