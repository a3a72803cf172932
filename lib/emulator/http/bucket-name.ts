import { bucketName, type BucketName } from '../cluster/bucket.ts'

const decodeName = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The bucket of a request: its name comes from the path, its provider and namespace (`@uuid#name`) from the query. */
export const bucketOf = (name: string, query: URLSearchParams): BucketName => {
  const [, uuid = '', space = ''] = /^@?([^#]*)#?(.*)$/.exec(query.get('namespace') ?? '') ?? []
  return bucketName(decodeName(name), query.get('provider') ?? '', uuid, space)
}
