/**
 * After a trial that the first endpoint answered first, or that had no answer in time, no query is sent to a second
 * endpoint for this time: then not one proxy is slow, but the cluster.
 */
const PAUSE_MS = 60_000

/** A query that has no reply after 5 s. */
export interface SlowQuery {
  /** Sends the query to a second endpoint, too. Returns false if there is none. */
  readonly sendSecond: () => boolean
}

/**
 * Decides which of the slow queries of one cluster value are sent to a second endpoint.
 *
 * One query is the trial, and the others wait for its outcome. If the second endpoint answers the trial first, all of
 * them are sent to a second endpoint. So a slow cluster gets one more request a minute.
 */
export class Hedging {
  private readonly now: () => number
  private readonly waiting = new Set<SlowQuery>()
  private trial: SlowQuery | undefined = undefined
  private pausedUntilMs = -Infinity

  /** @param now a monotonic clock */
  constructor(now: () => number) {
    this.now = now
  }

  /** Makes a slow query the trial, or lets it wait for the outcome of the trial. */
  add(query: SlowQuery): void {
    if (this.now() < this.pausedUntilMs) return
    if (this.trial !== undefined) {
      this.waiting.add(query)
      return
    }
    this.trial = query
    if (!query.sendSecond()) this.trial = undefined
  }

  /**
   * Removes a query that has ended.
   *
   * @param winner the endpoint that answered first; undefined if the query was cancelled, or if both endpoints failed
   */
  ended(query: SlowQuery, winner: 'first' | 'second' | undefined): void {
    this.waiting.delete(query)
    if (query !== this.trial) return
    this.trial = undefined
    const waiting = [...this.waiting]
    this.waiting.clear()
    if (winner === 'first') this.pausedUntilMs = this.now() + PAUSE_MS
    else if (winner === 'second') for (const one of waiting) one.sendSecond()
    else for (const one of waiting) this.add(one)
  }
}
