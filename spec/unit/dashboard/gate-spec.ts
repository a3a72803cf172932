import { expect } from 'chai'
import { createGate } from '../../../lib/dashboard/gate.ts'

// The gate of the dashboard opens a session for a browser that presents the printed token.

describe('createGate', () => {
  const gateWithClock = (token?: string) => {
    const clock = { ms: 0 }
    return { clock, ...createGate(token, () => clock.ms) }
  }

  it('lets everybody in if no token is required', () => {
    expect(gateWithClock().isOpen(undefined)).to.equal(true)
  })

  it('opens a session for the token only', () => {
    const { enter, isOpen } = gateWithClock('secret')
    expect(isOpen(undefined)).to.equal(false)
    expect(isOpen('secret')).to.equal(false)
    expect(enter('secre')).to.equal('wrong')
    expect(enter('')).to.equal('wrong')
    const entered = enter('secret')
    expect(typeof entered === 'object' && isOpen(entered.session)).to.equal(true)
    expect(typeof entered === 'object' && isOpen(`${entered.session}x`)).to.equal(false)
  })

  it('refuses every token for the rest of a minute after ten wrong ones', () => {
    const { clock, enter } = gateWithClock('secret')
    for (let i = 0; i < 10; i++) expect(enter('guess')).to.equal('wrong')
    expect(enter('guess')).to.equal('later')
    expect(enter('secret')).to.equal('later')
    clock.ms = 59_999
    expect(enter('secret')).to.equal('later')
    clock.ms = 60_000
    expect(enter('secret')).to.have.property('session')
  })

  it('keeps a hundred sessions, and ends the oldest one for another', () => {
    const { enter, isOpen } = gateWithClock('secret')
    const sessions = Array.from({ length: 101 }, () => {
      const entered = enter('secret')
      return typeof entered === 'object' ? entered.session : ''
    })
    expect(sessions.map(isOpen)).to.deep.equal([false, ...Array<boolean>(100).fill(true)])
  })
})
