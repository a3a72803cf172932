import { readFileSync } from 'node:fs'

/** One recorded exchange with a real cluster. */
export interface Exchange {
  readonly seq: number
  readonly t_ms: number
  readonly dur_ms: number
  readonly to: string
  readonly method: string
  readonly path: string
  readonly query?: string
  readonly request_headers?: Readonly<Record<string, string>>
  readonly request_body?: string
  readonly status?: number
  readonly error?: string
  readonly response_content_type?: string | null
  readonly response_headers?: Readonly<Record<string, string>>
  readonly response_body?: string
  readonly response_body_binary_bytes?: number
  readonly repeated_at_ms?: readonly number[]
}

/** A recorded scenario: a series of exchanges. */
export interface Capture {
  readonly scenario: string
  readonly server: string
  readonly exchanges: readonly Exchange[]
}

/** Reads the recorded scenario with this name. */
export const capture = (name: string): Capture =>
  JSON.parse(readFileSync(new URL(`../fixtures/captures/${name}.json`, import.meta.url), 'utf8')) as Capture
