import { expect } from 'chai'
import { interned } from '../../../lib/common/interned.ts'

// `interned` returns one object for equal texts of many replies, to save memory.

describe('interned', () => {
  it('returns an equal text', () => {
    for (const text of ['', 'lru', 'prefetch-listrange', 'ä'.repeat(20), 'x'.repeat(64), 'x'.repeat(65)])
      expect(interned(text), text).to.equal(text)
  })

  it('distinguishes texts of the same length, start and end', () => {
    const texts = ['copy-bck-one-a-b', 'copy-bck-two-a-b', 'copy-bck-one-a-b']
    expect(texts.map(interned)).to.deep.equal(texts)
  })
})
