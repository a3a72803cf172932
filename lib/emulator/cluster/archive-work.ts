import { done, missing, noRoom, workOf } from './acts.ts'
import { nanoseconds } from './instant.ts'
import { hasRoom, writeObject } from './write-object.ts'
import { filesIn, writeArchive, type Format } from '../store/archive.ts'
import { objectsOf } from '../store/of-bucket.ts'
import { contentOf } from '../store/stored-object.ts'
import { bucketUri, type Bucket } from './bucket.ts'
import type { Cluster, Run, Work } from './state.ts'

/** An archive to write. */
export interface ArchiveOptions {
  readonly name: string
  readonly format: Format
  /** Names entries without the directories of the objects. */
  readonly baseNames?: boolean
  /** Puts the name of the source bucket before each entry. */
  readonly bucketInNames?: boolean
  /** Adds to an archive that exists. */
  readonly append?: boolean
}

const entryName = (bucket: Bucket, name: string, { baseNames, bucketInNames }: ArchiveOptions): string => {
  const short = baseNames === true ? name.slice(name.lastIndexOf('/') + 1) : name
  return bucketInNames === true ? `${bucket.bck.name}/${short}` : short
}

/** The error of an archive that got no entry, and is therefore not written. */
export const emptyArchive = (jobId: string, from: Bucket, to: Bucket, { name, append }: ArchiveOptions): string => {
  const appends = append === true && objectsOf(to).get(name) !== undefined
  const job = `x-archive[${jobId}]-${bucketUri(from.bck)}-dm-open-${jobId} =>`
  return `${job} : ${appends ? 'no new appends to' : 'empty'} o[${to.bck.name}/${name}(-)]`
}

/** Writes the objects with these names into one archive. The archive appears when the last object is in it. */
export const archiveWork = (
  cluster: Cluster,
  from: Bucket,
  to: Bucket,
  names: readonly string[],
  isNamed: boolean,
  options: ArchiveOptions,
): Work => {
  const contents = new Map<string, Uint8Array>()
  let bytes = 0
  const finish = ({ job, work }: Run, now: number): void => {
    if (contents.size === 0) {
      work?.errors.push(emptyArchive(job.id, from, to, options))
      return
    }
    const before = options.append === true ? objectsOf(to).get(options.name) : undefined
    const added = names.flatMap((name) => {
      const content = contents.get(name)
      return content ? [{ name: entryName(from, name, options), bytes: content }] : []
    })
    const entries = [...((before && filesIn(before)) ?? []), ...added]
    const seconds = Number(nanoseconds(cluster, now) / 1_000_000_000n)
    const content = writeArchive(options.format, entries, seconds)
    if (hasRoom(cluster, content.length)) {
      writeObject(cluster, to, { name: options.name, size: content.length, content }, now)
      if (work) work.archives++
    } else work?.errors.push('out of space')
  }
  return workOf(
    from,
    names,
    (name, run) => {
      const object = objectsOf(from).get(name)
      if (!object) return missing(from, name, run, isNamed)
      bytes += object.size
      if (!hasRoom(cluster, bytes)) return noRoom(run)
      contents.set(name, contentOf(object))
      return done(object)
    },
    finish,
  )
}
