/**
 * Returns a member of a record whose keys may be any text; undefined if the record does not have it. A plain look-up
 * would also find members of the prototype, such as `constructor`, which may be the id of a job.
 */
export const getOwn = <A>(record: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
