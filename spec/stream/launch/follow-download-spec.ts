import { expect } from 'chai'
import { delay, type Observable } from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import { download, follow, type FollowEvent } from '../../../lib/index.ts'
import { fileOf, type FakeDownload } from '../../helpers/fake-cluster/download.ts'
import { restarts } from '../../helpers/fake-cluster/happenings.ts'
import { json, refusal } from '../../helpers/fake-cluster/replies.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { observe, type Observed } from '../../helpers/observe.ts'
import { failing } from '../../helpers/scripted.ts'

// `follow` of a download, whose progress and end come from the download API.

const ID = 'dnl-FH-CdapbR'

/** 30 files, and the id of their download as the reply to its launch. */
const worldOf = (more: Partial<FakeDownload> = {}): World => ({
  downloads: [{ id: ID, ...more }],
  other: (_, { method }) => (method === 'POST' ? json({ id: ID, extra: 1 }) : {}),
})

/** Launches a download of 30 files. */
const launchDownload = (cluster: Cluster): ReturnType<typeof download> =>
  download(cluster, { to: { name: 'b' }, what: { template: 'https://example.com/f-{000..029}' } })

const followed = (cluster: Cluster): Observable<Result<FollowEvent>> => follow(cluster, launchDownload(cluster))

/** The ratio of each progress. */
const ratiosOf = ({ values }: Observed<Result<FollowEvent>>): readonly (number | undefined)[] =>
  values.flatMap((one) => (!isLeft(one) && one.right.type === 'progressed' ? [one.right.progress.ratio] : []))

describe('follow of a download', () => {
  it('has the number of links as its total, and ends as finished', () => {
    const seen = observe(worldOf(), followed)
    expect(seen.values[0]).to.have.nested.property('right.jobs[0].id', ID)
    const ratios = ratiosOf(seen)
    expect(ratios.some((ratio = 0) => ratio > 0 && ratio < 1)).to.equal(true)
    expect(ratios.at(-1)).to.equal(1)
    expect(seen.values.at(-1)).to.have.nested.property('right.result.outcome', 'finished')
  })

  it('ends as failed if a link fails, and names the files', () => {
    const seen = observe(worldOf({ errors: { 3: 'gone' } }), followed)
    const last = seen.values.at(-1)
    expect(last).to.have.nested.property('right.result.outcome', 'failed')
    expect(last)
      .to.have.nested.property('right.result.files')
      .deep.equal([{ name: fileOf(3), error: 'gone' }])
  })

  it('ends as lost if a target has forgotten its part before the first reply', () => {
    const { values } = observe({ ...worldOf(), events: [[200, restarts(1)]] }, (cluster) =>
      follow(cluster, launchDownload(cluster).pipe(delay(300))),
    )
    expect(values.at(-1)).to.have.nested.property('right.result.outcome', 'lost')
    expect(values.at(-1)).to.have.nested.property('right.result.success', false)
  })

  it('aborts by the download API', () => {
    const seen = observe(
      worldOf(),
      (cluster) => follow(cluster, launchDownload(cluster), { abortOnUnsubscribe: true }),
      {
        unsubscribeAtMs: 2_000,
      },
    )
    const commands = seen.requests.filter(({ method }) => method !== 'GET')
    expect(commands.map(({ method, path, body }) => [method, path, body]).slice(1)).to.deep.equal([
      ['DELETE', '/v1/download/abort', { id: ID }],
    ])
  })

  it('passes on whether a download may have started', () => {
    const lost = observe({ other: () => failing('ECONNRESET') }, followed)
    expect(lost.values).to.have.lengthOf(1)
    expect(lost.values[0]).to.have.nested.property('left.mayHaveStarted', true)
    // If one target cannot start the download, the cluster refuses it, although other targets may have started it.
    const inPart = observe({ other: () => refusal(404, 'Error starting download: no bucket') }, followed)
    expect(inPart.values[0]).to.have.nested.property('left.mayHaveStarted', true)
    const sure = observe({ other: () => refusal(404, 'bucket "ais://x" does not exist', 'ErrBckNotFound') }, followed)
    expect(sure.values[0]).to.have.nested.property('left.mayHaveStarted', false)
  })
})
