import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import { JobRef, Running } from '../../../lib/codec/running.ts'
import { jobRef } from '../../helpers/arbitraries.ts'
import { cpuMs } from './helpers/cpu.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The list of running jobs on the wire: texts such as `lru[ID]`.
// An id in a title, such as S5, is a row of docs/faults.md.

const wireRef = jobRef.map(({ id, kind }) => `${kind}[${id}]`)

describe('JobRef', () => {
  itIsLawful({ codec: JobRef, wire: wireRef, value: jobRef })

  it('splits at the first bracket and drops the last', () => {
    expectTypeOf<JobRef>().toEqualTypeOf<{ readonly id: string; readonly kind: string }>()
    expect(decoded(JobRef, 'copy-bck[oFIsIapbT]')).to.deep.equal({ id: 'oFIsIapbT', kind: 'copy-bck' })
    expect(decoded(JobRef, 'k[a[b]]')).to.deep.equal({ id: 'a[b]', kind: 'k' })
  })

  it('refuses text without both a kind and an id', () => {
    for (const text of ['', 'lru', 'lru[', 'lru[]', '[id]', 'lru[id', 'lru[id] ', 'lru]id[', '[]', 5, null])
      expect(refuses(JobRef, text), String(text)).to.equal(true)
  })

  it('refuses a megabyte of brackets within 250 ms (S5)', () => {
    const busy = cpuMs(() => {
      expect(refuses(JobRef, '['.repeat(1_000_000))).to.equal(true)
      expect(refuses(JobRef, 'k' + '['.repeat(1_000_000))).to.equal(true)
    })
    expect(busy).to.be.below(250)
  })
})

describe('Running', () => {
  itIsLawful({ codec: Running, wire: fc.array(wireRef), value: fc.array(jobRef) })

  it('decodes null to an empty list', () => expect(decoded(Running, null)).to.deep.equal([]))
})
