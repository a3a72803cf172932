import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { command, recordsOf, type Ran } from '../../helpers/command.ts'

const world: World = {
  events: [
    [
      0,
      ({ cluster }) => {
        seedBucket(cluster, 'photos', { objects: 6_000 }, 0)
        seedBucket(cluster, 'shards', {}, 0)
        seedBucket(cluster, 'data', { objects: 3_000, provider: 'aws' }, 0)
      },
    ],
  ],
}

/** The launches that were sent: the method, the path with the query, and the body. */
const sent = ({ requests }: Pick<Ran, 'requests'>): readonly unknown[] =>
  requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path, query, body }) => [
      method,
      decodeURIComponent(query === '' ? path : `${path}?${query}`),
      body,
    ])

const PHOTOS = '/v1/buckets/photos?provider=ais'
const DATA = '/v1/buckets/data?provider=aws'
const COPIED = { tobck: { name: 'copied', provider: 'ais' } }

/** The command lines, and what each sends. */
const LINES: readonly (readonly [line: string, method: string, path: string, body: object])[] = [
  ['copy photos copied', 'POST', `${PHOTOS}&bck_to=ais/@#/copied/`, { action: 'copy-bck', value: {} }],
  ['copy photos copied --all', 'POST', `${PHOTOS}&bck_to=ais/@#/copied/`, { action: 'copy-bck', value: {} }],
  [
    'copy ais://photos gs://copied --prefix a/ --prepend b/ --dry-run',
    ...(['POST', `${PHOTOS}&bck_to=gcp/@#/copied/`] as const),
    { action: 'copy-bck', value: { prefix: 'a/', prepend: 'b/', dry_run: true } },
  ],
  ['copy s3://data copied', 'POST', `${DATA}&bck_to=ais/@#/copied/`, { action: 'copy-bck', value: {} }],
  [
    'copy s3://data copied --all',
    'POST',
    `${DATA}&bck_to=ais/@#/copied/&presence=0`,
    { action: 'copy-bck', value: {} },
  ],
  [
    'copy photos copied --names a,b/c --continue-on-error',
    ...(['POST', PHOTOS] as const),
    { action: 'copy-listrange', value: { objnames: ['a', 'b/c'], ...COPIED, coer: true } },
  ],
  [
    'copy s3://data copied --template a{0..9} --latest',
    ...(['POST', DATA] as const),
    { action: 'copy-listrange', value: { template: 'a{0..9}', ...COPIED, 'latest-ver': true } },
  ],
  [
    'prefetch s3://data --names a,b --latest',
    ...(['POST', DATA] as const),
    { action: 'prefetch-listrange', value: { objnames: ['a', 'b'], 'latest-ver': true } },
  ],
  [
    'prefetch s3://data --prefix a/ --continue-on-error',
    ...(['POST', DATA] as const),
    { action: 'prefetch-listrange', value: { template: 'a/', coer: true } },
  ],
  ['prefetch s3://data --all', 'POST', DATA, { action: 'prefetch-listrange', value: { template: '' } }],
  [
    'archive photos shards --name x.tar --template a{0..9} --append',
    ...(['PUT', PHOTOS] as const),
    {
      action: 'archive',
      value: { template: 'a{0..9}', archname: 'x.tar', tobck: { name: 'shards', provider: 'ais' }, aate: true },
    },
  ],
  [
    'archive photos --name x.tgz --names a,b',
    ...(['PUT', PHOTOS] as const),
    { action: 'archive', value: { objnames: ['a', 'b'], archname: 'x.tgz' } },
  ],
]

describe('the verbs of aistore-rx that launch a job', () => {
  for (const [line, ...request] of LINES)
    it(`send one request for "${line}", and print the id alone`, async () => {
      const ran = await command(line.split(' '), { ...world, other: () => ({ body: 'tco-nscv9OuJU' }) })
      expect({ code: ran.code, stdout: ran.stdout, stderr: ran.stderr }).to.deep.equal({
        ...{ code: 0, stdout: 'tco-nscv9OuJU\n', stderr: '' },
      })
      expect(sent(ran)).to.deep.equal([request])
    })

  it('print several ids of one launch with commas between, as `wait` takes them', async () => {
    const { stdout } = await command(['copy', 'photos', 'copied', '--names', 'a'], {
      ...world,
      other: () => ({ body: 'jobNoFirst,jobNoOther' }),
    })
    expect(stdout).to.equal('jobNoFirst,jobNoOther\n')
  })

  it('write one JSON object for each job of a launch, from which `follow` can go on', async () => {
    const ran = await command(['copy', 'photos', 'copied', '--names', 'a,b', '--json'], {
      ...world,
      other: () => ({ body: 'jobNoFirst,jobNoOther' }),
    })
    const job = {
      ...{ type: 'started', kind: 'copy-listrange', inBucket: { name: 'photos' }, shared: true },
      expected: { objects: 2, atMost: true },
    }
    expect(recordsOf(ran, 'sinceMs')).to.deep.equal([
      { ...job, id: 'jobNoFirst' },
      { ...job, id: 'jobNoOther' },
      { type: 'end', terminal: true, code: 0 },
    ])
    expect(recordsOf(ran)[0]?.['sinceMs']).to.be.a('number')
  })

  it('exit with 4 if the cluster refuses it, without a word about a job', async () => {
    const { code, stdout, stderr } = await command(['copy', 'nowhere', 'copied'], world)
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(stderr).to.match(/^aistore-rx: [^\n]*"ais:\/\/nowhere" does not exist\n$/)
  })

  it('say that the job may have started if the reply is lost, and do not send the request again', async () => {
    const bad = await command(['copy', 'photos', 'copied'], { ...world, other: () => ({ status: 502, body: '' }) })
    const lost = await command(['prefetch', 's3://data', '--all'], { ...world, silent: [[0, Infinity]] })
    expect([bad.code, lost.code]).to.deep.equal([4, 4])
    expect(bad.stderr).to.match(/[^;]; the job may have started: aistore-rx show copy-bck\n$/)
    expect(lost.stderr).to.match(/[^;]; the job may have started: aistore-rx show prefetch-listrange\n$/)
    expect([sent(bad).length, sent(lost).length]).to.deep.equal([1, 1])
  })

  it('say so, too, if they are interrupted while the request is in flight', async () => {
    const { code, stderr } = await command(
      ['copy', 'photos', 'copied', '--names', 'a'],
      { ...world, silent: [[0, Infinity]] },
      { stop: [1_000, 'SIGTERM'] },
    )
    expect(code).to.equal(143)
    expect(stderr).to.equal('aistore-rx: interrupted; the job may have started: aistore-rx show copy-listrange\n')
  })

  it('name the address if nothing listens there, and do not say that the job may have started', async () => {
    const { code, stderr } = await command(['copy', 'a', 'b'], {}, { env: { AIS_ENDPOINT: 'http://gone' } })
    expect(code).to.equal(4)
    expect(stderr).to.match(/^aistore-rx: http:\/\/gone: [^\n]*\(ECONNREFUSED\)\n$/)
  })

  for (const [line, reason] of [
    ['copy', /expected FROM TO$/],
    ['copy photos', /expected FROM TO$/],
    ['copy photos a b', /expected FROM TO, got "b" too$/],
    ['copy photos a b c --template x0', /got "b" too; put a template in quotes$/],
    ['copy photos photos', /a bucket to itself$/],
    ['copy a/b/c photos', /"a\/b\/c" is no bucket/],
    [
      'copy photos a --all --prefix x',
      /select objects in one way: --names A,B, --template TEXT, --prefix TEXT or --all$/,
    ],
    ['copy photos a --names x,,y', /names: got "";/],
    ['copy photos a --prefix=', /--prefix expected a text; to select every object, give --all$/],
    ['copy photos a --names=', /--names expected a text; to select every object, give --all$/],
    ['copy photos a --template plain', /template: got "plain";/],
    ['copy photos a --timeout 3s', /--timeout requires --wait$/],
    ['prefetch', /expected BUCKET$/],
    ['prefetch s3://data', /select the objects: --names A,B, --template TEXT, --prefix TEXT or --all$/],
    ['prefetch photos --all', /expected a remote bucket such as s3:\/\/data, got ais:\/\/photos$/],
    ['archive photos shards --name x.tar', /select the objects: /],
    ['archive photos shards --all', /expected --name X\.tar$/],
    ['archive photos shards --name x --all', /name: got "x"; takes a name that ends in \.tar/],
  ] as const)
    it(`exit with 2 for "${line}", and send nothing`, async () => {
      const { code, stdout, stderr, requests } = await command(line.split(' '), world)
      expect({ code, stdout, requests }).to.deep.equal({ code: 2, stdout: '', requests: [] })
      expect(stderr).to.match(/^aistore-rx: [^\n]+\n$/)
      expect(stderr.trimEnd()).to.match(reason)
    })
})

describe('a verb of aistore-rx that launches a job, with --wait', () => {
  it('prints the id and how the job ended, and the progress on stderr', async () => {
    const { code, stdout, stderr } = await command(['copy', 'photos', 'copied', '--wait'], world)
    expect(code).to.equal(0)
    expect(stdout).to.match(/^(\S+)\n\1 {2}copy-bck {2}finished +9 s\n$/)
    expect(stderr).to.match(/^aistore-rx: copy-bck\[\S+\] running, 2 s, [\d,]+ objects\n/)
  })

  it('shows a bar on a terminal, with the share of the work if --total is given', async () => {
    const terminal = { columns: 100, rows: 30 }
    const { stderr } = await command(['copy', 'photos', 'copied', '--wait', '--total', '6000'], world, { terminal })
    expect(stderr).to.match(/copy-bck \S+ {2}[^\n]* {2}running {2}\d+ % {2}/)
  })

  it('takes the number of names as the total', async () => {
    const ran = await command(['prefetch', 's3://data', '--template', 'a{0..9}', '--wait', '--json'], world)
    const progress = recordsOf(ran).filter(({ type }) => type === 'progress')
    expect(progress.length).to.be.above(0)
    for (const one of progress) expect(one['ratio']).to.be.within(0, 1)
  })

  it('ends when a job that idles is idle', async () => {
    const ran = await command(['archive', 'photos', 'shards', '--name', 'x.tar', '--all', '--wait', '--json'], world)
    expect(ran.code).to.equal(0)
    expect(recordsOf(ran).at(-2)).to.include({ type: 'outcome', kind: 'archive', outcome: 'idle', success: true })
    expect(recordsOf(ran).at(-1)).to.deep.equal({ type: 'end', terminal: true, code: 0 })
  })

  it('exits with 1 if the job fails, and says why', async () => {
    const { code, stdout } = await command(['copy', 'photos', 'copied', '--names', 'none', '--wait'], world)
    expect(code).to.equal(1)
    expect(stdout).to.match(/ copy-listrange {2}failed .*ais:\/\/photos\/none does not exist\n$/)
  })

  it('succeeds if there was nothing to copy, so that no target ever knows the job', async () => {
    const nothing = await command(['copy', 's3://data', 'copied', '--all', '--wait'], {
      ...world,
      other: () => ({ body: 'tco-noneOfThem' }),
    })
    expect(nothing).to.include({ code: 0, stdout: 'tco-noneOfThem\ntco-noneOfThem  copy-listrange  finished   -\n' })
  })

  it('exits with 3 at --timeout, and with 130 after SIGINT; the job goes on', async () => {
    const argv = ['copy', 'photos', 'copied', '--wait']
    const late = await command([...argv, '--timeout', '3s'], world)
    expect(late.code).to.equal(3)
    expect(late.stdout).to.match(/ timed-out {2}3 s {2}last seen running\n$/)
    const interrupted = await command(argv, world, { stop: [3_000, 'SIGINT'] })
    expect(interrupted.code).to.equal(130)
    expect(interrupted.stderr).to.match(/interrupted; copy-bck\[(\S+)\] goes on: aistore-rx wait \1\n$/)
    expect([sent(late).length, sent(interrupted).length]).to.deep.equal([1, 1])
  })

  it('says that it retries while the cluster does not reply, and goes on', async () => {
    const { code, stderr } = await command(['copy', 'photos', 'copied', '--wait'], {
      ...world,
      silent: [[1_000, 40_000]],
    })
    expect(code).to.equal(0)
    expect(stderr).to.match(/^aistore-rx: [^\n]* got no [^\n]*; retrying$/m)
  })
})
