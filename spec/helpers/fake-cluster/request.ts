import type { HttpRequest } from '../../../lib/transport/transport.ts'

/** One request that reached the fake cluster, and what became of it. */
export interface FakeRequest {
  readonly what: 'status' | 'statuses' | 'snapshots' | 'running' | 'map' | 'other'
  readonly id: string | undefined
  readonly kind: string | undefined
  readonly atMs: number
  readonly host: string
  /** `cut`: the asker left before the reply. */
  state: 'open' | 'answered' | 'failed' | 'cut'
}

const QUESTIONS: Readonly<Record<string, FakeRequest['what']>> = {
  status: 'status',
  status_all: 'statuses',
  qryxstats: 'snapshots',
  running_all: 'running',
  smap: 'map',
}

export function requestOf({ method, url, body = '{}' }: HttpRequest, atMs: number): FakeRequest {
  const { host, searchParams } = new URL(url)
  const { id, kind } = JSON.parse(body) as { readonly id?: string; readonly kind?: string }
  const what = method === 'GET' ? (QUESTIONS[searchParams.get('what') ?? ''] ?? 'other') : 'other'
  return { what, id, kind, atMs, host, state: 'open' }
}
