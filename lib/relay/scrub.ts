// Linear patterns: the texts come from a server.
const URL_LIKE = /\bhttps?:\/\/[^\s"'<>]+/g
const IPV4 = /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b/g
const IPV6 = /\[[0-9A-Fa-f]*:[0-9A-Fa-f:.%]*\](?::\d{1,5})?/g
const HOST_AND_PORT = /\b[A-Za-z0-9][A-Za-z0-9.-]{0,252}:\d{2,5}\b/g

/** The members in which a job writes what it has counted: `visited:1204` has the form of a host and a port. */
const COUNTS: ReadonlySet<string> = new Set(['ctlmsg', 'ctlMsg'])

/**
 * Replaces the addresses in a text of the cluster: pages must not learn its inner network.
 *
 * @param name the name of the member that holds the text. In a member with counts, a word without a dot is not a host
 */
export function scrubbed(text: string, name = ''): string {
  const isCount = (found: string): boolean => COUNTS.has(name) && !found.includes('.')
  return [URL_LIKE, IPV6, IPV4]
    .reduce((clean, pattern) => clean.replace(pattern, '(address)'), text)
    .replace(HOST_AND_PORT, (found) => (isCount(found) ? found : '(address)'))
}

/** The members of replies that hold texts of the cluster. */
const TEXTS = new Set(['err', 'abort-err', 'ctlmsg', 'error', 'description'])

/** A copy of an encoded reply, with its texts scrubbed. */
export function scrubbedReply(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrubbedReply)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const clean = TEXTS.has(name) && typeof member === 'string' ? scrubbed(member, name) : scrubbedReply(member)
    // A target may be named __proto__.
    Object.defineProperty(copy, name, { value: clean, writable: true, enumerable: true, configurable: true })
  }
  return copy
}
