import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

// The documents refer to each other, and the code refers to them. These specs find dead references.

const PROTOCOL = 'docs/protocol.md'

const read = (file: string): string => readFileSync(file, 'utf8')

const filesIn = (folder: string, pattern: RegExp): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !name.includes('.snippets'))
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .sort()

const pages = [...readdirSync('.').filter((name) => name.endsWith('.md')), ...filesIn('docs', /\.md$/)].sort()
const sources = ['lib', 'spec', 'examples'].flatMap((folder) => filesIn(folder, /\.ts$/))

/** Joins the lines of a comment, since a reference may continue on the next line. */
const unwrapped = (text: string): string => text.replaceAll(/\n\s*(?:\*(?!\/)|\/\/)?\s*/g, ' ')

/** Such as `protocol 2.4, 3.1 (MultiSnap), T8`: sections and traps, each with an optional remark. */
const REFERENCE = /\bprotocol[:,]? (?:sections? )?((?:(?:\d+(?:\.\d+)?|T\d+)\b(?: \([^)]*\))?(?:, (?=\d|T\d))?)+)/gi

/** The sections (`2.4`) and traps (`T7`) that a text refers to. */
function referencesOf(text: string): ReadonlySet<string> {
  const named = [...unwrapped(text).matchAll(REFERENCE)].map(([, names = '']) => names.replaceAll(/\([^)]*\)/g, ''))
  const sections = named.flatMap((names) => names.match(/(?<![\dT.])\d+(?:\.\d+)?/g) ?? [])
  return new Set([...sections, ...(text.match(/\bT\d{1,2}\b/g) ?? [])])
}

/** The ids of the rows of the fault matrix. */
const FAULTS = new Set([...read('docs/faults.md').matchAll(/^\| ([A-Z]\d+) /gm)].map(([, id = '']) => id))

/**
 * References to documents that do not exist here: names of pages, and codes in brackets (a capital letter and a
 * number).
 *
 * Codes with T are traps, codes with I are invariants of the simulation. The other codes are rows of docs/faults.md.
 */
function unknownReferencesIn(text: string): ReadonlySet<string> {
  const names = [...text.matchAll(/(?<![\w'"./-])[\w/-]+\.md\b/g)].map(([name]) => name)
  const codes = [...text.matchAll(/ \(((?:[A-Z]\d{1,2}(?:, |(?=\))))+)\)/g)].flatMap(([, list = '']) =>
    list.split(', '),
  )
  return new Set([
    ...names.filter((name) => !existsSync(name) && !existsSync(join('docs', name))),
    ...codes.filter((code) => !/^[IT]/.test(code) && !FAULTS.has(code)),
  ])
}

/** The possible targets of references: the numbered headings and the trap anchors of the page. */
function targetsIn(page: string): ReadonlySet<string> {
  const sections = [...page.matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm)].map(([, section = '']) => section)
  const traps = [...page.matchAll(/<a id="(t\d+)"><\/a>/g)].map(([, trap = '']) => trap.toUpperCase())
  return new Set([...sections, ...traps])
}

/** A page without its code. */
const prose = (page: string): string => page.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')

/** The anchors of a page: those that GitHub creates for headings, and the explicit ones. */
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

/** The relative links of a page that have no target. */
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

/** The text of each `@see` tag, up to the end of its line. */
const seesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*(?:\/\*)?\* @see(?: (.*?))?(?: \*\/)?$/gm)].map(([, named = '']) => named)

/**
 * The `@see` tags that name no existing anchor. A valid tag is `docs/protocol.md#t12`, with an optional remark after
 * `;`.
 */
function deadSeesOf(text: string): readonly string[] {
  return seesOf(text).filter((named) => {
    const [, page = '', anchor = ''] = /^([\w/-]+\.md)#([\w-]+)(?:; .+)?$/.exec(named) ?? []
    return !existsSync(page) || !anchorsOf(read(page)).has(anchor)
  })
}

describe('the documents', () => {
  const targets = targetsIn(read(PROTOCOL))

  it('contain the target of each reference to the protocol', () => {
    const dead = [...sources, ...pages].flatMap((file) =>
      [...referencesOf(read(file))].filter((name) => !targets.has(name)).map((name) => `${file}: ${name}`),
    )
    expect(dead).to.deep.equal([])
  })

  it('contain the anchor of each @see tag', () => {
    const code = [...sources, ...filesIn('bench', /\.ts$/)]
    const dead = code.flatMap((file) => deadSeesOf(read(file)).map((named) => `${file}: @see ${named}`))
    expect(dead).to.deep.equal([])
    expect(code.flatMap((file) => seesOf(read(file)))).to.have.length.above(20)
  })

  it('contain an anchor for each of the thirty traps', () => {
    const traps = Array.from({ length: 30 }, (_, n) => `T${n + 1}`)
    expect([...targets].filter((name) => name.startsWith('T'))).to.deep.equal(traps)
  })

  it('have a spec for each trap, as the README says', () => {
    const specs = sources.filter((file) => file.startsWith('spec/') && file !== 'spec/unit/docs-spec.ts').map(read)
    const named = new Set(specs.flatMap((text) => [...referencesOf(text)]))
    expect([...targets].filter((name) => name.startsWith('T') && !named.has(name))).to.deep.equal([])
  })

  it('are the only documents that comments and titles refer to', () => {
    const unknown = [...sources, ...pages].flatMap((file) =>
      [...unknownReferencesIn(read(file))].map((name) => `${file}: ${name}`),
    )
    expect(unknown).to.deep.equal([])
  })

  for (const page of pages)
    it(`contain no dead link: ${page}`, () => {
      expect(deadLinksOf(page, read(page))).to.deep.equal([])
    })

  it('have no example that drops a Left silently, so each says that the cluster does not reply', () => {
    const silent = filesIn('examples', /\.ts$/).filter((file) => read(file).includes('rights()'))
    expect(silent).to.deep.equal([])
    const snippets = [...read('README.md').matchAll(/^```ts$([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
    // The snippet that watches shows the health of the cluster, too.
    const hiding = snippets.filter((code) => code.includes('rights()') && !code.includes('health(cluster).subscribe'))
    expect(hiding).to.deep.equal([])
    expect(snippets).to.have.length.above(8)
  })

  it('are in the package if the README links to them', () => {
    const { files } = JSON.parse(read('package.json')) as { readonly files: readonly string[] }
    const linked = [...prose(read('README.md')).matchAll(/\]\(([a-z][\w./-]*)/gi)].map(([, path = '']) => path)
    const missing = linked.filter((path) => !files.some((file) => path === file || path.startsWith(`${file}/`)))
    expect(missing.filter((path) => existsSync(path))).to.deep.equal([])
    expect(linked.filter((path) => path.startsWith('examples/'))).to.have.length.above(10)
  })
})

/** The undocumented items of an API report, as `Type` or `Type.member`. */
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

describe('the API reports', () => {
  for (const report of filesIn('api', /\.api\.md$/))
    it(`document each type and member: ${report}`, () => {
      const bare = undocumentedIn(read(report))
      expect(bare).to.deep.equal([])
    })

  it('are searched for undocumented types and members', () => {
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

describe('the checks of the documents', () => {
  const references = (text: string): readonly string[] => [...referencesOf(text)]
  const word = 'protocol'

  it('find references in all forms that the code uses', () => {
    expect(references(`as in ${word} 2.0 (ArgsMsg), 12, T5; Go 1.5`)).to.deep.equal(['2.0', '12', 'T5'])
    expect(references(`// as it is (${word}\n  // 1.3). 4`)).to.deep.equal(['1.3'])
    expect(references(`(${word}: section 5.1); ${word}, sections 2, 3`)).to.deep.equal(['5.1', '2', '3'])
    expect(references('asked for (T24, T25), at 2026-11-23T09:45')).to.deep.equal(['T24', 'T25'])
    expect(references(`a ${word} of 3 rows; ${word}s 5`)).to.deep.equal([])
  })

  it('find a @see tag without an existing anchor', () => {
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

  it('find references to documents that do not exist', () => {
    const code = (letter: string): string => `${letter}7`
    const page = (name: string): string => `${name}.md`
    const text = `README.md, ${page('none')} (${code('Q')}), (${code('T')}, ${code('R')}) f(${code('P')})`
    expect([...unknownReferencesIn(text)]).to.deep.equal([page('none'), code('Q'), code('R')])
  })

  it('find links to missing files or headings', () => {
    const text = '# A page\n[a](#a-page) [b](#b) [c](docs/none) [d](https://d) ![e](README.md#mit) `[f](f)`\n'
    expect(deadLinksOf('page.md', text)).to.deep.equal(['#b', 'docs/none', 'README.md#mit'])
  })
})
