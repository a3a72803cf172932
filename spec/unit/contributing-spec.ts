import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

// The guide must name files that exist, and commands that work.

const guide = readFileSync('CONTRIBUTING.md', 'utf8')

/** The paths that the guide names in full. `NAME` and `INVARIANT` stand for a file that is still to be written. */
const paths = [...guide.matchAll(/\b(?:lib|spec|docs|scripts|api)\/[\w./-]*\w(?![\w*])/g)]
  .map(([path]) => path)
  .filter((path) => !/NAME|INVARIANT|SEED/.test(path))

/** The names that the guide puts into a file, such as `KNOWN` of `lib/model/kind.ts`, also two at a time. */
const names = [
  ...guide.matchAll(/`(\w+)`(?: and `(\w+)`)? (?:of|in)\s+`((?:lib|spec)\/[\w./-]+\.(?:ts|mjs))`/g),
].flatMap(([, one, other, path = '']) => [one, other].flatMap((name) => (name === undefined ? [] : [{ name, path }])))

/** Each call of Mocha in the guide, in a list of commands or in a sentence. */
const runs = [...guide.matchAll(/npx mocha [^`\n]*/g)].map(([run]) => run)

describe('CONTRIBUTING.md', () => {
  it('names only files and folders that exist', () => {
    expect(paths.filter((path) => !existsSync(path))).to.deep.equal([])
    expect(paths).to.have.length.above(30)
  })

  it('names only constants, types and functions that their files have', () => {
    const unknown = names.filter(({ name, path }) => !new RegExp(`\\b${name}\\b`).test(readFileSync(path, 'utf8')))
    expect(unknown).to.deep.equal([])
    expect(names).to.have.length.above(10)
  })

  it('runs live specs with their own config, since Mocha ignores them without it', () => {
    expect(runs).to.have.length.above(4)
    for (const run of runs)
      expect(run.includes('--config .mocharc.live.json'), run).to.equal(run.includes('spec/live/'))
  })
})
