import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const bin = process.platform === 'win32' ? 'Scripts' : 'bin'

/** The peer: NVIDIA's SDK for Python, at the version that the library is compared with. */
export const SDK = 'aistore==2.0.0'

/**
 * Creates the virtual environment with the SDK if it is missing, and returns its Python. Fails if there is no Python.
 */
export const pythonWithSdk = async (): Promise<string> => {
  const python = `${root}.venv/${bin}/python`
  if (!existsSync(python)) await run('python3', ['-m', 'venv', `${root}.venv`])
  const { stdout } = await run(python, ['-m', 'pip', 'list', '--format=freeze', '--disable-pip-version-check'])
  if (!stdout.includes(SDK)) await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SDK])
  return python
}
