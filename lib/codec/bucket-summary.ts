import * as t from 'io-ts'
import { listOf } from './containers.ts'
import { Int64FromString } from './int64.ts'
import { nullAsEmpty, withDefault } from './members.ts'

const Count = withDefault(Int64FromString, 0n)

/**
 * A summary of one bucket, as the cluster writes it.
 *
 * Source: protocol 2.10.
 */
const BucketSummary = t.type(
  {
    ObjCount: t.type({ obj_count_present: Count, obj_count_remote: Count }),
    ObjSize: t.type({ obj_min_size: Count, obj_avg_size: Count, obj_max_size: Count }),
    TotalSize: t.type({ size_on_disk: Count, size_all_present_objs: Count, size_all_remote_objs: Count }),
  },
  'BucketSummary',
)

/** The reply with summaries. */
export const BucketSummaries: t.Type<readonly t.TypeOf<typeof BucketSummary>[], unknown> = nullAsEmpty(
  listOf(BucketSummary, 'BucketSummaries'),
  [],
)
