import { bucketUri, type Bucket } from './bucket.ts'
import { hasRoom, writeObject } from './write-object.ts'
import { dropFrom, objectsOf, putInto } from '../store/of-bucket.ts'
import type { StoredObject } from '../store/stored-object.ts'
import type { Cluster, Outcome, Run, Work } from './state.ts'

/** What a job does with one object. The functions below create the acts of the kinds of jobs. */
type Act = Work['act']

/** The outcome for an object for which there was nothing to do. */
export const nothing: Outcome = { objects: 0, bytes: 0 }

/** The outcome for a processed object. */
export const done = ({ size }: Pick<StoredObject, 'size'>): Outcome => ({ objects: 1, bytes: size })

/**
 * The outcome for an object that does not exist: an error if the request names it, but not if it gives a range or a
 * prefix.
 */
export const missing = (bucket: Bucket, name: string, { target }: Run, isNamed: boolean): Outcome =>
  isNamed ? { ...nothing, error: `t[${target.id}]: ${bucketUri(bucket.bck)}/${name} does not exist` } : nothing

/** The outcome for an object for which there is no memory. */
export const noRoom = ({ target }: Run): Outcome => ({ ...nothing, error: `t[${target.id}]: out of space` })

/** The work of a job on these objects of a bucket. */
export const workOf = (bucket: Bucket, names: readonly string[], act: Act, finish?: Work['finish']): Work => ({
  names,
  uri: bucketUri(bucket.bck),
  act,
  remaining: names.length,
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

/** Brings objects into the cluster. For each large object, `byBlob` starts a separate job. */
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

/** Changes the properties of each object, but not its content. */
export const changing =
  (bucket: Bucket, change: (object: StoredObject) => StoredObject): Act =>
  (name) => {
    const object = objectsOf(bucket).get(name)
    if (!object) return nothing
    putInto(bucket, change(object))
    return done(object)
  }

/** How the copies of objects are named, and whether they are written at all. */
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
