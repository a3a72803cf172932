/** One request that reached the emulator. */
export interface RequestRecord {
  /** Counts from 1, without gaps, over all nodes. */
  readonly n: number
  /** Milliseconds of the cluster's time. */
  readonly atMs: number
  /** The id of the node that was asked. */
  readonly node: string
  /** The HTTP method as it arrived. */
  readonly method: string
  /** Without the query, such as `/v1/cluster`. */
  readonly path: string
  /** Without its question mark, empty where there is none. */
  readonly query: string
  /** The `what` of the query, empty where there is none. */
  readonly what: string
  /** The first 16,384 characters of it. */
  readonly body: string
}

const KEPT = 10_000
const BODY_KEPT = 16_384

/** What was asked, oldest first: the newest ten thousand. */
export class RequestLog {
  private records: RequestRecord[] = []
  private total = 0

  /** Notes a request. */
  add(record: Omit<RequestRecord, 'n'>): void {
    this.records.push({ n: ++this.total, ...record, body: record.body.slice(0, BODY_KEPT) })
    // Cut in bulk: shifting one by one would make each request cost as much as all before it.
    if (this.records.length >= 2 * KEPT) this.records = this.records.slice(-KEPT)
  }

  /** Those that match, of the newest ten thousand; all of them without a match. */
  list(match?: (record: RequestRecord) => boolean): readonly RequestRecord[] {
    const newest = this.records.slice(-KEPT)
    return match ? newest.filter(match) : newest
  }

  /** How many match; without a match, how many there ever were. */
  count(match?: (record: RequestRecord) => boolean): number {
    return match ? this.list(match).length : this.total
  }

  /** Starts counting anew. */
  clear(): void {
    this.records = []
    this.total = 0
  }
}
