import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { command, recordsOf, type Ran } from '../../helpers/command.ts'

// The verbs of the command line that launch a job, such as `copy` and `download`, on an emulated cluster in virtual
// time.

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
/** The bucket `shards` as a request names it. */
const SHARDS = { name: 'shards', provider: 'ais' }
/** The destination bucket as a request names it. */
const COPIED = { tobck: { name: 'copied', provider: 'ais' } }

/** What a user types; the method, the path and the body of the request that the command sends. */
const LAUNCHES: readonly {
  readonly line: string
  readonly method: string
  readonly path: string
  readonly body: object
}[] = [
  {
    line: 'copy photos copied',
    method: 'POST',
    path: `${PHOTOS}&bck_to=ais/@#/copied/`,
    body: { action: 'copy-bck', value: {} },
  },
  {
    line: 'copy photos copied --all',
    method: 'POST',
    path: `${PHOTOS}&bck_to=ais/@#/copied/`,
    body: { action: 'copy-bck', value: {} },
  },
  {
    line: 'copy ais://photos gs://copied --prefix a/ --prepend b/ --dry-run',
    method: 'POST',
    path: `${PHOTOS}&bck_to=gcp/@#/copied/`,
    body: { action: 'copy-bck', value: { prefix: 'a/', prepend: 'b/', dry_run: true } },
  },
  {
    line: 'copy s3://data copied',
    method: 'POST',
    path: `${DATA}&bck_to=ais/@#/copied/`,
    body: { action: 'copy-bck', value: {} },
  },
  {
    line: 'copy s3://data copied --all',
    method: 'POST',
    path: `${DATA}&bck_to=ais/@#/copied/&presence=0`,
    body: { action: 'copy-bck', value: {} },
  },
  {
    line: 'copy photos copied --names a,b/c --continue-on-error',
    method: 'POST',
    path: PHOTOS,
    body: { action: 'copy-listrange', value: { objnames: ['a', 'b/c'], ...COPIED, coer: true } },
  },
  {
    line: 'copy s3://data copied --template a{0..9} --latest',
    method: 'POST',
    path: DATA,
    body: { action: 'copy-listrange', value: { template: 'a{0..9}', ...COPIED, 'latest-ver': true } },
  },
  {
    line: 'prefetch s3://data --names a,b --latest',
    method: 'POST',
    path: DATA,
    body: { action: 'prefetch-listrange', value: { objnames: ['a', 'b'], 'latest-ver': true } },
  },
  {
    line: 'prefetch s3://data --prefix a/ --continue-on-error',
    method: 'POST',
    path: DATA,
    body: { action: 'prefetch-listrange', value: { template: 'a/', coer: true } },
  },
  {
    line: 'prefetch s3://data --all',
    method: 'POST',
    path: DATA,
    body: { action: 'prefetch-listrange', value: { template: '' } },
  },
  {
    line: 'archive photos shards --name x.tar --template a{0..9} --append',
    method: 'PUT',
    path: PHOTOS,
    body: {
      action: 'archive',
      value: { template: 'a{0..9}', archname: 'x.tar', tobck: SHARDS, aate: true },
    },
  },
  {
    line: 'archive photos --name x.tgz --names a,b',
    method: 'PUT',
    path: PHOTOS,
    body: {
      action: 'archive',
      value: { objnames: ['a', 'b'], archname: 'x.tgz', tobck: { name: 'photos', provider: 'ais' } },
    },
  },
  {
    line: 'evict s3://data --template a{0..9}',
    method: 'DELETE',
    path: DATA,
    body: { action: 'evict-listrange', value: { template: 'a{0..9}' } },
  },
  {
    line: 'evict s3://data --all',
    method: 'DELETE',
    path: DATA,
    body: { action: 'evict-listrange', value: { template: '' } },
  },
  {
    line: 'delete photos --names a,b --continue-on-error',
    method: 'DELETE',
    path: PHOTOS,
    body: { action: 'delete-listrange', value: { objnames: ['a', 'b'], coer: true } },
  },
  {
    line: 'delete photos --prefix a/ --yes',
    method: 'DELETE',
    path: PHOTOS,
    body: { action: 'delete-listrange', value: { template: 'a/' } },
  },
  {
    line: 'delete photos --all -y',
    method: 'DELETE',
    path: PHOTOS,
    body: { action: 'delete-listrange', value: { template: '' } },
  },
  { line: 'mirror photos --copies 2', method: 'POST', path: PHOTOS, body: { action: 'make-n-copies', value: 2 } },
  {
    line: 'erasure-code photos --data 2 --parity 1',
    method: 'POST',
    path: PHOTOS,
    body: { action: 'ec-encode', value: '{"enabled":true,"data_slices":2,"parity_slices":1}' },
  },
  {
    line: 'erasure-code photos --data 2 --parity 1 --recover',
    method: 'POST',
    path: PHOTOS,
    body: { action: 'ec-encode', name: 'recover', value: '{"enabled":true,"data_slices":2,"parity_slices":1}' },
  },
  {
    line: 'download https://example.com/a.tar --to shards',
    method: 'POST',
    path: '/v1/download',
    body: { type: 'single', link: 'https://example.com/a.tar', bucket: SHARDS },
  },
  {
    line: 'download https://example.com/?id=1 --to shards --name a.tar --description mine',
    method: 'POST',
    path: '/v1/download',
    body: {
      type: 'single',
      link: 'https://example.com/?id=1',
      object_name: 'a.tar',
      bucket: SHARDS,
      description: 'mine',
    },
  },
  {
    line: 'download https://example.com/a https://example.com/b --to shards',
    method: 'POST',
    path: '/v1/download',
    body: { type: 'multi', objects: ['https://example.com/a', 'https://example.com/b'], bucket: SHARDS },
  },
  {
    line: 'download https://example.com/{000..099}.tar --to s3://data',
    method: 'POST',
    path: '/v1/download',
    body: {
      type: 'range',
      template: 'https://example.com/{000..099}.tar',
      bucket: { name: 'data', provider: 'aws' },
    },
  },
]

describe('the verbs of aistore-rx that launch a job', () => {
  for (const { line, method, path, body } of LAUNCHES)
    it(`send one request for "${line}", and print the id alone`, async () => {
      const id = line.startsWith('download') ? 'dnl-wzR2IWsbT' : 'tco-nscv9OuJU'
      const ran = await command(line.split(' '), { ...world, other: () => ({ body: id }) })
      expect({ code: ran.code, stdout: ran.stdout, stderr: ran.stderr }).to.deep.equal({
        code: 0,
        stdout: `${id}\n`,
        stderr: '',
      })
      expect(sent(ran)).to.deep.equal([[method, path, body]])
    })

  it('print several ids of one launch with commas between them, as `wait` accepts them', async () => {
    const { stdout } = await command(['copy', 'photos', 'copied', '--names', 'a'], {
      ...world,
      other: () => ({ body: 'jobIsFirst,jobIsOther' }),
    })
    expect(stdout).to.equal('jobIsFirst,jobIsOther\n')
  })

  it('write one JSON object for each job of a launch, from which `follow` can go on', async () => {
    const ran = await command(['copy', 'photos', 'copied', '--names', 'a,b', '--json'], {
      ...world,
      other: () => ({ body: 'jobIsFirst,jobIsOther' }),
    })
    const job = {
      type: 'started',
      kind: 'copy-listrange',
      inBucket: { name: 'photos' },
      shared: true,
      expected: { objects: 2, atMost: true },
    }
    expect(recordsOf(ran, 'sinceMs')).to.deep.equal([
      { ...job, id: 'jobIsFirst' },
      { ...job, id: 'jobIsOther' },
      { type: 'end', terminal: true, code: 0 },
    ])
    expect(recordsOf(ran)[0]?.['sinceMs']).to.be.a('number')
  })

  it('exit with 4 if the cluster refuses the launch, and mention no job', async () => {
    const { code, stdout, stderr } = await command(['copy', 'nowhere', 'copied'], world)
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(stderr).to.match(/^aistore-rx: [^\n]*"ais:\/\/nowhere" does not exist\n$/)
  })

  it('say that the job may have started if the reply is lost, and do not send the request again', async () => {
    const bad = await command(['copy', 'photos', 'copied'], { ...world, other: () => ({ status: 502, body: '' }) })
    const lost = await command(['prefetch', 's3://data', '--all'], { ...world, silent: [[0, Infinity]] })
    expect(bad.code).to.equal(4)
    expect(lost.code).to.equal(4)
    expect(bad.stderr).to.match(/[^;]; the job may have started: aistore-rx show copy-bck\n$/)
    expect(lost.stderr).to.match(/[^;]; the job may have started: aistore-rx show prefetch-listrange\n$/)
    expect([sent(bad).length, sent(lost).length]).to.deep.equal([1, 1])
  })

  it('say that the job may have started if they are interrupted while the request is in flight', async () => {
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
    ['evict photos --all', /expected a remote bucket such as s3:\/\/data, got ais:\/\/photos$/],
    ['evict s3://data', /select the objects: /],
    ['delete photos', /select the objects: /],
    ['delete photos --yes', /select the objects: /],
    ['delete photos --all', /this deletes every object of ais:\/\/photos; add --yes$/],
    ['delete photos --prefix a/', /every object that begins with "a\/" of ais:\/\/photos; add --yes$/],
    ['mirror photos', /expected --copies N$/],
    ['mirror photos --copies 0', /--copies expected a whole number from 1, got "0"$/],
    ['mirror --copies 2', /expected BUCKET$/],
    ['erasure-code photos --data 1', /expected --parity N$/],
    ['erasure-code photos --parity 1', /expected --data N$/],
    ['download --to shards', /expected LINK\.\.\.$/],
    ['download https://example.com/a', /expected --to BUCKET$/],
    ['download photos --to shards', /"photos" is no link; expected one such as https:/],
    ['download https://example.com/ --to shards', /what\.link: got "https:\/\/example\.com\/"/],
    ['download http://h/a http://i/a --to shards', /two links that end in "a"/],
    ['download http://h/{0..9} http://h/b --to shards', /expected a single link if it has a range$/],
    ['download http://h/a http://h/b --to shards --name c', /--name requires a single link, without a range$/],
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
    expect(stderr).to.match(/^aistore-rx: copy-bck\[\S+\] running, \d s, [\d,]+ objects\n/)
  })

  it('shows a bar on a terminal, with the share of the work if --total is given', async () => {
    const terminal = { columns: 100, rows: 30 }
    const { stderr } = await command(['copy', 'photos', 'copied', '--wait', '--total', '6000'], world, { terminal })
    expect(stderr).to.match(/copy-bck \S+ {2}[^\n]* {2}running {2}\d+ % {2}/)
  })

  it('uses the number of names as the total', async () => {
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

  it('exits with 1 if a name to delete does not exist, and says which', async () => {
    const { code, stdout } = await command(['delete', 'photos', '--names', 'none', '--wait'], world)
    expect(code).to.equal(1)
    expect(stdout).to.match(/ delete-listrange {2}failed .*ais:\/\/photos\/none does not exist\n$/)
  })

  it('exits with 1 if a link fails, and names the file', async () => {
    const argv = ['download', 'http://127.0.0.1/bad', 'https://example.com/good', '--to', 'shards', '--wait']
    const { code, stdout } = await command(argv, world)
    expect(code).to.equal(1)
    expect(stdout).to.match(/^(dnl-\S+)\n\1 {2}download {2}failed .* 1 of 2 files failed; bad: [^\n]+\n$/)
    const outcome = recordsOf(await command([...argv, '--json'], world)).at(-2)
    expect((outcome?.['files'] as readonly { readonly name: string }[]).map(({ name }) => name)).to.deep.equal(['bad'])
  })

  for (const line of [
    'evict s3://data --all',
    'delete photos --all --yes',
    'mirror photos --copies 2',
    'erasure-code photos --data 1 --parity 1',
    'download https://example.com/{0..9} --to shards',
  ])
    it(`exits with 0 when "${line}" has finished`, async () => {
      const { code, stdout } = await command([...line.split(' '), '--wait'], world)
      expect(code).to.equal(0)
      expect(stdout).to.match(/^(\S+)\n\1 {2}\S+ {2}finished +\d+ s\n$/)
    })

  it('counts the time of a job that others share from the launch on', async () => {
    const { stdout } = await command(['copy', 'photos', 'copied', '--names', 'a', '--wait'], {
      jobs: [{ id: 'tco-nscv9OuJU', kind: 'copy-listrange', atMs: -3_600_000, workedMs: 5_000 }],
      other: () => ({ body: 'tco-nscv9OuJU' }),
    })
    expect(stdout).to.match(/ copy-listrange {2}idle +\d\d s\n$/)
  })

  it('succeeds if there was nothing to copy, so that no target ever knows the job', async () => {
    const nothing = await command(['copy', 's3://data', 'copied', '--all', '--wait'], {
      ...world,
      other: () => ({ body: 'noneOfThem' }),
    })
    expect(nothing).to.include({ code: 0, stdout: 'noneOfThem\nnoneOfThem  copy-listrange  finished   -\n' })
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
