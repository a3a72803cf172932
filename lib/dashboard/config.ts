import { FORMS } from './forms.ts'
import { KINDS } from '../model/kinds.ts'

/** A command that the operator may allow. */
export type Allowed = 'start' | 'stop'

/** A kind of job that the page can start. */
export interface StartableKind {
  readonly kind: string
  readonly name: string
  readonly scope: 'cluster' | 'bucket' | 'bucket-or-cluster' | 'target'
}

/** What the server sends when the page opens. */
export interface PageConfig {
  /** The host of the cluster, as the page shows it. */
  readonly endpoint: string
  /** Whether the cluster runs inside the server, for a demonstration. */
  readonly embedded: boolean
  readonly allow: readonly Allowed[]
  /** Empty unless `start` is allowed. */
  readonly kinds: readonly StartableKind[]
  /** The number of objects in each bucket, where the server knows it. */
  readonly objects: Readonly<Record<string, number>>
}

/** The kinds that need no more than a bucket or a target. A kind with its own form is omitted. */
export const startableKinds = (): readonly StartableKind[] =>
  KINDS.filter(({ startable, kind }) => startable === true && !FORMS.some((form) => form.kind === kind))
    .filter(({ kind }) => kind !== 'blob-download')
    .map(({ kind, displayName = kind, scope }) => ({ kind, name: displayName, scope }))
