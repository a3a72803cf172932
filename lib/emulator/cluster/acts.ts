import { bucketUri, type Bucket } from './bucket.ts'
import { hasRoom, writeObject } from './write-object.ts'
import { dropFrom, objectsOf, putInto } from '../store/of-bucket.ts'
import type { StoredObject } from '../store/stored-object.ts'
import type { Cluster, Outcome, Run, Work } from './state.ts'

type Act = Work['act']

/** There was nothing to do for the object. */
export const nothing: Outcome = { objects: 0, bytes: 0 }

/** The object was processed. */
export const done = ({ size }: Pick<StoredObject, 'size'>): Outcome => ({ objects: 1, bytes: size })

/** The object does not exist. This is an error if the request has named it, not if it selected a range or a prefix. */
export const missing = (bucket: Bucket, name: string, { target }: Run, isNamed: boolean): Outcome =>
  isNamed ? { ...nothing, error: `t[${target.id}]: ${bucketUri(bucket.bck)}/${name} does not exist` } : nothing

/** There is no memory for the object. */
export const noRoom = ({ target }: Run): Outcome => ({ ...nothing, error: `t[${target.id}]: out of space` })

/** A work on objects of a bucket. */
export const workOf = (bucket: Bucket, names: readonly string[], act: Act, finish?: Work['finish']): Work => ({
  names,
  over: bucketUri(bucket.bck),
  act,
  left: names.length,
  ...(finish ? { finish } : {}),
})

/** Deletes objects. */
export const deleting =
  (bucket: Bucket, isNamed: boolean): Act =>
  (name, run) => {
    const object = objectsOf(bucket).get(name)
    if (!object) return missing(bucket, name, run, isNamed)
    dropFrom(bucket, name)
    return done(object)
  }

/** Drops the cluster's copies of objects, which stay in the cloud. */
export const evicting =
  (bucket: Bucket, isNamed: boolean): Act =>
  (name, run) => {
    const object = objectsOf(bucket).get(name)
    if (!object?.present) return missing(bucket, name, run, isNamed)
    putInto(bucket, { ...object, present: false })
    return done(object)
  }

/** Brings objects into the cluster, large ones by a job of their own, which `byBlob` starts. */
export const fetching =
  (bucket: Bucket, isNamed: boolean, fromBytes: number, byBlob: (name: string, run: Run, now: number) => void): Act =>
  (name, run, now) => {
    const object = objectsOf(bucket).get(name)
    if (!object) return missing(bucket, name, run, isNamed)
    if (object.present) return nothing
    if (fromBytes > 0 && object.size >= fromBytes) byBlob(name, run, now)
    putInto(bucket, { ...object, present: true })
    return done(object)
  }

/** Changes each object, as a job does that keeps their contents. */
export const changing =
  (bucket: Bucket, change: (object: StoredObject) => StoredObject): Act =>
  (name) => {
    const object = objectsOf(bucket).get(name)
    if (!object) return nothing
    putInto(bucket, change(object))
    return done(object)
  }

/** How the copies of objects are named, and whether they are made at all. */
export interface CopyOptions {
  readonly prepend?: string
  /** New extensions by the old ones. */
  readonly extensions?: Readonly<Record<string, string>>
  readonly dryRun?: boolean
}

const plain = (extension: string): string => extension.replace(/^\./, '')

/** The name of the copy of an object. */
const copyName = (name: string, { prepend = '', extensions = {} }: CopyOptions): string => {
  const old = Object.keys(extensions).find((extension) => name.endsWith(`.${plain(extension)}`))
  const renamed = old === undefined ? name : `${name.slice(0, -plain(old).length)}${plain(extensions[old] ?? '')}`
  return prepend + renamed
}

/** Copies objects to another bucket. A dry run only counts them. */
export const copying =
  (cluster: Cluster, from: Bucket, to: Bucket, options: CopyOptions, isNamed: boolean): Act =>
  (name, run, now) => {
    const object = objectsOf(from).get(name)
    if (!object) return missing(from, name, run, isNamed)
    if (options.dryRun === true) return done(object)
    const { content, custom, size } = object
    if (typeof content !== 'string' && !hasRoom(cluster, content.length)) {
      return noRoom(run)
    }
    writeObject(cluster, to, { name: copyName(name, options), size, content, custom }, now)
    return done(object)
  }
