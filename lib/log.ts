import type { JobError, RequestInfo } from './error.ts'

/** What a `log` option is told; never a token, never a body. */
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
      /** A question or command that brought nothing. */
      readonly type: 'failure'
      readonly atMs: number
      readonly endpoint: string
      readonly request: RequestInfo
      readonly error: JobError
      readonly tookMs: number
    }
  | {
      /** The same request goes once more: to another endpoint, with a new token, or where a redirect points. */
      readonly type: 'retry'
      readonly atMs: number
      readonly request: RequestInfo
      readonly reason: 'next-endpoint' | 'new-token' | 'redirect'
    }
