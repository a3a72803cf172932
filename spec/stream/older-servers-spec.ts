import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { right } from '../../lib/common/either.ts'
import { statuses } from '../../lib/listings.ts'
import { status } from '../../lib/queries.ts'
import { ID, allShow, snap, statusIs } from '../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted } from '../helpers/scripted.ts'
import { finished, outcomeOf, settle } from '../helpers/settle.ts'
import type { World } from '../helpers/fake-cluster.ts'

const fixture = (name: string): string => readFileSync(`spec/fixtures/older/${name}.json`, 'utf8')
const replying = (name: string) => clusterOf(scripted(() => ({ body: fixture(name) })))

describe('a server of AIStore 3.8 to 3.19, whose statuses have no kind', () => {
  const open = { id: ID, err: '', aborted: false }
  const ended = { id: 'jobBBBBBB', err: '', aborted: false, endTime: 1795427159000000001n }

  it('is decoded with the kind of the query', () => {
    expect(only(status(replying('status-running'), { id: ID, kind: 'copy-bck' }))).to.deep.equal(
      right({ ...open, kind: 'copy-bck' }),
    )
    expect(only(statuses(replying('statuses'), { kind: 'lru' }))).to.deep.equal(
      right([
        { ...open, kind: 'lru' },
        { ...ended, kind: 'lru' },
      ]),
    )
  })

  it('is decoded with an empty kind if the query has none', () => {
    expect(only(status(replying('status-running'), { id: ID }))).to.deep.equal(right({ ...open, kind: '' }))
    expect(only(statuses(replying('statuses')))).to.deep.equal(
      right([
        { ...open, kind: '' },
        { ...ended, kind: '' },
      ]),
    )
  })

  it('still refuses a kind that is not a text', () => {
    const cluster = clusterOf(scripted(() => ({ body: fixture('status-running').replace('{', '{"kind":7,') })))
    expect(only(status(cluster, { id: ID }))).to.have.nested.property('left._tag', 'DecodeError')
  })

  const withoutKind = (endMs?: number) => {
    const reply = statusIs(endMs === undefined ? {} : { endMs })
    return { ...reply, body: reply.body.replace(/"kind":"[^"]*",?/, '') }
  }
  const older = (endMs: number): World => ({
    status: (ms) => withoutKind(ms < endMs ? undefined : endMs),
    snapshots: (ms) => allShow(snap(ms < endMs ? {} : { endMs })),
  })
  const newer = (endMs: number): World => ({
    ...older(endMs),
    status: (ms) => statusIs(ms < endMs ? {} : { endMs }),
  })

  it('sends statuses without a kind in the specs below', () => {
    expect(withoutKind().body).to.contain(ID)
    expect(withoutKind().body).not.to.contain('kind')
  })

  for (const selector of [{ id: ID, kind: 'copy-bck' }, { id: ID }])
    it(`lets a wait for ${JSON.stringify(selector)} end as with a newer server`, () => {
      const settled = settle(older(5000), selector)
      expect(outcomeOf(settled)).to.deep.equal(finished(5000))
      expect(settled.atMs).to.equal(settle(newer(5000), selector).atMs)
    })
})
