/** A launch that the page offers: the name of the library's function. */
export type LaunchName =
  'copyBucket' | 'copyObjects' | 'prefetch' | 'evictObjects' | 'archive' | 'mirror' | 'erasureCode' | 'download'

/** What the user fills in for one option of a launch. */
export interface Field {
  /** The name of the option. */
  readonly name: string
  readonly label: string
  /**
   * `objects`: a way to select objects, and a text; `prefix`: the beginning of the names; `links`: one link per line.
   */
  readonly type: 'bucket' | 'objects' | 'prefix' | 'text' | 'number' | 'links' | 'flag'
  readonly placeholder?: string
  readonly optional?: true
}

/** The form of a launch. */
export interface LaunchForm {
  readonly launch: LaunchName
  readonly label: string
  /** The kind of the job. The page does not offer it among the other kinds. */
  readonly kind: string
  readonly note: string
  readonly fields: readonly Field[]
}

const bucket = (name: string, label: string, placeholder = 'ais://name'): Field => ({
  name,
  label,
  type: 'bucket',
  placeholder,
})
const OBJECTS: Field = { name: 'what', label: 'Objects', type: 'objects' }
const GO_ON: Field = { name: 'continueOnError', label: 'Go on after an object that fails', type: 'flag' }

/** The launches of the page, in the order of its list. */
export const FORMS: readonly LaunchForm[] = [
  {
    launch: 'copyBucket',
    label: 'Copy a bucket',
    kind: 'copy-bck',
    note: 'A missing ais destination is created. An abort destroys it again.',
    fields: [
      bucket('from', 'From'),
      bucket('to', 'To'),
      { name: 'what', label: 'Only names that begin with', type: 'prefix', optional: true },
      { name: 'prepend', label: 'Before each new name', type: 'text', optional: true },
      GO_ON,
    ],
  },
  {
    launch: 'copyObjects',
    label: 'Copy objects',
    kind: 'copy-listrange',
    note: 'The job is shared with other copies between the two buckets.',
    fields: [bucket('from', 'From'), bucket('to', 'To'), OBJECTS, GO_ON],
  },
  {
    launch: 'prefetch',
    label: 'Prefetch',
    kind: 'prefetch-listrange',
    note: 'Brings objects of a remote bucket into the cluster.',
    fields: [bucket('bucket', 'Remote bucket', 's3://name'), OBJECTS, GO_ON],
  },
  {
    launch: 'evictObjects',
    label: 'Evict',
    kind: 'evict-listrange',
    note: "Drops the cluster's copies of objects of a remote bucket. The cloud keeps its own.",
    fields: [bucket('bucket', 'Remote bucket', 's3://name'), OBJECTS, GO_ON],
  },
  {
    launch: 'archive',
    label: 'Archive',
    kind: 'archive',
    note: 'Writes objects into one archive. It replaces an object of the same name.',
    fields: [
      bucket('from', 'From'),
      OBJECTS,
      { name: 'name', label: 'Name of the archive', type: 'text', placeholder: 'shard-0.tar' },
      { ...bucket('to', 'Into the bucket', 'the same bucket'), optional: true },
    ],
  },
  {
    launch: 'mirror',
    label: 'Mirror',
    kind: 'make-n-copies',
    note: 'Sets how many copies there are of each object; 1 means no mirroring.',
    fields: [bucket('bucket', 'Bucket'), { name: 'copies', label: 'Copies', type: 'number', placeholder: '2' }],
  },
  {
    launch: 'erasureCode',
    label: 'Erasure-code',
    kind: 'ec-encode',
    note: 'It takes data + parity + 1 targets. The numbers cannot be changed later.',
    fields: [
      bucket('bucket', 'Bucket'),
      { name: 'dataSlices', label: 'Data slices', type: 'number', placeholder: '1' },
      { name: 'paritySlices', label: 'Parity slices', type: 'number', placeholder: '1' },
    ],
  },
  {
    launch: 'download',
    label: 'Download',
    kind: 'download',
    note: 'Fetches links into a bucket, which is created if it is missing. Targets refuse links to private addresses.',
    fields: [
      bucket('to', 'Into the bucket'),
      { name: 'what', label: 'Links, or one with a range', type: 'links', placeholder: 'https://h/{000..099}.tar' },
      { name: 'description', label: 'Description', type: 'text', optional: true },
    ],
  },
]
