import type * as all from '../../common/interned.ts'

/** A page keeps few jobs, so equal texts need not share memory. */
export const interned: typeof all.interned = (text) => text
