import type { Query } from '../view/evidence.ts'

/**
 * The queries of one source. At most `limit` of them are in flight; the others are sent in the order in which they
 * came.
 */
export class Queue {
  private readonly limit: number
  /** Sends a query. Returns false if the query was cancelled while it was queued. */
  private readonly send: (query: Query, queue: Queue) => boolean
  private waiting: Query[] = []
  private inFlight = 0
  private isSending = false

  constructor(limit: number, send: (query: Query, queue: Queue) => boolean) {
    this.limit = limit
    this.send = send
  }

  add(query: Query): void {
    this.waiting.push(query)
    this.sendNext()
  }

  /** Records that a request is over, so that the next query can be sent. */
  ended(): void {
    this.inFlight--
    this.sendNext()
  }

  clear(): void {
    this.waiting = []
  }

  /**
   * This is a loop, because thousands of queries in a row may have been cancelled. The nested subscriptions of `mergeMap`
   * would then exceed the call stack.
   */
  private sendNext(): void {
    if (this.isSending) return
    this.isSending = true
    while (this.inFlight < this.limit) {
      const query = this.waiting.shift()
      if (query === undefined) break
      this.inFlight++
      if (!this.send(query, this)) this.inFlight--
    }
    this.isSending = false
  }
}
