// Writes the events of all jobs to a compressed file, one JSON text per line, until the signal fires.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { explain, jobEvents, rights, untilAborted, type Cluster } from 'aistore-rx'
import { toReadable } from 'aistore-rx/node'

export const main = (cluster: Cluster, file: string, signal: AbortSignal): Promise<void> => {
  const events = jobEvents(cluster).pipe(
    rights({ onLeft: (error) => console.error(explain(error)) }),
    untilAborted(signal), // the stream completes, so gzip writes its last block
  )
  return pipeline(toReadable(events), createGzip(), createWriteStream(file))
}
