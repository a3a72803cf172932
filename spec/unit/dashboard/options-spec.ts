import { expect } from 'chai'
import { FORMS, type LaunchForm, type LaunchName } from '../../../lib/dashboard/forms.ts'
import { factsOf, missingIn, optionsOf, type Entered } from '../../../lib/dashboard/page/options.ts'

// What a user enters in the form of a launch becomes the options of a function of the library.

/** The form of a launch. */
const formOf = (launch: LaunchName): LaunchForm =>
  FORMS.find((one) => one.launch === launch) ?? expect.fail(`no form for ${launch}`)
/** The options of a launch after a user has entered these values. */
const optionsFrom = (launch: LaunchName, entered: Entered): object => optionsOf(formOf(launch), entered)

describe('the form of a launch', () => {
  it('reads buckets as `ais` writes them, and leaves empty options out', () => {
    expect(optionsFrom('copyBucket', { from: ' s3://data ', to: 'copy', what: '', prepend: '', continueOnError: '' }))
      .to.deep //
      .equal({ from: { name: 'data', provider: 'aws' }, to: { name: 'copy' } })
    expect(
      optionsFrom('copyBucket', { from: 'a', to: 'b', what: 'x/', prepend: 'p-', continueOnError: 'on' }),
    ).to.deep.equal({
      from: { name: 'a' },
      to: { name: 'b' },
      what: { prefix: 'x/' },
      prepend: 'p-',
      continueOnError: true,
    })
  })

  it('keeps a bucket that it cannot read, so that the library refuses it', () => {
    expect(optionsFrom('mirror', { bucket: 'a b://', copies: '2' })).to.deep.equal({ bucket: 'a b://', copies: 2 })
  })

  for (const [way, text, what] of [
    ['prefix', 'a/', { prefix: 'a/' }],
    ['names', 'a\n b/c \n\n', { names: ['a', 'b/c'] }],
    ['template', 's-{0..9}.tar', { template: 's-{0..9}.tar' }],
    ['everything', 'ignored', 'everything'],
  ] as const)
    it(`selects objects by ${way}`, () => {
      const entered = { bucket: 's3://d', what: text, 'what-way': way }
      expect(optionsFrom('prefetch', entered)).to.have.property('what').deep.equal(what)
    })

  it('reports the objects as missing if their text is empty, unless everything is selected', () => {
    // The server would read an empty prefix as every object.
    expect(optionsFrom('evictObjects', { bucket: 's3://d', what: '', 'what-way': 'prefix' })).to.deep.include({
      what: { prefix: '' },
    })
    expect(missingIn(formOf('evictObjects'), { bucket: 's3://d', what: '', 'what-way': 'prefix' })).to.equal('Objects')
    expect(missingIn(formOf('evictObjects'), { bucket: 's3://d', 'what-way': 'everything' })).to.equal(undefined)
  })

  for (const [text, what] of [
    ['https://h/a', { link: 'https://h/a' }],
    ['https://h/a\nhttps://h/b', { links: ['https://h/a', 'https://h/b'] }],
    ['https://h/{00..09}.tar', { template: 'https://h/{00..09}.tar' }],
  ] as const)
    it(`downloads ${JSON.stringify(text)}`, () => {
      expect(optionsFrom('download', { to: 'b', what: text })).to.deep.equal({ to: { name: 'b' }, what })
    })

  it('names the first required field that is missing; optional fields and flags are never missing', () => {
    expect(missingIn(formOf('archive'), { from: 'a', what: 'x', 'what-way': 'prefix', name: ' ' })).to.equal(
      'Name of the archive',
    )
    expect(missingIn(formOf('archive'), { from: 'a', what: 'x', 'what-way': 'prefix', name: 'a.tar' })).to.equal(
      undefined,
    )
  })

  it('shows what it will do, in the words of its fields', () => {
    const entered = { bucket: 's3://d', what: 'a/', 'what-way': 'prefix', continueOnError: 'on' }
    expect(factsOf(formOf('prefetch'), entered)).to.deep.equal([
      ['Remote bucket', 's3://d'],
      ['Objects', 'whose names begin with a/'],
      ['Go on after an object that fails', 'yes'],
    ])
    expect(factsOf(formOf('prefetch'), { ...entered, 'what-way': 'everything', continueOnError: '' })[1]).to.deep.equal(
      ['Objects', 'every object'],
    )
  })
})
