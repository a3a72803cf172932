// Installs the locked dependencies when they are absent or older than the lock file; otherwise does nothing.
//
//   node scripts/setup.mjs [FOLDER...]      default: the root of the project
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

const [, , ...folders] = process.argv
for (const folder of folders.length > 0 ? folders : ['.'])
  if (modified(join(folder, 'node_modules/.package-lock.json')) < modified(join(folder, 'package-lock.json')))
    execFileSync('npm', ['ci'], { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
