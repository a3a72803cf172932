/** How the generic start treats a kind: starts it, refuses it with a specific reason, or does not support it. */
export type Startable = 'yes' | 'by-puts' | 'by-own-api' | 'no'

/** Properties of a kind. They are separate from the library's table, so that the emulator can reveal errors in it. */
export interface Kind {
  readonly name: string
  readonly display: string
  readonly startable: Startable
  /** Whether a start without a bucket is refused. */
  readonly needsBucket: boolean
  /** Whether the bucket filter of a snapshot query applies. */
  readonly bucketScoped: boolean
  /** Whether the proxies listen to notifications of its targets, and so keep a status of each job. */
  readonly listened: boolean
  readonly idles: boolean
  /** Whether a start is refused while a rebalance or resilver runs. */
  readonly conflicts: boolean
  /** Whether a new rebalance aborts it. */
  readonly yields: boolean
}

// name | display name, or = | startable | scope | marks: L listened, I idles, C conflicts, Y yields to a rebalance
const TABLE = `
election elect-primary no C -
rebalance = yes C L
etl-inline = no C LY
lru lru-eviction yes CB L
cleanup-store cleanup yes CB LC
summary-bck summary no CB -
summary-shard shard-summary no B -
resilver = yes T L
rechunk = yes B LCY
index-shard shard-index no B LC
ec-get = no B I
ec-put = no B I
ec-resp = no B I
put-copies = by-puts B I
archive = no B I
copy-listrange copy-objects no B ICY
etl-listrange etl-objects no B ICY
blob-download = yes B Y
download = by-own-api C LIY
dsort = no B CY
promote promote-files no B L
evict-listrange evict-objects by-own-api B L
evict-remote-bck evict-remote-bucket no B -
delete-listrange delete-objects by-own-api B L
prefetch-listrange prefetch-objects yes B L
ec-encode ec-bucket by-own-api B LCY
make-n-copies mirror by-own-api B L
move-bck rename-bucket no B LCY
copy-bck copy-bucket no B LCY
etl-bck etl-bucket no B LCY
list = no B I
get-batch = no CB ICY
create-inventory = no B LCY
load-lom-cache warm-up-metadata yes B L`

const rows: readonly Kind[] = TABLE.trim()
  .split('\n')
  .map((row) => {
    const [name = '', display = '', startable = 'no', scope = '', marks = ''] = row.split(' ')
    return {
      name,
      display: display === '=' ? name : display,
      startable: startable as Startable,
      needsBucket: scope === 'B',
      bucketScoped: scope === 'B' || scope === 'CB',
      listened: marks.includes('L'),
      idles: marks.includes('I'),
      conflicts: marks.includes('C'),
      yields: marks.includes('Y'),
    }
  })

/** The server's kinds by name. */
export const kinds: ReadonlyMap<string, Kind> = new Map(rows.map((kind) => [kind.name, kind]))

const byDisplay: ReadonlyMap<string, string> = new Map(rows.map((kind) => [kind.display, kind.name]))

/** The kind with exactly this name or display name; empty if there is none, as on the server. */
export const kindNamed = (text: string): string => (kinds.has(text) ? text : (byDisplay.get(text) ?? ''))

/**
 * The name of the kind with this name or display name.
 *
 * @throws RangeError if there is no such kind
 */
export const requireKind = (text: string): string => {
  const kind = kindNamed(text)
  if (kind === '') throw new RangeError(`no such kind of job: ${text}`)
  return kind
}
