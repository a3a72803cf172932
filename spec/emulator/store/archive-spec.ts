import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { filesIn, writeArchive, type Format } from '../../../lib/emulator/store/archive.ts'
import { readTar } from '../../../lib/emulator/store/tar.ts'
import { readZip } from '../../../lib/emulator/store/zip.ts'
import type { StoredObject } from '../../../lib/emulator/store/stored-object.ts'

// The emulator writes archives and reads the files in them: tar, compressed tar and zip.

const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)

const longName = 'directory/'.repeat(12)

const ENTRIES = [
  { name: 'a.txt', bytes: bytesOf('a') },
  { name: '你好.txt', bytes: bytesOf('b'.repeat(1_000)) },
  { name: `${longName}name.txt`, bytes: bytesOf('c') },
  { name: `${'n'.repeat(180)}.txt`, bytes: bytesOf('d') },
  { name: 'empty', bytes: bytesOf('') },
]

/** The files of an archive: their names and contents. */
const filesRead = (name: string, content: Uint8Array): readonly (readonly [string, string])[] =>
  (filesIn({ name, size: content.length, content } as StoredObject) ?? []).map((file) => [
    file.name,
    Buffer.from(file.bytes).toString(),
  ])

describe('archives of emulated objects', () => {
  for (const format of ['.tar', '.tgz', '.zip'] satisfies readonly Format[]) {
    it(`are read as they were written, also with long names and empty files, in ${format}`, () => {
      const content = writeArchive(format, ENTRIES, 0)
      expect(filesRead(`x${format}`, content)).to.deep.equal(
        ENTRIES.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
      )
    })

    it(`have no files if the content of a ${format} is not an archive`, () => {
      expect(filesRead(`x${format}`, bytesOf('not an archive'.repeat(100)))).to.deep.equal([])
    })
  }

  it('are only objects whose names end like those of archives', () => {
    expect(filesIn({ name: 'x.txt', size: 0, content: bytesOf('') } as StoredObject)).to.equal(undefined)
  })

  it('are read with the extended names that other programs write', () => {
    const header = Buffer.from(writeArchive('.tar', [{ name: 'PaxHeader', bytes: bytesOf('15 path=pax.txt\n') }], 0))
    header.write('x', 156)
    const both = Buffer.concat([
      header.subarray(0, 1_024),
      writeArchive('.tar', [{ name: 'short', bytes: bytesOf('e') }], 0),
    ])
    expect(readTar(both).map(({ name }) => name)).to.deep.equal(['pax.txt'])
  })

  it('are read from zip archives with compressed files', () => {
    const plain = bytesOf('compress me '.repeat(50))
    const packed = deflateRawSync(plain)
    const archive = Buffer.from(writeArchive('.zip', [{ name: 'z', bytes: packed }], 0))
    archive.writeUInt16LE(8, archive.lastIndexOf(Buffer.from('PK\x01\x02')) + 10)
    expect(Buffer.from(readZip(archive)[0]?.bytes ?? []).toString()).to.equal(Buffer.from(plain).toString())
  })
})
