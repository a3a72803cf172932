/** Hides what must differ between two clusters: node and job ids, addresses, times, counters, random marks. */
export const mask = (text: string): string =>
  text
    .replace(/\b[A-Za-z]{3}[pt]\d{4}\b/g, 'NODE')
    .replace(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/&(amp;)?utm=\w+/g, '&$1utm=MARK')
    .replace(/Smap v\d+/g, 'Smap vN')
    .replace(/(\bx-?[a-z-]*|[a-z]-?[a-z-]*)\[[A-Za-z0-9_,-]{5,400}\]/g, '$1[ID]')
    .replace(/"(id|uuid)":"[^"]*"/g, '"$1":"ID"')
    .replace(/"((?:loc|in|out)-(?:objs|bytes)|glob\.id)":"-?\d+"/g, '"$1":"N"')
    .replace(/"end_time":\d+/g, '"end_time":N')
    .replace(/"(aborted|is_idle)":(true|false)/g, '"$1":BOOL')
    .replace(/"ctlmsg":"[^"]*"/g, (member) =>
      member.includes('<') ? '"ctlmsg":"STAGES"' : member.replace(/\d+/g, 'N'),
    )
    .replace(/"(abort-err|err)":"[^"]*"/g, '"$1":"TEXT"')
    .replace(/"(id_digest|version|creation_time|daemon_port|verifying_key)":("[^"]*"|\d+)/g, '"$1":MASKED')
    .replace(/nl \[[^\]]*, x-/g, 'nl [MEMBERS, x-')

/** An id that is a whole body. */
const maskBody = (text: string): string => (/^(g\d+|[A-Za-z0-9][\w-]{8,31})$/.test(text) ? 'ID' : mask(text))

const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shape(item))))].sort()
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value
  // A control text is absent where it would be empty, and other jobs have other texts.
  const members = Object.entries(value).filter(([key]) => key !== 'ctlmsg')
  return members.map(([key, member]) => [mask(key), shape(member)])
}

/** A body with everything hidden that must differ; lists of jobs by the shapes in them, since other jobs are in them. */
export const comparable = (body: string, jobsDiffer: boolean): string => {
  const masked = maskBody(body)
  if (jobsDiffer && /^[[{]/.test(masked)) return JSON.stringify(shape(JSON.parse(body.replace(/:\d{16,}/g, ':1'))))
  return masked
}
