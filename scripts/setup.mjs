// Installs the locked dependencies when they are absent or older than the lock file; otherwise does nothing.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  execFileSync('npm', ['ci'], { stdio: 'inherit', shell: process.platform === 'win32' })
}
