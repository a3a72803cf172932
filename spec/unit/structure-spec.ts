import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect } from 'chai'

// The layers of `lib/`: which file may import which.

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'))
  .sort()

const source = (file: string): string => readFileSync(join('lib', file), 'utf8')

/** What a file imports or re-exports, including types: files of lib by their path in lib, packages by name. */
const importsOf = (file: string): readonly string[] =>
  [...source(file).matchAll(/^(?:import|export)\s[^'"`]*?from '([^']+)'|^import '([^']+)'/gm)].map(([, from, bare]) => {
    const name = from ?? bare ?? ''
    return name.startsWith('.') ? relative('lib', join('lib', dirname(file), name)).replaceAll('\\', '/') : name
  })

/** The layers from bottom to top. A file may import from its own layer or a lower one, never from a higher one. */
const LAYERS: readonly (readonly [name: string, files: RegExp])[] = [
  ['words', /^(?:cadence|error)\.ts$|^(?:common|codec|model|monitor)\//],
  ['view', /^view\//],
  ['transport', /^transport\//],
  ['operators', /^operators\//],
  ['environment', /^environment\.ts$|^(?:request|proxies)\//],
  ['downloads', /^download\//],
  ['queries', /^(?:queries|listings|history|health)\.ts$/],
  ['observer', /^(?:observer|loop|requester)\.ts$/],
  ['streams', /^(?:wait|watch|commands|progress|jobs|events)\.ts$|^streams\//],
  ['launch', /^launch\//],
  ['job', /^job\.ts$/],
  ['cluster', /^cluster\.ts$/],
  ['entry point', /^index\.ts$/],
  ['emulator', /^emulator\//],
  ['entry points for Node and for tests', /^(?:node|relay|testing)\//],
  ['dashboard', /^dashboard\//],
  ['command', /^cli\//],
]
/**
 * The number of the layer that a file belongs to; 0 is the lowest, and -1 means none. A file in `browser/` is in the layer of the
 * file that it replaces.
 */
const layerOf = (file: string): number =>
  LAYERS.findIndex(([, pattern]) => pattern.test(file.replace(/^browser\//, '')))

describe('the structure of lib', () => {
  it('has a layer for each file', () => {
    expect(files.filter((file) => layerOf(file) === -1)).to.deep.equal([])
  })

  it('has no import from a higher layer', () => {
    const upward = files.flatMap((file) =>
      importsOf(file)
        .filter((to) => to.endsWith('.ts') && layerOf(to) > layerOf(file))
        .map((to) => `${file} -> ${to}`),
    )
    expect(upward).to.deep.equal([])
  })

  it('has no import cycle', () => {
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      if (done.has(file) || path.includes(file)) return
      for (const to of importsOf(file).filter((name) => name.endsWith('.ts'))) visit(to, [...path, file])
      done.add(file)
    }
    files.forEach((file) => visit(file, []))
    expect(cycles).to.deep.equal([])
  })

  it('has for browsers what other files import by #platform, and nothing else', () => {
    const imported = files.flatMap((file) =>
      [...source(file).matchAll(/^import \{([^}]+)\} from '#platform\/([^']+)'/gm)].flatMap(([, names = '', path]) =>
        names.split(',').map((name) => `${path}: ${name.trim()}`),
      ),
    )
    const replaced = files.flatMap((file) => {
      const path = /^browser\/(.+)\.ts$/.exec(file)?.[1]
      return path === undefined
        ? []
        : [...source(file).matchAll(/^export const (\w+)/gm)].map(([, name]) => `${path}: ${name}`)
    })
    expect(replaced.sort())
      .to.deep.equal([...new Set(imported)].sort())
      .and.not.to.deep.equal([])
  })

  it('imports what differs in browsers by #platform', () => {
    const replaced = new Set(files.flatMap((file) => /^browser\/(.+)$/.exec(file)?.[1] ?? []))
    const direct = files
      .filter((file) => !replaced.has(file) && !file.startsWith('browser/'))
      .flatMap((file) =>
        [...source(file).matchAll(/^import (?!type)\{([^}]*)\} from '(\.[^']+)'/gm)]
          .filter(([, names = '']) => names.split(',').some((name) => !/^\s*(?:type .*)?$/.test(name)))
          .map(([, , path = '']) => relative('lib', join('lib', dirname(file), path)).replaceAll('\\', '/'))
          .filter((path) => replaced.has(path))
          .map((path) => `${file} -> ${path}`),
      )
    expect(direct).to.deep.equal([
      // The whole advice, which only the constant KINDS needs.
      'model/kinds.ts -> model/advice.ts',
      // A part that only redirects need.
      'proxies/membership.ts -> proxies/map-proxies.ts',
    ])
  })

  it('has no import of rxjs in pure files', () => {
    const pure =
      /^(?:codec|view|model|emulator)\/|^monitor\/condition\.ts$|^common\/(?:rate-window|same|text|either)\.ts$|^(?:error|cadence)\.ts$/
    expect(files.filter((file) => pure.test(file) && importsOf(file).some((to) => /^rxjs\b/.test(to)))).to.deep.equal(
      [],
    )
  })

  it('has no import of job code in operators, except errors and results', () => {
    const allowed = /^rxjs$|^fp-ts\/|^operators\/|^(?:error|cadence)\.ts$|^common\/|^model\/wait-result\.ts$/
    const others = files
      .filter((file) => file.startsWith('operators/'))
      .flatMap((file) => importsOf(file).map((to) => [file, to] as const))
      .filter(([, to]) => !allowed.test(to))
    expect(others).to.deep.equal([])
  })

  it('imports cross-fetch in one file, and Node modules only in the transport, the emulator, the command, the dashboard and lib/node', () => {
    const users = (pattern: RegExp) => files.filter((file) => importsOf(file).some((to) => pattern.test(to)))
    expect(users(/^cross-fetch/)).to.deep.equal(['transport/cross-fetch.ts'])
    expect(users(/^node:/).filter((file) => !/^(?:emulator|cli|node|dashboard(?!\/page))\//.test(file))).to.deep.equal([
      // Its types only.
      'relay/node.ts',
      ...['exchange', 'inflate', 'pool', 'tls-fault'].map((name) => `transport/${name}.ts`),
    ])
  })

  it('has no socket, clock or random number in the state machine of the emulator', () => {
    const impure = files.filter(
      (file) =>
        file.startsWith('emulator/cluster/') &&
        (importsOf(file).some((to) => to.startsWith('node:') || /^emulator\/(?:http|faults)\//.test(to)) ||
          /\bDate\.now|\bMath\.random|\bsetTimeout|\bperformance\b/.test(source(file))),
    )
    expect(impure).to.deep.equal([])
  })

  // Above 2^31-1 ms, a timer of JavaScript fires at once, and a periodic one without a pause.
  it('gives times that a user may set only to timers that support any delay', () => {
    /** All calls of `timer` and `interval`, as texts such as `wait.ts: timer(ms, timers)`; those in docstrings do not count. */
    const calls = files.flatMap((file) =>
      [...source(file).matchAll(/^(?!\s*\*).*?\b((?:timer|interval)\((?:[^()]|\([^()]*\))*\))/gm)].map(
        ([, call = '']) => `${file}: ${call}`,
      ),
    )
    /** Such as `timer(PAUSE_MS)`, `interval(1_000, env.scheduler)` or `timer(WAITS_MS[n] ?? 1_000)`. */
    const isConstant =
      /: \w+\((?:[A-Z_]+|[0-9_]+|[A-Z_]+\[\w+\] \?\? [0-9_]+)(?:, (?:[A-Z_]+|[0-9_]+|env\.scheduler))?\)$/
    /** The last argument is a scheduler that supports any delay. */
    const takesAny = /, (?:timers|env\.timers|longTimers\(\w+\))\)$/
    expect(calls.filter((call) => !isConstant.test(call) && !takesAny.test(call))).to.deep.equal([
      // `poll` limits its delays.
      'operators/poll.ts: interval(ms, scheduler)',
    ])
    expect(calls.filter((call) => takesAny.test(call))).not.to.deep.equal([])
  })

  it('assigns to no export and defines no getter by a descriptor, because spec/compiled-modules.ts turns exports into plain properties', () => {
    expect(files.filter((file) => /^export (?:let|var)\b/m.test(source(file)))).to.deep.equal([])
    expect(files.filter((file) => /defineProperty\([^;]*?\bget\b/.test(source(file)))).to.deep.equal([])
  })

  it('has at most twenty files in its root, and none with the name of a folder', () => {
    const root = files.filter((file) => !file.includes('/'))
    expect(root.length).to.be.at.most(20)
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))
    expect(root.filter((file) => folders.has(file.replace(/\.ts$/, '')))).to.deep.equal([])
  })

  it('has no file above 200 lines of code, and a median of at most 70', () => {
    const sizes = files.map((file) => {
      const code = source(file)
        .split('\n')
        .filter((line) => !/^\s*(?:\/\/|\/?\*|$)/.test(line)).length
      return [code, file] as const
    })
    expect(sizes.filter(([code]) => code > 200)).to.deep.equal([])
    const median = sizes.map(([code]) => code).sort((a, b) => a - b)[Math.floor(sizes.length / 2)]
    expect(median).to.be.at.most(70)
  })
})
