/** The address in a link. A link without a scheme means HTTP. */
export const urlOf = (link: string): URL | undefined => {
  const full = link.includes('://') ? link : `http://${link}`
  return URL.canParse(full) ? new URL(full) : undefined
}

const LOOPBACK = /^(?:localhost|\[::1\]|127\..*)$/
const PRIVATE = /^(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./

/** Whether the link leads to this computer. */
export const isLoopback = (link: string): boolean => LOOPBACK.test(urlOf(link)?.hostname ?? '')

/** Go's description of the address in a link. */
export const dialled = (link: string): string => {
  const { hostname = '', port = '', protocol = '' } = urlOf(link) ?? {}
  return `Get "${link}": dial tcp ${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
}

/** The error of a target that does not fetch from a loopback or private address; empty for other addresses. */
export const refusalOf = (link: string): string => {
  const host = urlOf(link)?.hostname ?? ''
  return LOOPBACK.test(host) || PRIVATE.test(host)
    ? `${dialled(link)}: dload: egress blocked: ${host} (tcp${host.startsWith('[') ? 6 : 4})`
    : ''
}
