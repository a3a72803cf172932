import { expect } from 'chai'
import * as rx from '../../../lib/index.ts'
import fc from 'fast-check'
import { findKind, isKindInfo, suggestKind, type KindInfo } from '../../../lib/model/kind.ts'
import { KINDS } from '../../../lib/model/kinds.ts'

// The table of protocol 4: kind, display name (`=`: as the kind), scope (`SCOPES` has its letters), then `s` if `start`
// can start it, `i` if the Information Center tracks it, `d` if it idles.
const PROTOCOL = `
  election            elect-primary        C
  rebalance           =                    C   s i
  etl-inline          =                    C     i
  lru                 lru-eviction         CB  s i
  cleanup-store       cleanup              CB  s i
  summary-bck         summary              CB
  summary-shard       shard-summary        B
  resilver            =                    T   s i
  rechunk             =                    B   s i
  index-shard         shard-index          B     i
  ec-get              =                    B       d
  ec-put              =                    B       d
  ec-resp             =                    B       d
  put-copies          =                    B       d
  archive             =                    B       d
  copy-listrange      copy-objects         B       d
  etl-listrange       etl-objects          B       d
  blob-download       =                    T   s
  download            =                    C     i d
  dsort               =                    B
  promote             promote-files        B     i
  evict-listrange     evict-objects        B     i
  evict-remote-bck    evict-remote-bucket  B
  delete-listrange    delete-objects       B     i
  prefetch-listrange  prefetch-objects     B   s i
  ec-encode           ec-bucket            B     i
  make-n-copies       mirror               B     i
  move-bck            rename-bucket        B     i
  copy-bck            copy-bucket          B     i
  etl-bck             etl-bucket           B     i
  list                =                    B       d
  get-batch           =                    CB      d
  create-inventory    =                    B     i
  load-lom-cache      warm-up-metadata     B   s i
`

const SCOPES = { cluster: 'C', bucket: 'B', 'bucket-or-cluster': 'CB', target: 'T' }

describe('KINDS', () => {
  it('equals the table of the protocol', () => {
    const rows = PROTOCOL.trim()
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
    const ours = KINDS.map(({ kind, displayName, scope, startable, ic, idles }) => [
      kind,
      displayName ?? '=',
      SCOPES[scope],
      ...(startable === true ? ['s'] : []),
      ...(ic === true ? ['i'] : []),
      ...(idles === true ? ['d'] : []),
    ])
    expect(ours).to.deep.equal(rows)
  })

  it('advises functions that the package exports', () => {
    const advised = KINDS.flatMap(({ advice = '' }) => /^use (\w+)\(\)/.exec(advice)?.[1] ?? [])
    expect(advised).to.include.members(['copyBucket', 'archive', 'createInventory'])
    for (const name of advised) expect(rx, name).to.have.property(name).that.is.a('function')
  })

  it('has advice for exactly the kinds that cannot be started', () => {
    for (const { kind, startable, advice } of KINDS) expect(startable === true, kind).to.equal(advice === undefined)
  })

  it('has unique names and display names', () => {
    const names = KINDS.flatMap(({ kind, displayName }) => [kind, ...(displayName === undefined ? [] : [displayName])])
    expect(new Set(names).size).to.equal(names.length)
    for (const name of names) expect([findKind(name)?.kind, findKind(name)?.displayName]).to.include(name)
  })
})

describe('findKind', () => {
  it('prefers a kind that the user has added', () => {
    const mine: KindInfo = { kind: 'lru', scope: 'cluster' }
    expect(findKind('lru', [mine])).to.equal(mine)
    expect(findKind('lru-eviction')?.kind).to.equal('lru')
    expect(findKind('toString')).to.equal(undefined)
    expect(findKind('Lru')).to.equal(undefined)
  })
})

describe('suggestKind', () => {
  const near: readonly (readonly [typed: string, suggested: string | undefined])[] = [
    ['lur', 'lru'],
    ['LRU', 'lru'],
    ['rebalanc', 'rebalance'],
    ['re-balance', 'rebalance'],
    ['prefetch', 'prefetch-listrange'],
    ['copy-bucke', 'copy-bucket'],
    ['evict', 'evict-listrange'],
    ['download-blob', undefined],
    ['xyzzy', undefined],
  ]
  for (const [typed, suggested] of near)
    it(`suggests ${suggested ?? 'nothing'} for ${typed}`, () => {
      expect(suggestKind(typed)).to.equal(suggested)
    })

  it('suggests a kind that the user has added', () => {
    expect(suggestKind('defragg', [{ kind: 'defrag', scope: 'cluster' }])).to.equal('defrag')
  })

  it('needs less than 10 ms for a text of 100,000 characters', () => {
    const started = process.cpuUsage().user
    for (let i = 0; i < 100; i++) suggestKind('x'.repeat(100_000))
    expect(process.cpuUsage().user - started).to.be.below(1_000_000)
  })
})

describe('isKindInfo', () => {
  it('never throws, and accepts each row of the table', () => {
    expect(KINDS.every(isKindInfo)).to.equal(true)
    fc.assert(fc.property(fc.anything(), (value) => !isKindInfo(value)))
  })
})
