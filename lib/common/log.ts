import type { JobError, RequestInfo } from '../error.ts'

/** An event for the `log` option. It never contains a token or a body. */
export type LogEvent =
  | { readonly type: 'request'; readonly atMs: number; readonly endpoint: string; readonly request: RequestInfo }
  | {
      readonly type: 'reply'
      readonly atMs: number
      readonly endpoint: string
      readonly request: RequestInfo
      readonly status: number
      readonly tookMs: number
    }
  | {
      /** A request that failed. */
      readonly type: 'failure'
      readonly atMs: number
      readonly endpoint: string
      readonly request: RequestInfo
      readonly error: JobError
      readonly tookMs: number
    }
  | {
      /** A request is sent again: to another endpoint, with a new token, or to the target of a redirect. */
      readonly type: 'retry'
      readonly atMs: number
      readonly request: RequestInfo
      readonly reason: 'next-endpoint' | 'new-token' | 'redirect'
    }
