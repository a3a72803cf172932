import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

const PROTOCOL = 'docs/protocol.md'

const read = (file: string): string => readFileSync(file, 'utf8')

const filesIn = (folder: string, pattern: RegExp): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !name.includes('.snippets'))
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .sort()

const pages = [...readdirSync('.').filter((name) => name.endsWith('.md')), ...filesIn('docs', /\.md$/)].sort()
const sources = ['lib', 'spec', 'examples'].flatMap((folder) => filesIn(folder, /\.ts$/))

/** Joins the lines of a comment, since a reference may go on in the next one. */
const unwrapped = (text: string): string => text.replaceAll(/\n\s*(?:\*(?!\/)|\/\/)?\s*/g, ' ')

/** `protocol 2.4, 3.1 (MultiSnap), T8`: names of sections and of traps, each with a remark or none. */
const REFERENCE = /\bprotocol[:,]? (?:sections? )?((?:(?:\d+(?:\.\d+)?|T\d+)\b(?: \([^)]*\))?(?:, (?=\d|T\d))?)+)/gi

/** The sections (`2.4`) and traps (`T7`) that a text refers to. */
function referencesOf(text: string): ReadonlySet<string> {
  const named = [...unwrapped(text).matchAll(REFERENCE)].map(([, names = '']) => names.replaceAll(/\([^)]*\)/g, ''))
  const sections = named.flatMap((names) => names.match(/(?<![\dT.])\d+(?:\.\d+)?/g) ?? [])
  return new Set([...sections, ...(text.match(/\bT\d{1,2}\b/g) ?? [])])
}

/**
 * What a text refers to that is no document here: pages by name, and codes of a capital and a number in brackets.
 *
 * A code with T is a trap; one with I is an invariant of the simulation.
 */
function foreignIn(text: string): ReadonlySet<string> {
  const names = [...text.matchAll(/(?<![\w'"./-])[\w/-]+\.md\b/g)].map(([name]) => name)
  const codes = [...text.matchAll(/ \(((?:[A-Z]\d{1,2}(?:, |(?=\))))+)\)/g)].flatMap(([, list = '']) =>
    list.split(', '),
  )
  return new Set([
    ...names.filter((name) => !existsSync(name) && !existsSync(join('docs', name))),
    ...codes.filter((code) => !/^[IT]/.test(code)),
  ])
}

/** What a reference can lead to: the numbered headings of the page, and its anchors of traps. */
function targetsIn(page: string): ReadonlySet<string> {
  const sections = [...page.matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm)].map(([, section = '']) => section)
  const traps = [...page.matchAll(/<a id="(t\d+)"><\/a>/g)].map(([, trap = '']) => trap.toUpperCase())
  return new Set([...sections, ...traps])
}

const prose = (page: string): string => page.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')

/** The anchors of a page as GitHub makes them: of each heading, and those that are written out. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set([...page.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id))
  for (const [, heading = ''] of page.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.*)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  return anchors
}

/** The relative links of a page that lead nowhere. */
function deadLinksOf(page: string, text: string): readonly string[] {
  const links = [...prose(text).matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^[a-z]+:/i.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const file = join(dirname(page), path)
    if (path !== '' && !existsSync(file)) return true
    return anchor !== undefined && !anchorsOf(path === '' ? text : read(file)).has(anchor)
  })
}

/** What a tag `@see` names: the text after it, to the end of its line. */
const seesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*(?:\/\*)?\* @see(?: (.*?))?(?: \*\/)?$/gm)].map(([, named = '']) => named)

/** The tags `@see` that name no anchor of a page (`docs/protocol.md#t12`, and a remark after `;`) that there is. */
function deadSeesOf(text: string): readonly string[] {
  return seesOf(text).filter((named) => {
    const [, page = '', anchor = ''] = /^([\w/-]+\.md)#([\w-]+)(?:; .+)?$/.exec(named) ?? []
    return !existsSync(page) || !anchorsOf(read(page)).has(anchor)
  })
}

describe('the documents', () => {
  const targets = targetsIn(read(PROTOCOL))

  it('have a place for each reference to the protocol', () => {
    const lost = [...sources, ...pages].flatMap((file) =>
      [...referencesOf(read(file))].filter((name) => !targets.has(name)).map((name) => `${file}: ${name}`),
    )
    expect(lost).to.deep.equal([])
  })

  it('have an anchor for each @see', () => {
    const code = [...sources, ...filesIn('bench', /\.ts$/)]
    const dead = code.flatMap((file) => deadSeesOf(read(file)).map((named) => `${file}: @see ${named}`))
    expect(dead).to.deep.equal([])
    expect(code.flatMap((file) => seesOf(read(file)))).to.have.length.above(20)
  })

  it('have an anchor for each of the thirty traps', () => {
    const traps = Array.from({ length: 30 }, (_, n) => `T${n + 1}`)
    expect([...targets].filter((name) => name.startsWith('T'))).to.deep.equal(traps)
  })

  it('have a spec for each of them, as the README says', () => {
    const specs = sources.filter((file) => file.startsWith('spec/') && file !== 'spec/unit/docs-spec.ts').map(read)
    const named = new Set(specs.flatMap((text) => [...referencesOf(text)]))
    expect([...targets].filter((name) => name.startsWith('T') && !named.has(name))).to.deep.equal([])
  })

  it('are all that comments and titles refer to', () => {
    const unknown = [...sources, ...pages].flatMap((file) =>
      [...foreignIn(read(file))].map((name) => `${file}: ${name}`),
    )
    expect(unknown).to.deep.equal([])
  })

  for (const page of pages)
    it(`have no dead link in ${page}`, () => {
      expect(deadLinksOf(page, read(page))).to.deep.equal([])
    })
})

/** What a report of the API shows without a sentence about it: `Type` or `Type.member`. */
function undocumentedIn(report: string): readonly string[] {
  const found: string[] = []
  let type = ''
  report.split('\n').forEach((line, nth, lines) => {
    const [, name = ''] = /^export (?:\w+ )*?(?:class|const|function|interface|type) (\w+)/.exec(line) ?? []
    if (name !== '') type = name
    if (name !== '' && lines[nth - 1]?.includes('(undocumented)')) found.push(type)
    if (/^ +\/\/ \(undocumented\)/.test(line)) found.push(`${type}.${lines[nth + 1]?.trim() ?? ''}`)
  })
  return found
}

describe('the reports of the API', () => {
  for (const report of filesIn('api', /\.api\.md$/))
    it(`have a sentence for each member in ${report}`, () => {
      const bare = undocumentedIn(read(report))
      expect(bare).to.deep.equal([])
    })

  it('are searched for types and for members', () => {
    const report = [
      '// @public (undocumented)',
      'export type A = string;',
      '// @public',
      'export interface B {',
      '    // (undocumented)',
      '    readonly c: string;',
    ]
    expect(undocumentedIn(report.join('\n'))).to.deep.equal(['A', 'B.readonly c: string;'])
  })
})

describe('the check of the documents', () => {
  const references = (text: string): readonly string[] => [...referencesOf(text)]
  const word = 'protocol'

  it('finds references in each form that the code has', () => {
    expect(references(`as in ${word} 2.0 (ArgsMsg), 12, T5; Go 1.5`)).to.deep.equal(['2.0', '12', 'T5'])
    expect(references(`// as it is (${word}\n  // 1.3). 4`)).to.deep.equal(['1.3'])
    expect(references(`(${word}: section 5.1); ${word}, sections 2, 3`)).to.deep.equal(['5.1', '2', '3'])
    expect(references('asked for (T24, T25), at 2026-11-23T09:45')).to.deep.equal(['T24', 'T25'])
    expect(references(`a ${word} of 3 rows; ${word}s 5`)).to.deep.equal([])
  })

  it('finds a @see that leads nowhere', () => {
    const tags = [
      'docs/protocol.md#t12; Go `api`',
      'docs/protocol.md#t99',
      'docs/none#t1',
      'docs/protocol.md',
      'T12',
      '',
    ]
    const text = `/**\n${tags.map((tag) => ` * @see ${tag}`.trimEnd()).join('\n')}\n */\n`
    expect(deadSeesOf(text)).to.deep.equal(tags.slice(1))
    expect(deadSeesOf('/** @see T12 */')).to.deep.equal(['T12'])
  })

  it('finds pages and codes of documents that are not here', () => {
    const code = (letter: string): string => `${letter}7`
    const page = (name: string): string => `${name}.md`
    const text = `README.md, ${page('none')} (${code('K')}), (${code('T')}, ${code('R')}) f(${code('P')})`
    expect([...foreignIn(text)]).to.deep.equal([page('none'), code('K'), code('R')])
  })

  it('finds links that lead to no file or to no heading', () => {
    const text = '# A page\n[a](#a-page) [b](#b) [c](docs/none) [d](https://d) ![e](README.md#mit) `[f](f)`\n'
    expect(deadLinksOf('page.md', text)).to.deep.equal(['#b', 'docs/none', 'README.md#mit'])
  })
})
