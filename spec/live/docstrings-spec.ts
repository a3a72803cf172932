import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'

// Runs the marble diagrams in the docstrings of the operators: each `@example` must be true.

const DIR = 'spec/.snippets/docstrings'

/** The operators that the package exports, with their files. */
const exported = [
  ...readFileSync('lib/index.ts', 'utf8').matchAll(/^export \{ (\w+).*from '\.\/operators\/(.+)\.ts'/gm),
]
const operators = exported.map(([, operator = '', file = '']) => ({ operator, file }))

/** The code of the `@example` blocks in the docstring of a function. */
function examplesOf(operator: string, file: string): readonly string[] {
  const source = readFileSync(`lib/operators/${file}.ts`, 'utf8')
  const [before] = source.split(new RegExp(`^export (?:const|function) ${operator}\\b`, 'm'))
  const docstring = before?.slice(before.lastIndexOf('/**')) ?? ''
  const text = docstring.replace(/\*\/\s*$/, '').replaceAll(/^ \* ?/gm, '')
  return text
    .split(/^@example\n/m)
    .slice(1)
    .map((example) => example.split(/^@\w/m)[0] ?? '')
}

/** The examples with marble diagrams, which can be run. */
const marblesOf = (operator: string, file: string): readonly string[] =>
  examplesOf(operator, file).filter((code) => code.includes('testScheduler.run('))

/** Code before each example. Each example is a separate module, which exports the comparisons of its test scheduler. */
const HEAD = `import { TestScheduler } from 'rxjs/testing'
export const compared: { actual: unknown; expected: unknown }[] = []
const testScheduler = new TestScheduler((actual: unknown, expected: unknown) => {
  compared.push({ actual, expected })
})
`

interface Ran {
  readonly compared: readonly { readonly actual: unknown; readonly expected: unknown }[]
}

const nameOf = (file: string, nth: number): string => `${file}-${nth}.ts`

describe('the docstrings of the operators', () => {
  before(() => {
    rmSync(DIR, { recursive: true, force: true })
    mkdirSync(DIR, { recursive: true })
    for (const { operator, file } of operators)
      marblesOf(operator, file).forEach((code, nth) => writeFileSync(`${DIR}/${nameOf(file, nth)}`, HEAD + code))
  })
  after(() => rmSync(DIR, { recursive: true, force: true }))

  it('exist for every exported operator', () => {
    const files = readdirSync('lib/operators').map((name) => name.replace(/\.ts$/, ''))
    // Operators that only the library uses are not exported.
    const own = ['detour', 'long-timer', 'mapped', 'monotonic', 'shared-timers', 'sleep-clock']
    expect(operators.map(({ file }) => file).sort()).to.deep.equal(files.filter((file) => !own.includes(file)).sort())
  })

  it('have marble diagrams that compile under strict settings', () => {
    const compilerOptions = { isolatedDeclarations: false, declaration: false }
    const files = operators.flatMap(({ operator, file }) =>
      marblesOf(operator, file).map((_, nth) => nameOf(file, nth)),
    )
    writeFileSync(
      `${DIR}/tsconfig.json`,
      JSON.stringify({ extends: '../../../tsconfig.json', compilerOptions, include: [], files }),
    )
    const { stdout, status } = spawnSync(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', DIR], {
      encoding: 'utf8',
    })
    expect({ stdout, status }).to.deep.equal({ stdout: '', status: 0 })
  })

  for (const { operator, file } of operators)
    it(`have a correct marble diagram of ${operator}`, async () => {
      const examples = marblesOf(operator, file)
      expect(examples).not.to.have.lengthOf(0)
      for (const nth of examples.keys()) {
        const { compared } = (await import(pathToFileURL(resolve(DIR, nameOf(file, nth))).href)) as Ran
        expect(compared).not.to.have.lengthOf(0)
        for (const { actual, expected } of compared) {
          expect(expected, 'the expected notifications of the diagram').not.to.deep.equal([])
          expect(actual).to.deep.equal(expected)
        }
      }
    })
})
