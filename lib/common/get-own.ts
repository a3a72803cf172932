/**
 * The member of a record whose keys may be any text; undefined if it has none. A plain look-up would find the members of the
 * prototype, such as `constructor`, which may be the id of a job.
 */
export const getOwn = <A>(record: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
