import { expect } from 'chai'
import fc from 'fast-check'
import { layout, type Column } from '../../../lib/cli/text/table.ts'
import { widthOf } from '../../../lib/cli/text/width.ts'

// A table fits its columns to the terminal. `drop` is the order in which columns are left out, `least` the width down
// to which one may shrink.

interface Row {
  readonly id: string
  readonly n: string
  readonly note?: string
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'N', cell: ({ n }) => n, isRight: true, drop: 1 },
  { title: 'NOTE', cell: ({ note = '' }) => note, isOptional: true, drop: 2, least: 6 },
]
const ROWS: readonly Row[] = [
  { id: 'a', n: '1', note: 'disk full again' },
  { id: 'long', n: '100' },
]

describe('a table', () => {
  it('makes each column as wide as its widest cell, and shows an unknown cell as -', () => {
    expect(layout(COLUMNS, ROWS, Infinity)).to.deep.equal([
      'ID      N  NOTE',
      'a       1  disk full again',
      'long  100  -',
    ])
  })

  it('leaves out an optional column without a cell', () => {
    expect(layout(COLUMNS, ROWS.slice(1), Infinity)).to.deep.equal(['ID      N', 'long  100'])
  })

  it('makes a column narrower before it leaves out another one, and then leaves out the lowest `drop` first', () => {
    expect(layout(COLUMNS, ROWS, 17, false)).to.deep.equal(['a       1  disk …', 'long  100  -'])
    expect(layout(COLUMNS, ROWS, 16, false)).to.deep.equal(['a     disk full…', 'long  -'])
    expect(layout(COLUMNS, ROWS, 5, false)).to.deep.equal(['a', 'long'])
    expect(layout(COLUMNS, ROWS, 3, false)).to.deep.equal(['a', 'lo…'])
  })

  it('colours a cell without a change of its width', () => {
    const painted: readonly Column<Row>[] = [
      { title: 'ID', cell: ({ id }) => id, paint: (text) => `<${text}>` },
      { title: 'N', cell: ({ n }) => n },
    ]
    expect(layout(painted, ROWS, Infinity, false)).to.deep.equal(['<a   >  1', '<long>  100'])
  })

  it('never has a line that is wider than its width', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 20 })
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: cell, n: cell, note: cell }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 60 }),
        (rows, width) => {
          for (const line of layout(COLUMNS, rows, width)) expect(widthOf(line)).to.be.at.most(width)
        },
      ),
    )
  })
})
