import { archiveVerb, copy } from '../launch/copies.ts'
import { downloadVerb } from '../launch/download-verb.ts'
import { verbOf } from '../launch/launch-verb.ts'
import { erasureCodeVerb, mirrorVerb } from '../launch/layout-verbs.ts'
import { deleteVerb, evict, prefetchVerb } from '../launch/object-verbs.ts'
import type { Verb } from '../verb.ts'

/** The verbs that launch a job, in the order of the help. */
export const LAUNCHES: readonly Verb[] = [
  copy,
  prefetchVerb,
  evict,
  deleteVerb,
  archiveVerb,
  mirrorVerb,
  erasureCodeVerb,
  downloadVerb,
].map(verbOf)
