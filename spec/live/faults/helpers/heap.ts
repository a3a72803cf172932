import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// The size of the heap, for specs that look for leaks.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** The bytes of the heap that are in use after a collection. */
export function heapUsed(): number {
  collect()
  return process.memoryUsage().heapUsed
}
