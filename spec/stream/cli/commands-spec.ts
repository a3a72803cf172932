import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { command, recordsOf } from '../../helpers/command.ts'
import { refusal } from '../../helpers/fake-cluster/replies.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { atWork, endsAt, jobsWorld } from '../../helpers/jobs-world.ts'

// `aistore-rx start` and `stop` on an emulated cluster in virtual time.

const [LONG, OTHER, PAST] = ['jobIsLong1', 'jobIsOther', 'jobIsPast1']
const world = jobsWorld({
  [LONG]: atWork,
  [OTHER]: { ...atWork, kind: 'lru' },
  [PAST]: endsAt(-5_000),
})
/** A cluster with a bucket of 60 million objects. */
const withBucket: World = {
  events: [[0, ({ cluster }) => void seedBucket(cluster, 'photos', { objects: 60_000_000 }, 0)]],
}
/** The bodies of the commands that were sent. */
const sent = ({
  requests,
}: {
  readonly requests: readonly { readonly method: string; readonly text?: string | undefined }[]
}) =>
  requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, text = '' }) => [method, (JSON.parse(text) as { readonly action: string }).action].join(' '))

describe('aistore-rx start', () => {
  it('prints the id alone, and sends the request once', async () => {
    const ran = await command(['start', 'load-lom-cache', 'photos'], withBucket)
    expect({ code: ran.code, stderr: ran.stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(ran.stdout).to.match(/^[\w-]{8,}\n$/)
    expect(sent(ran)).to.deep.equal(['PUT start'])
  })

  it('accepts --force and the --yes of `ais`', async () => {
    const ran = await command(['start', 'lru', '--force', '--yes'])
    expect(ran.code).to.equal(0)
    expect(ran.requests.find(({ method }) => method === 'PUT')?.text).to.match(/"force":true/i)
  })

  it('waits with --wait as `wait` does', async () => {
    const { code, stdout, endedMs } = await command(
      ['start', 'warm-up-metadata', '--bucket', 'ais://photos', '--wait'],
      withBucket,
    )
    expect(code).to.equal(0)
    const [id, outcome = ''] = stdout.split('\n')
    expect(outcome).to.match(new RegExp(`^${id ?? ''}  load-lom-cache  finished `))
    expect(endedMs).to.be.above(1_000)
  })

  it('exits with 3 if the job takes longer than --timeout, and with 130 after SIGINT; the job goes on', async () => {
    const argv = ['start', 'load-lom-cache', 'photos', '--wait']
    const late = await command([...argv, '--timeout', '1s'], withBucket)
    expect(late.code).to.equal(3)
    const interrupted = await command(argv, withBucket, { stop: [1_000, 'SIGINT'] })
    expect(interrupted.code).to.equal(130)
    expect(interrupted.stderr).to.match(/interrupted; load-lom-cache\[(\S+)\] goes on: aistore-rx wait \1\n$/)
    expect([sent(late), sent(interrupted)]).to.deep.equal([['PUT start'], ['PUT start']])
  })

  it('writes the start, the progress and the outcome as JSON lines', async () => {
    const records = recordsOf(await command(['start', 'load-lom-cache', 'photos', '--wait', '--json'], withBucket))
    expect(records[0]).to.include({ type: 'started', kind: 'load-lom-cache' })
    expect(records.at(-2)).to.include({ type: 'outcome', outcome: 'finished', success: true, id: records[0]?.['id'] })
    expect(records.at(-1)).to.deep.equal({ type: 'end', terminal: true, code: 0 })
  })

  it('exits with 4 if the cluster refuses it', async () => {
    const { code, stdout, stderr } = await command(['start', 'load-lom-cache', 'nowhere'])
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(stderr).to.match(/^aistore-rx: [^\n]*does not exist\n$/)
  })

  it('says that the job may run if the reply is lost, and does not send the request again', async () => {
    const ran = await command(['start', 'lru'], { other: () => refusal(502, 'bad gateway') })
    const lost = await command(['start', 'lru'], { silent: [[0, Infinity]] })
    expect(ran.code).to.equal(4)
    expect(lost.code).to.equal(4)
    expect(lost.stderr).to.match(/; the job may have started: aistore-rx show lru\n$/)
    expect([sent(ran), sent(lost)]).to.deep.equal([['PUT start'], ['PUT start']])
  })

  it('names the address if nothing listens there, and does not say that the job may have started', async () => {
    const { code, stderr } = await command(['start', 'lru'], {}, { env: { AIS_ENDPOINT: 'http://gone' } })
    expect(code).to.equal(4)
    expect(stderr).to.match(/^aistore-rx: http:\/\/gone: PUT \/v1\/cluster failed: [^\n]*\(ECONNREFUSED\)\n$/)
  })

  for (const [what, argv] of [
    ['no kind', []],
    ['a kind that cannot be started', ['list']],
    ['an unknown kind', ['rebalanse']],
    ['--timeout without --wait', ['lru', '--timeout', '3s']],
    ['an invalid bucket', ['lru', '--bucket', 'a/b/c']],
  ] as const)
    it(`exits with 2 for ${what}, and sends nothing`, async () => {
      const { code, stdout, stderr, requests } = await command(['start', ...argv], world)
      expect({ code, stdout, requests }).to.deep.equal({ code: 2, stdout: '', requests: [] })
      expect(stderr).to.match(/^aistore-rx: [^\n]+\n$/)
    })
})

describe('aistore-rx stop', () => {
  it('aborts a job, and waits until it has stopped', async () => {
    const ran = await command(['stop', LONG], world)
    expect({ code: ran.code, stderr: ran.stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(ran.stdout).to.equal(`${LONG}  stopped\n`)
    expect(sent(ran)).to.deep.equal(['PUT stop'])
  })

  it('sends no abort for a job that has ended, and prints its outcome', async () => {
    const ran = await command(['stop', PAST], world)
    expect(ran.code).to.equal(0)
    expect(ran.stdout).to.equal(`${PAST}  already over: finished\n`)
    expect(sent(ran)).to.deep.equal([])
  })

  it('aborts the jobs of a kind, or all with --all --yes', async () => {
    expect((await command(['stop', 'lru'], world)).stdout).to.equal(`${OTHER}  stopped\n`)
    const all = await command(['stop', '--all', '--yes'], world)
    expect(all.stdout.trimEnd().split('\n')).to.have.members([`${LONG}  stopped`, `${OTHER}  stopped`])
    const none = await command(['stop', 'rebalance'], world)
    expect(none).to.include({ code: 0, stdout: '', stderr: 'aistore-rx: no rebalance is running\n' })
  })

  it('goes on with the other jobs if the cluster does not know one of them, and exits with 4', async () => {
    const { code, stdout, stderr } = await command(['stop', 'jobIsNone1', LONG], world)
    expect(code).to.equal(4)
    expect(stdout).to.equal(`${LONG}  stopped\n`)
    expect(stderr).to.match(/jobIsNone1/)
  })

  it('exits with 3 if the abort does not show in time', async () => {
    const { code, stdout } = await command(['stop', LONG, '--timeout', '10s'], { ...world, other: () => ({}) })
    expect({ code, stdout }).to.deep.equal({ code: 3, stdout: '' })
  })

  it('writes a JSON object for each job', async () => {
    const records = recordsOf(await command(['stop', LONG, PAST, '--json'], world))
    expect(records).to.have.deep.members([
      { type: 'stopped', id: LONG, outcome: 'aborted', wasOver: false },
      { type: 'stopped', id: PAST, outcome: 'finished', wasOver: true },
      { type: 'end', terminal: true, code: 0 },
    ])
  })

  for (const argv of [[], ['--all'], ['x y']])
    it(`exits with 2 for "${argv.join(' ')}", and sends nothing`, async () => {
      const { code, stdout, requests } = await command(['stop', ...argv], world)
      expect({ code, stdout, requests }).to.deep.equal({ code: 2, stdout: '', requests: [] })
    })
})
