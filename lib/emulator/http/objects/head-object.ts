import { MOUNTPATHS } from '../../cluster/mountpaths.ts'
import { objectsOf } from '../../store/of-bucket.ts'
import { missingObject, targetError, type ObjectRequest } from './object-request.ts'
import {
  checksumHeaders,
  commonHeaders,
  customHeaders,
  httpTime,
  timeHeaders,
  versionHeaders,
} from './object-headers.ts'
import { empty, type Answer } from '../exchange.ts'
import type { StoredObject } from '../../store/stored-object.ts'

type Headers = Readonly<Record<string, string>>

/** The mountpath of all objects. */
const [MOUNTPATH] = MOUNTPATHS

const copyHeaders = ({ copies }: StoredObject): Headers => ({
  'ais-mirror-copies': String(copies),
  'ais-mirror-paths': `[${Array.from({ length: copies }, (_, i) => MOUNTPATH.replace('1', String(i + 1))).join(' ')}]`,
})

const chunkHeaders = ({ chunks }: StoredObject): Headers =>
  chunks ? { 'ais-chunks-count': String(chunks.count), 'ais-chunks-max-chunk-size': String(chunks.maxBytes) } : {}

const locationOf = ({ request }: ObjectRequest): string => `t[${request.node}]:mp[${MOUNTPATH}, vda, hdd]`

/** The headers of each property that a HEAD can select with its parameter `props`. */
const BY_PROP: Readonly<Record<string, (objectRequest: ObjectRequest, object: StoredObject) => Headers>> = {
  name: ({ name }) => ({ 'ais-name': name }),
  size: () => ({}),
  checksum: ({ bucket }, object) => checksumHeaders(bucket, object),
  atime: (_request, object) => timeHeaders(object),
  version: ({ bucket }, object) => versionHeaders(bucket, object),
  custom: (_request, object) => customHeaders(object),
  location: (objectRequest) => ({ 'ais-location': locationOf(objectRequest) }),
  copies: (_request, object) => copyHeaders(object),
  ec: () => ({}),
  present: (_request, { present }) => ({ 'ais-present': String(present) }),
  chunked: (_request, object) => chunkHeaders(object),
  'last-modified': (_request, { writtenNs }) => ({ 'last-modified': httpTime(writtenNs) }),
  etag: ({ bucket }, object) => ({ etag: `"${checksumHeaders(bucket, object)['ais-checksum-value'] ?? object.size}"` }),
}

/** The headers of a HEAD that selects no properties: all properties. */
const everything = (objectRequest: ObjectRequest, object: StoredObject): Headers => ({
  ...commonHeaders(objectRequest.bucket, object),
  ...customHeaders(object),
  'ais-name': objectRequest.name,
  'ais-bucket-name': objectRequest.bucket.bck.name,
  'ais-bucket-provider': objectRequest.bucket.bck.provider,
  'ais-location': locationOf(objectRequest),
  ...copyHeaders(object),
  'ais-present': String(object.present),
})

/** Replies to a HEAD with the properties of an object. Does not bring in an object that is only in the cloud. */
export const headObject = (objectRequest: ObjectRequest): Answer => {
  const object = objectsOf(objectRequest.bucket).get(objectRequest.name)
  if (!object) return missingObject(objectRequest)
  const size = { 'content-length': String(object.size) }
  const props = objectRequest.query.get('props') ?? ''
  if (props === '') return empty(200, { ...everything(objectRequest, object), ...size })
  const headers: Record<string, string> = {}
  for (const prop of props.split(',')) {
    const read = BY_PROP[prop]
    if (!read) return targetError(objectRequest, 400, `unknown object property "${prop}"`)
    Object.assign(headers, read(objectRequest, object))
  }
  return empty(200, { ...headers, ...size })
}
