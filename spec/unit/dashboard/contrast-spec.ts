import { readFileSync } from 'node:fs'
import { expect } from 'chai'

// The colours in style.css, checked by the contrast formula of WCAG 2.2.

const css = readFileSync(new URL('../../../lib/dashboard/page/style.css', import.meta.url), 'utf8')

/** The colours of the page, by name: first the light one, then the dark one. */
const COLOURS = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\);/g)].map(
    ([, name = '', light = '', dark = '']) => [name, [light, dark]],
  ),
)

/** The relative luminance of WCAG 2.2, from 0 (black) to 1 (white). */
const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The contrast ratio of WCAG 2.2, from 1 to 21. */
const contrastRatio = (one: string, other: string): number => {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

/** Expects at least this contrast ratio in both themes. */
const expectContrast = (front: string, back: string, ratio: number): void => {
  for (const theme of [0, 1]) {
    const [x = '', y = ''] = [front, back].map((name) => COLOURS.get(name)?.[theme])
    expect(contrastRatio(x, y), `${front} on ${back}, ${theme === 0 ? 'light' : 'dark'}`).to.be.at.least(ratio)
  }
}

describe('the colours of the dashboard', () => {
  const states = ['running', 'idle', 'finished', 'failed', 'aborted', 'lost']

  it('are all defined in the first rule, with a light and a dark value each; other rules use their names', () => {
    expect(COLOURS).to.have.property('size').above(15)
    const otherRules = css.slice(css.indexOf('}'))
    // What dims the page behind a dialog is black in both themes.
    const literalColours = /: *#[\da-f]{3,8}\b|rgba?\((?!0 0 0)/gi
    expect(otherRules.match(literalColours)).to.equal(null)
  })

  it('are readable as texts: 4.5 to 1 on each background, in light and dark (WCAG 1.4.3)', () => {
    for (const front of ['text', 'muted', ...states])
      for (const back of ['back', 'raised']) expectContrast(front, back, 4.5)
    expectContrast('text', 'line', 4.5)
    expectContrast('running', 'line', 4.5)
    expectContrast('stale', 'stale-back', 4.5)
    expectContrast('gone', 'gone-back', 4.5)
  })

  it('tell controls from their background: 3 to 1, in light and dark (WCAG 1.4.11)', () => {
    for (const back of ['back', 'raised']) expectContrast('border', back, 3)
    for (const back of ['back', 'raised', 'line']) expectContrast('running', back, 3)
  })
})
