import type { Bucket } from '../codec/bucket.ts'
import { defined } from '../common/defined.ts'
import { getOwn } from '../common/get-own.ts'

/** Other names of providers, which AIStore and `ais` accept too. */
const ALIASES: Readonly<Record<string, string>> = { s3: 'aws', gs: 'gcp', google: 'gcp', az: 'azure', oc: 'oci' }

/** The name of a provider that the cluster reports, for a name that users may use. */
export const providerNamed = (name: string): string => getOwn(ALIASES, name) ?? name

/** Reads a bucket as `ais` writes it: `name`, `ais://name`, `s3://name`, `ais://@uuid#namespace/name`. */
export function parseBucket(text: string): Bucket | undefined {
  const [, scheme, uuid, space, name] =
    /^(?:([a-z0-9]+):\/\/)?(?:(?:@([^#/@]+))?(?:#([^#/@]+))?\/)?([^/@#:]+)\/?$/.exec(text) ?? []
  if (name === undefined) return undefined
  const provider = scheme === undefined || scheme === 'ais' ? undefined : providerNamed(scheme)
  const namespace = uuid === undefined && space === undefined ? undefined : { uuid: uuid ?? '', name: space ?? '' }
  return { name, ...defined({ provider, namespace }) }
}

/** A bucket as `ais` writes it. */
export function bucketText({ name, provider = 'ais', namespace }: Bucket): string {
  const { uuid = '', name: space = '' } = namespace ?? {}
  const prefix = `${uuid === '' ? '' : `@${uuid}`}${space === '' ? '' : `#${space}`}`
  return `${provider}://${prefix === '' ? '' : `${prefix}/`}${name}`
}
