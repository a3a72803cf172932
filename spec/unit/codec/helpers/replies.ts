import { readdirSync, readFileSync } from 'node:fs'
import type * as t from 'io-ts'
import { ClusterMap } from '../../../../lib/codec/cluster-map.ts'
import { ErrorBody } from '../../../../lib/codec/error-body.ts'
import { JobStatus } from '../../../../lib/codec/job-status.ts'
import { JobStatuses } from '../../../../lib/codec/job-statuses.ts'
import { Running } from '../../../../lib/codec/running.ts'
import { Snapshots } from '../../../../lib/codec/snapshots.ts'

// The replies that were recorded on real clusters, with the codec of each.

type CodecName = 'ClusterMap' | 'ErrorBody' | 'JobStatus' | 'JobStatuses' | 'Running' | 'Snapshots'

/** One recorded reply of a real cluster. */
export interface Reply {
  readonly scenario: string
  readonly codec: CodecName
  readonly query: string
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const CODECS: Readonly<Record<CodecName, t.Mixed>> = {
  ClusterMap,
  ErrorBody,
  JobStatus,
  JobStatuses,
  Running,
  Snapshots,
}
const folder = new URL('../../../fixtures/replies/', import.meta.url)

/** All recorded replies, by file name without extension. */
export const replies: Readonly<Record<string, Reply>> = Object.fromEntries(
  readdirSync(folder)
    .sort()
    .map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Reply]),
)

/** The body of one recorded reply. */
export function bodyOf(name: string): string {
  const reply = replies[name]
  if (reply === undefined) throw new Error(`no recorded reply ${name}`)
  return reply.body
}

/** The codec of a recorded reply. */
export function codecOf(reply: Reply): t.Type<unknown, unknown> {
  return CODECS[reply.codec]
}
