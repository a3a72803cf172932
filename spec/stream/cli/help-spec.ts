import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { CLUSTER, parse } from '../../../lib/cli/arguments.ts'
import { variablesOf } from '../../../lib/cli/connect.ts'
import { EXIT_TEXT } from '../../../lib/cli/exit-code.ts'
import { VERBS } from '../../../lib/cli/verbs/index.ts'
import { KINDS } from '../../../lib/model/kinds.ts'
import { flagsOf } from '../../../lib/cli/verb.ts'
import { command, recordsOf } from '../../helpers/command.ts'
import { atWork, jobsWorld } from '../../helpers/jobs-world.ts'

// The help of the command line, and its messages about wrong arguments.

const LONG = 'jobIsLong1'
const world = jobsWorld({ [LONG]: atWork })

describe('the help of aistore-rx', () => {
  for (const argv of [['--help'], ['-h'], ['help']])
    it(`lists every verb for ${argv.join(' ')}`, async () => {
      const { code, stdout, stderr, requests } = await command(argv)
      expect({ code, stderr, requests }).to.deep.equal({ code: 0, stderr: '', requests: [] })
      for (const name of [...VERBS.map((verb) => verb.name), 'emulator', 'dashboard'])
        expect(stdout).to.match(new RegExp(`^  ${name} {2,}\\w`, 'm'))
    })

  it('is printed to stderr, with exit code 2, if there is no verb', async () => {
    const { code, stdout, stderr } = await command([])
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' })
    expect(stderr).to.match(/^ {2}show /m)
  })

  for (const verb of VERBS) {
    it(`shows the flags, an example and the exit codes of ${verb.name}`, async () => {
      const { code, stdout, requests } = await command([verb.name, '--help'])
      expect({ code, requests }).to.deep.equal({ code: 0, requests: [] })
      expect(await command(['help', verb.name])).to.include({ code: 0, stdout })
      expect(stdout).to.match(new RegExp(`^usage: aistore-rx ${verb.name} `, 'm'))
      expect(stdout).to.match(/^example:\n {2}\S/m)
      for (const exit of [2, ...verb.codes]) expect(stdout).to.match(new RegExp(`^  ${exit} +\\w`, 'm'))
      for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(120)
    })

    it(`has examples of ${verb.name} that the command line accepts`, () => {
      for (const example of verb.examples)
        // An example may have several commands: `a $(aistore-rx b) && aistore-rx c`.
        for (const [, words = ''] of example.matchAll(/aistore-rx (\w+[^)&]*)/g)) {
          const [name, ...argv] = words.trim().split(/ +/)
          const own = VERBS.find((one) => one.name === name)
          if (own === undefined) throw new Error(`no such verb: ${example}`)
          expect(() => parse(argv, flagsOf(own)), example).not.to.throw()
        }
    })
  }

  it('lists exactly the flags that a verb accepts, for every verb', async () => {
    /** The flags in a help: lines such as `  -q, --quiet` and `      --quiet`. */
    const flagsIn = (help: string): readonly string[] =>
      [...help.matchAll(/^ {2}(?:-\w,| {3}) --([\w-]+)/gm)].map(([, flag = '']) => flag)
    const listed = new Map<string, readonly string[]>()
    for (const name of [...VERBS.map((verb) => verb.name), 'emulator', 'dashboard'])
      listed.set(name, flagsIn((await command([name, '--help'])).stdout))
    const all = new Set([...listed.values()].flat())
    expect([...all]).to.include.members(['endpoint', 'units', 'refresh', 'fault', 'host'])
    for (const [name, flags] of listed) {
      const accepted: string[] = []
      for (const flag of all) {
        const { code, stderr } = await command([name, `--${flag}`, '--nosuch'])
        // If the verb accepts the flag, the error is about the value of the flag, or about --nosuch.
        if (code === 0 || /unknown option --nosuch|expected a value/.test(stderr)) accepted.push(flag)
      }
      expect(flags, name).to.have.members(accepted)
    }
  })

  it('has the exit codes that the README has', () => {
    const table =
      readFileSync('README.md', 'utf8')
        .split(/\| exit code +\|/)[1]
        ?.split('\n\n')[0] ?? ''
    const codes = [...table.matchAll(/^\| ([\d, ]+?) +\|/gm)].flatMap(([, code = '']) => code.split(', '))
    expect(codes).to.have.members(Object.keys(EXIT_TEXT))
  })

  it('has the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
    expect(await command(['--version'])).to.include({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('a command line of aistore-rx', () => {
  it('suggests the nearest verb, flag and kind', async () => {
    const hints = await Promise.resolve([
      (await command(['wacth'])).stderr,
      (await command(['show', '--bukcet', 'b'])).stderr,
      (await command(['show', 'rebalanse'])).stderr,
    ])
    expect(hints.map((hint) => /did you mean (\S+)\?\n$/.exec(hint)?.[1])).to.deep.equal([
      'watch',
      '--bucket',
      'rebalance',
    ])
  })

  it('accepts the habits of `ais`', async () => {
    for (const argv of [
      ['show', 'job', LONG],
      ['job', 'show', LONG],
      ['show', LONG, 'copy-bucket'],
    ]) {
      const { code, stdout } = await command(argv, world)
      expect(code, argv.join(' ')).to.equal(0)
      expect(stdout).to.include(LONG)
    }
  })

  it('writes an error as a JSON line, too, if --json is given', async () => {
    const ran = await command(['show', '--json', '--nosuch'])
    expect(ran.code).to.equal(2)
    expect(ran.stderr).to.match(/^aistore-rx: unknown option --nosuch\n$/)
    const [record, ...more] = recordsOf(ran)
    expect(more).to.deep.equal([])
    expect(record).to.include({ type: 'end', terminal: true, code: 2, error: 'Usage' })
  })

  for (const argv of [
    ['wacth', '--json'],
    ['help', 'wacth', '--json'],
    ['emulator', '--prot', '1', '--json'],
    ['dashboard', '-j', '--allow', 'all'],
  ])
    it(`writes an error as a JSON line, too: ${argv.join(' ')}`, async () => {
      const ran = await command(argv)
      expect(ran.stderr).to.match(/^aistore-rx[^\n]*: [^\n]+\n$/)
      const [record, ...more] = recordsOf(ran)
      expect(more).to.deep.equal([])
      expect(record).to.include({ type: 'end', terminal: true, code: 2 })
      expect(ran.stderr.endsWith(`: ${String(record?.['message'])}\n`)).to.equal(true)
    })

  it('requires a cluster, and explains how to name one', async () => {
    const { code, stderr } = await command(['show'], {}, { env: { AIS_ENDPOINT: '' } })
    expect(code).to.equal(2)
    expect(stderr).to.match(/AIS_ENDPOINT .*--endpoint URL/)
  })

  it('uses --endpoint instead of AIS_ENDPOINT, also with several endpoints', async () => {
    const env = { AIS_ENDPOINT: 'http://gone' }
    const { code, requests } = await command(['show', '--endpoint', 'http://p2,http://p1'], { proxies: 2 }, { env })
    expect(code).to.equal(0)
    expect(new Set(requests.map(({ host }) => host))).to.deep.equal(new Set(['p2']))
  })

  it('sends the token of AIS_AUTHN_TOKEN, and never prints it', async () => {
    const token = 'secret-token-of-mine'
    const { stdout, stderr, requests } = await command(['show'], world, { env: { AIS_AUTHN_TOKEN: token } })
    expect(requests.map(({ headers }) => headers['Authorization'] ?? headers['authorization'])).to.include(
      `Bearer ${token}`,
    )
    expect(stdout + stderr).not.to.include(token)
  })

  it('uses a flag instead of its variable', () => {
    const env = {
      AIS_ENDPOINT: 'http://env',
      AIS_AUTHN_TOKEN: 'env',
      AIS_AUTHN_TOKEN_FILE: '/env',
      AIS_CLIENT_CA: '/env',
      AIS_CRT: '/env',
      AIS_CRT_KEY: '/env',
      HOME: '/env',
    }
    expect(variablesOf(parse([], CLUSTER), env)).to.deep.equal(env)
    const flags = ['endpoint', 'token-file', 'ca-file', 'cert', 'key'].flatMap((name) => [`--${name}`, `flag-${name}`])
    expect(variablesOf(parse([...flags, '--skip-verify'], CLUSTER), env)).to.deep.equal({
      AIS_ENDPOINT: 'flag-endpoint',
      AIS_AUTHN_TOKEN_FILE: 'flag-token-file',
      AIS_CLIENT_CA: 'flag-ca-file',
      AIS_CRT: 'flag-cert',
      AIS_CRT_KEY: 'flag-key',
      AIS_SKIP_VERIFY_CRT: 'true',
      HOME: '/env',
    })
  })

  it('says each time that certificates are not verified', async () => {
    const { code, stderr } = await command(['show', LONG, '--skip-verify'], world)
    expect({ code, stderr }).to.deep.equal({
      code: 0,
      stderr: 'aistore-rx: certificates are not verified (--skip-verify)\n',
    })
  })

  it('refuses an invalid endpoint, and a token file that cannot be read', async () => {
    const invalid = await command(['show', '--endpoint', 'ftp://x'])
    expect(invalid.code).to.equal(2)
    expect(invalid.stderr).to.match(/^aistore-rx: --endpoint: [^\n]*ftp:[^\n]*\n$/)
    const unreadable = await command(['show', '--token-file', '/nonexistent/file'])
    expect(unreadable.code).to.equal(2)
    expect(unreadable.stderr).to.match(/^aistore-rx: --token-file: [^\n]*ENOENT[^\n]*\n$/)
    const variable = await command(['show'], {}, { env: { AIS_AUTHN_TOKEN_FILE: '/nonexistent/file' } })
    expect(variable.stderr).to.match(/^aistore-rx: AIS_AUTHN_TOKEN_FILE: [^\n]*ENOENT[^\n]*\n$/)
  })

  it('says which flag lacks its value', async () => {
    for (const argv of [
      ['wait', LONG, '--timeout'],
      ['wait', LONG, '--timeout', '-1'],
    ]) {
      const { code, stderr, requests } = await command(argv)
      expect({ code, stderr, requests }, argv.join(' ')).to.deep.equal({
        code: 2,
        stderr: 'aistore-rx: --timeout expected a value, such as --timeout=VALUE\n',
        requests: [],
      })
    }
  })

  it('refuses superfluous words, two kinds, and help for an unknown verb', async () => {
    for (const [argv, text] of [
      [['kinds', 'lru'], 'expected no arguments, got "lru"'],
      [['health', 'x'], 'expected no arguments, got "x"'],
      [['wait', 'lru', 'rebalance'], 'expected one kind, got "lru" and "rebalance"'],
      [['show', '--kind', 'lru', 'rebalance'], 'expected one kind, got "lru" and "rebalance"'],
      [['help', 'wacth'], 'unknown verb "wacth"; did you mean watch?'],
    ] as const) {
      const { code, stdout, stderr, requests } = await command(argv)
      expect({ code, stdout, stderr, requests }, argv.join(' ')).to.deep.equal({
        code: 2,
        stdout: '',
        stderr: `aistore-rx: ${text}\n`,
        requests: [],
      })
    }
  })
})

describe('aistore-rx kinds', () => {
  it('lists the kinds without a cluster', async () => {
    const { code, stdout, requests } = await command(['kinds'], {}, { env: { AIS_ENDPOINT: '' } })
    expect({ code, requests }).to.deep.equal({ code: 0, requests: [] })
    expect(stdout.trimEnd().split('\n')).to.have.lengthOf(KINDS.length + 1)
    expect(stdout).to.match(/^lru-eviction +lru +bucket-or-cluster +yes /m)
    expect(stdout).to.match(/^copy-bucket +copy-bck +bucket +no +use `aistore-rx copy`$/m)
  })

  it('lists only kinds that can be started with --startable, and one JSON object for each with --json', async () => {
    const records = recordsOf(await command(['kinds', '--startable', '--json'])).filter(({ type }) => type === 'kind')
    expect(records.map(({ kind }) => kind)).to.deep.equal(
      KINDS.filter(({ startable }) => startable === true).map(({ kind }) => kind),
    )
  })

  it('names an existing verb for each kind that a verb other than `start` launches, as `start` does', async () => {
    const records = recordsOf(await command(['kinds', '--json'])).filter(({ verb }) => verb !== undefined)
    expect(records).to.have.lengthOf(8)
    for (const { kind, verb, startable } of records) {
      expect(startable).to.equal(false)
      expect(VERBS.map(({ name }) => name)).to.include(verb)
      const { code, stderr, requests } = await command(['start', String(kind), 'photos'])
      expect({ code, requests }).to.deep.equal({ code: 2, requests: [] })
      expect(stderr).to.equal(
        `aistore-rx: start cannot start a ${String(kind)}; see \`aistore-rx ${String(verb)} --help\`\n`,
      )
    }
  })
})
