// Runs the integration suites of AIStore's Python SDK, unchanged, against the emulator: once without a remote bucket, and
// once with a bucket of a cloud that the emulator holds. AIS_PYTHON is the folder `python` of a checkout of AIStore.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
/** The suites and their files. */
const SUITES: Readonly<Record<string, string>> = {
  job: 'test_job_ops.py',
  cluster: 'test_cluster_ops.py',
  bucket: 'test_bucket_ops.py',
  'object group': 'test_object_group_ops.py',
  object: 'test_object_ops.py',
  multipart: 'test_object_multipart_ops.py',
  'list flags': 'test_list_object_flag_ops.py',
  'file reader': 'test_object_file_reader_ops.py',
  'file writer': 'test_object_file_writer_ops.py',
  'object reader': 'test_object_reader_ops.py',
  batch: 'batch/test_batch.py',
}
const CLOUD = 'gcp://suites'

/** Tests that the emulator cannot pass, each with the reason: it has no ETL, no S3 and no access to this machine's disk. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  test_transform_dry_run: 'ETL needs Kubernetes',
  test_transform_objects: 'ETL needs Kubernetes',
  test_transform_objects_with_num_workers: 'ETL needs Kubernetes',
  test_copy_object_with_etl: 'ETL needs Kubernetes',
  test_get_latest_flag: 'writes to S3 with boto3',
  test_copy_sync_flag: 'writes to S3 with boto3',
  test_copy_objects_latest_flag: 'writes to S3 with boto3',
  test_object_group_copy_sync_flag: 'writes to S3 with boto3',
  test_prefetch_objects_latest_flag: 'writes to S3 with boto3',
  test_multipart_upload_aws_minimum_part_size: 'needs S3',
  test_cold_parallel_create_iter: 'needs S3',
  test_cold_parallel_read_all: 'needs S3',
  test_copy_object_latest_flag: 'writes to S3 with boto3',
  test_copy_object_sync_flag: 'writes to S3 with boto3',
  test_promote: 'promotes files from a folder of this machine',
}

/** Tests that one of the two runs skips. */
const ONLY_LOCAL = ['test_list_objects_start_after']
const ONLY_CLOUD = [
  ...['test_job_wait_single_node', 'test_prefetch_list', 'test_prefetch_list_with_num_workers'],
  ...['test_prefetch_blob_download', 'test_prefetch_without_blob_download', 'test_obj_present'],
  ...['test_blob_download', 'test_get_blob_download', 'test_evict', 'test_batch_remote_bucket'],
]

interface Outcome {
  readonly suite: string
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  readonly text: string
}

/** The end of the name of a Python module. */
const moduleOf = (file: string): string => `sdk.${file.replace(/\.py$/, '').replaceAll('/', '.')}.`

/** The result of one test case, from the content of its element. */
function resultIn(text: string): Outcome['result'] {
  if (/<(?:failure|error)/.test(text)) return 'failed'
  return text.includes('<skipped') ? 'skipped' : 'passed'
}

/** The outcomes in a report in the format of JUnit. */
const outcomesIn = (report: string): readonly Outcome[] =>
  [...report.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)].map(
    ([, type = '', name = '', text = '']) => ({
      suite: Object.keys(SUITES).find((suite) => type.includes(moduleOf(SUITES[suite] ?? ''))) ?? type,
      name,
      result: resultIn(text),
      text,
    }),
  )

/** The Python of a virtual environment with what the checkout requires. */
const pythonFor = async (checkout: string): Promise<string> => {
  const folder = join(root, '.venv', 'suites')
  const python = join(folder, 'bin', 'python')
  if (!existsSync(python)) await run('python3', ['-m', 'venv', folder])
  const requirements = join(checkout, 'aistore', 'common_requirements')
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  return python
}

const startEmulator = async (): Promise<{ readonly child: ChildProcess; readonly endpoint: string }> => {
  const argv = [join(root, 'dist/cli/main.js'), 'emulator', '--port', '0', '--seed', '1', '--cloud', CLOUD]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the emulator ended with ${String(code)}`))),
  ])) as [Buffer]
  return { child, endpoint: line.toString().trim() }
}

/** Runs the suites in a folder of their own, so that the checkout stays as it is. */
const runSuites = async (python: string, checkout: string, bucket: string): Promise<readonly Outcome[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'python-suites-'))
  const { child, endpoint } = await startEmulator()
  try {
    const files = Object.values(SUITES).map((file) => join(checkout, 'tests/integration/sdk', file))
    const report = join(folder, 'report.xml')
    const options = ['-q', '--no-header', '-p', 'no:cacheprovider', '--rootdir', checkout, `--junitxml=${report}`]
    const env = { ...process.env, AIS_ENDPOINT: endpoint, BUCKET: bucket, PYTHONPATH: checkout }
    const pytest = spawn(python, ['-B', '-m', 'pytest', ...options, ...files], { cwd: folder, env, stdio: 'inherit' })
    await once(pytest, 'exit')
    return outcomesIn(readFileSync(report, 'utf8'))
  } finally {
    child.kill()
    rmSync(folder, { recursive: true })
  }
}

const checkout = process.env['AIS_PYTHON'] ?? ''
if (!existsSync(join(checkout, 'tests/integration/sdk/test_job_ops.py'))) {
  process.stderr.write('AIS_PYTHON must be the folder `python` of a checkout of AIStore\n')
  process.exit(2)
}
const python = await pythonFor(checkout)
const lines: string[] = []
let isAsExpected = true
for (const [title, bucket, skipped] of [
  ['without a remote bucket', '', ONLY_CLOUD],
  [`with ${CLOUD}`, CLOUD, ONLY_LOCAL],
] as const) {
  const outcomes = await runSuites(python, checkout, bucket)
  lines.push('', title)
  for (const suite of Object.keys(SUITES)) {
    const own = outcomes.filter((outcome) => outcome.suite === suite)
    const passed = own.filter(({ result }) => result === 'passed').length
    lines.push(`  ${suite.padEnd(14)}${String(passed).padStart(3)} of ${own.length}`)
    if (own.length === 0) isAsExpected = false
    for (const { name, result } of own) {
      const reason = OUT_OF_REACH[name] ?? (skipped.includes(name) ? 'is not for this bucket' : undefined)
      if (reason !== undefined) lines.push(`      ${name}: ${reason}`)
      else if (result !== 'passed') {
        isAsExpected = false
        lines.push(`      ${name}: ${result.toUpperCase()}`)
      }
    }
  }
}
process.stdout.write(`${lines.join('\n')}\n`)
process.exitCode = isAsExpected ? 0 : 1
