// Writes the exports of each entry point of the package to api/*.api.md, from the declarations in dist/. With --check
// it writes nothing, and fails if a report differs, so that each change of the API is visible in a diff.
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ENTRY_POINTS = {
  index: 'index',
  emulator: 'emulator/index',
  node: 'node/index',
  relay: 'relay/index',
  testing: 'testing/index',
}
const check = process.argv.includes('--check')
const temporary = mkdtempSync(join(tmpdir(), 'api-'))
mkdirSync('api', { recursive: true })

/** @returns the problem, if there is one */
function report(name, path) {
  const entry = resolve('dist', `${path}.d.ts`)
  const file = `${name}.api.md`
  if (!existsSync(entry)) return `dist/${path}.d.ts is missing; build first`
  if (check && !existsSync(join('api', file))) return `api/${file} is missing; write it with: npm run api`
  const silent = { default: { logLevel: 'none' } }
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: process.cwd(),
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
            module: 'nodenext',
            moduleResolution: 'nodenext',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
            noEmit: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        // The members of types such as JobSnap are those of their schemas, which are not exported.
        includeForgottenExports: name === 'index',
        reportFileName: file,
        reportFolder: resolve('api'),
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
  })
  const problems = []
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: !check,
    messageCallback: (message) => {
      if (message.logLevel === 'error' && message.category === 'Compiler') problems.push(message.text)
      message.handled = true
    },
  })
  if (problems.length > 0) return `dist/${path}.d.ts does not compile: ${problems.join('; ')}`
  if (check && apiReportChanged) return `api/${file} differs; look at the change, and write it with: npm run api`
}

for (const [name, path] of Object.entries(ENTRY_POINTS)) {
  const problem = report(name, path)
  console.log(problem ?? `api/${name}.api.md ${check ? 'is up to date' : 'written'}`)
  if (problem !== undefined) process.exitCode = 1
}
rmSync(temporary, { recursive: true, force: true })
