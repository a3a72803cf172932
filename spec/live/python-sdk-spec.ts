import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { pythonWithSdk } from '../../scripts/python-sdk.ts'
import { defined } from '../../lib/common/defined.ts'

// The official Python SDK starts jobs on the emulator and waits for them.

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname

/** Starts the emulator of the built command line, ten times as fast as a real cluster. */
const startCommand = async (...more: readonly string[]): Promise<{ child: ChildProcess; endpoint: string }> => {
  const argv = [`${root}dist/cli/main.js`, 'emulator', '--port', '0', '--speed', '10', '--seed', '1', ...more]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the emulator ended with ${String(code)}`))),
  ])) as [Buffer]
  return { child, endpoint: line.toString().trim() }
}

interface Result {
  readonly value?: unknown
  readonly raises?: string
  readonly status?: number | null
  readonly message?: string
}

describe('the official Python SDK against the emulator', function () {
  this.timeout(180_000)
  const children: ChildProcess[] = []
  let results: Readonly<Record<string, Result>> = {}

  before(async () => {
    const python = await pythonWithSdk()
    const open = await startCommand()
    children.push(open.child)
    const guarded = await startCommand('--token', 'secret')
    children.push(guarded.child)
    const driver = `${root}spec/live/python-sdk-driver.py`
    const { stdout } = await run(python, [driver, open.endpoint, guarded.endpoint, 'secret'], { timeout: 150_000 })
    results = JSON.parse(stdout) as Record<string, Result>
  })

  after(async () => {
    for (const child of children) {
      const exited = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill()
      await exited
    }
  })

  const success = { success: true, error: '', ended: true }
  const idle = { success: true, error: '', ended: false }
  const started = {
    value: {
      waited: success,
      status: { same: true, ended: true },
      targets: 3,
      total: true,
      found: 3,
    },
  }

  for (const kind of ['cleanup-store', 'rechunk', 'rebalance', 'load-lom-cache', 'lru']) {
    it(`should start ${kind}, wait for it, and query it in all ways`, () => {
      const result = results[`start_and_wait ${kind}`]
      expect(result).to.deep.equal(started)
    })
  }

  const steps: Readonly<Record<string, unknown>> = {
    wait_by_id_only: { ...success, kind: 'lru' },
    wait_single_node: { ...success, targets: true },
    wait_for_idle: {
      success: true,
      error: '',
      ended: false,
      again: { success: true, error: '', ended: false },
      total: null,
    },
    abort: { success: false, error: 'user abort', ended: true },
    copy_bucket: { ...success, there: true },
    delete_objects: { ...success, objects: 10 },
    lists: { running: true, known: true },
    ready: true,
    copy_objects: { one: true, shared: true, ...idle, kind: ['copy-listrange'], prefix: 'tco' },
    archive_objects_by_names: { ...idle, kind: ['archive'], prefix: '' },
    rename_bucket: { ...success, kind: ['move-bck'], prefix: '', there: true },
    promote_directory: { ...success, kind: ['promote'], prefix: '' },
    list_objects: { names: true, sorted: true, unique: true, running: ['list'] },
    list_job_idles: success,
    bucket_summary: { name: 'demo', objects: true },
    list_statuses: { known: true, none: [] },
    abort_by_kind: { success: false, error: 'user abort', ended: true },
    abort_idle: { success: false, error: 'user abort', ended: true },
    total_while_running: null,
    lru_forced: success,
    display_name: { ...success, kind: 'cleanup-store' },
    comma_list: true,
    evict_cloud_bucket: null,
    prefetch_cloud_objects: { ...success, kind: ['prefetch-listrange'], prefix: '' },
    evict_cloud_objects: { ...success, kind: ['evict-listrange'], prefix: '' },
    blob_download: { ...success, targets: 1 },
    create_inventory: { ...success, kind: ['create-inventory'], prefix: 'inv' },
    'token right': 3,
  }
  for (const [name, value] of Object.entries(steps)) {
    it(`should get the result of a real cluster for ${name}`, () => expect(results[name]).to.deep.equal({ value }))
  }

  const failures: Readonly<Record<string, { raises: string; status?: number; message?: RegExp }>> = {
    timeout: { raises: 'Timeout', message: /rebalance|g\d+/ },
    unknown_id: { raises: 'AISError', status: 404, message: /x-\[Abcdefghi\] does not exist/ },
    unknown_snapshots: { raises: 'AISError', status: 404, message: /not found/ },
    bad_kind: { raises: 'AISError', status: 400, message: /invalid xaction \(job\) kind/ },
    second_rebalance: { raises: 'AISError', status: 409, message: /currently busy/ },
    bucket_twice: { raises: 'ErrBckAlreadyExists', status: 409 },
    missing_bucket: { raises: 'ErrBckNotFound', status: 404 },
    promote_elsewhere: { raises: 'AISError', status: 400, message: /must be under/ },
    status_without_id: { raises: 'ValueError' },
    abort_of_nothing: { raises: 'ValueError' },
    wait_without_id: { raises: 'ValueError' },
    wait_unknown_id: { raises: 'AISError', status: 404, message: /not found/ },
    timeframe_of_nothing: { raises: 'JobInfoNotFound' },
    timeframe_malformed_id: { raises: 'AISError', status: 400, message: /invalid xaction \(job\) UUID/ },
    wait_single_node_timeout: { raises: 'Timeout', message: /g\d+/ },
    wait_for_idle_timeout: { raises: 'Timeout', message: /g\d+/ },
    copy_missing_bucket: { raises: 'ErrBckNotFound', status: 404 },
    copy_objects_of_missing_bucket: { raises: 'ErrBckNotFound', status: 404 },
    list_missing_bucket: { raises: 'ErrBckNotFound', status: 404 },
    evict_ais_bucket: { raises: 'InvalidBckProvider' },
    prefetch_ais_objects: { raises: 'InvalidBckProvider' },
    transforms: { raises: 'AISError', status: 501, message: /without ETL support/ },
    'token missing': { raises: 'AISError', status: 401, message: /token required/ },
    'token wrong': { raises: 'AISError', status: 401, message: /token is malformed/ },
  }
  for (const [name, { raises, status, message = /./ }] of Object.entries(failures)) {
    it(`should raise ${raises} for ${name}`, () => {
      expect(results[name]).to.include({ raises, ...defined({ status }) })
      expect(results[name]?.message).to.match(message)
    })
  }
})
