import { expect } from 'chai'
import { start } from '../../../lib/commands.ts'
import { andThen } from '../../../lib/operators/and-then.ts'
import { wait } from '../../../lib/wait.ts'
import { snapshotsAre, snap } from '../../helpers/fake-cluster/replies.ts'
import { observe } from '../../helpers/observe.ts'
import { finished } from '../../helpers/settle.ts'
import { right } from '../../../lib/common/either.ts'

// Trap 12 of docs/protocol.md: for some kinds, a start returns no id. `observe` runs one stream against scripted
// replies.

describe('T12: a start whose reply has no id', () => {
  it('leads to a wait by kind', () => {
    const kind = 'blob-download'
    const observed = observe(
      {
        snapshots: (ms) =>
          snapshotsAre({
            t1: [snap({ id: 'earlier12', kind, endMs: -5000 })],
            t2: ms < 1500 ? [] : [snap({ kind, startMs: 1200, ...(ms < 5000 ? {} : { endMs: 5000 }) })],
          }),
        other: () => ({ status: 200, body: '' }),
      },
      (cluster) =>
        start(cluster, { kind, bucket: { name: 'cloud', provider: 'aws' }, name: 'object' }).pipe(
          andThen((job) => wait(cluster, job)),
        ),
    )
    expect(observed.values).to.deep.equal([right(finished(5000, kind))])
    expect(observed.requestLog.filter((one) => one.startsWith('other'))).to.deep.equal(['other@0'])
    expect(observed.times[0]).to.be.within(5000, 6000)
  })
})
