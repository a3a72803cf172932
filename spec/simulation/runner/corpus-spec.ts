import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { check } from 'prettier'
import { planOf } from '../generate.ts'
import { corpusEntryOf, load, loadAll, store, type CorpusEntry } from './corpus.ts'

// How a violation is stored as a file of the corpus, and read again.

describe('the corpus', () => {
  let folder: string

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'corpus-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const failure = (seed: number) =>
    ({
      seed,
      plan: planOf(seed),
      violations: [{ invariant: 'I3', atMs: 1200, text: 'the end was missed' }],
    }) as const
  const one = (seed: number): CorpusEntry => corpusEntryOf(failure(seed), failure(2))

  it('stores the shrunk plan under the seed that found it, with a note of its violation', () => {
    expect(one(7)).to.deep.equal({
      invariant: 'I3',
      seed: 7,
      note: '1200 ms: the end was missed',
      plan: planOf(2),
    })
  })

  it('loads what was stored, as text that needs no formatting', async () => {
    const path = await store(one(7), folder)
    await store(one(6), folder)

    expect(loadAll(folder)).to.deep.equal([
      ['i3-6.json', one(6)],
      ['i3-7.json', one(7)],
    ])
    expect(path).to.equal(join(folder, 'i3-7.json'))
    expect(load(path)).to.deep.equal(one(7))
    expect(await check(readFileSync(path, 'utf8'), { parser: 'json', printWidth: 120 })).to.equal(true)
  })

  it('accepts a bare plan, and rejects any other JSON', () => {
    const path = join(folder, 'one.json')
    writeFileSync(path, JSON.stringify(planOf(3)))
    expect(load(path).plan).to.deep.equal(planOf(3))
    writeFileSync(path, '{}')
    expect(() => load(path)).to.throw(TypeError, 'neither a plan')
    writeFileSync(path, 'null')
    expect(() => load(path)).to.throw(TypeError, 'not a plan')
  })

  it('is empty if there is no folder', () => {
    expect(loadAll(join(folder, 'none'))).to.deep.equal([])
  })
})
