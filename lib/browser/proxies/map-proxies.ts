import type * as all from '../../proxies/map-proxies.ts'

// A page sends all requests to the given endpoints, because they are relays: a relay hides the addresses of the cluster map,
// and its replies come from the Information Center.

export const learnMap: typeof all.learnMap = () => undefined
export const firstMapProxy: typeof all.firstMapProxy = () => undefined
export const nextMapProxy: typeof all.nextMapProxy = () => undefined
export const mapSuccess: typeof all.mapSuccess = () => undefined
export const mapFailure: typeof all.mapFailure = () => undefined
