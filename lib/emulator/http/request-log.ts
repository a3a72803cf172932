/** One request that the emulator received. */
export interface RequestRecord {
  /** Sequence number over all nodes, from 1, without gaps. */
  readonly n: number
  /** When the request arrived, in milliseconds of the cluster's time. */
  readonly atMs: number
  /** Id of the node that received the request. */
  readonly node: string
  /** HTTP method, as received. */
  readonly method: string
  /** Path without the query, such as `/v1/cluster`. */
  readonly path: string
  /** Query without its question mark; empty if there is no query. */
  readonly query: string
  /** Value of `what` in the query; empty if there is none. */
  readonly what: string
  /** First 16,384 characters of the body. */
  readonly body: string
}

const MAX_RECORDS = 10_000
const MAX_BODY_CHARS = 16_384

/** The newest ten thousand requests, oldest first. */
export class RequestLog {
  private records: RequestRecord[] = []
  private total = 0

  /** Adds a request. */
  add(record: Omit<RequestRecord, 'n'>): void {
    this.total += 1
    this.records.push({ n: this.total, ...record, body: record.body.slice(0, MAX_BODY_CHARS) })
    // Trim in bulk: shifting the array for each request would cost time proportional to its length.
    if (this.records.length >= 2 * MAX_RECORDS) this.records = this.records.slice(-MAX_RECORDS)
  }

  /** The requests among the newest ten thousand that match; without `match`, all of them. */
  list(match?: (record: RequestRecord) => boolean): readonly RequestRecord[] {
    const newest = this.records.slice(-MAX_RECORDS)
    return match ? newest.filter(match) : newest
  }

  /**
   * The number of requests among the newest ten thousand that match; without `match`, the number of all since `clear`.
   */
  count(match?: (record: RequestRecord) => boolean): number {
    return match ? this.list(match).length : this.total
  }

  /** Drops all records and restarts the count at 0. */
  clear(): void {
    this.records = []
    this.total = 0
  }
}
