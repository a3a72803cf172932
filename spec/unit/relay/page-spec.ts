import { expect } from 'chai'
import { failed } from '../../../lib/relay/reply.ts'

// A relay between a page and a cluster may itself get a page of an intermediary (such as a login page) instead of a
// reply.

const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }

describe('the reply of a relay that received a page from an intermediary', () => {
  for (const status of [302, 400, 404, 405, 501])
    it(`is 502 in place of ${status}, which the browser would take as the reply of the cluster`, () => {
      expect(failed({ _tag: 'HttpError', status, message: 'm', notJson: true, request }).status).to.equal(502)
    })

  for (const status of [408, 429, 500, 503, 504])
    it(`keeps ${status}, which tells the client to retry later`, () => {
      expect(failed({ _tag: 'HttpError', status, message: 'm', notJson: true, request }).status).to.equal(status)
    })

  it('keeps the status of a refusal of the cluster', () => {
    expect(failed({ _tag: 'HttpError', status: 409, message: 'm', request }).status).to.equal(409)
  })
})
