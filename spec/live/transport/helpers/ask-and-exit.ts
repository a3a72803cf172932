// A program of its own: asks, does as it is told, and should then end by itself.
import { fetchTransport } from '../../../../lib/transport/fetch.ts'
import { requestTo } from './ask.ts'

const [url = '', what = ''] = process.argv.slice(2)
const asked = fetchTransport()(requestTo(url, { body: '{}' }))
let since = 0
const done = (): void => {
  since = performance.now()
}

if (what === 'finish') {
  asked.subscribe(({ body }) => {
    console.log(body)
    done()
  })
} else {
  const subscription = asked.subscribe()
  // The parent says when the request has arrived.
  process.stdin.once('data', () => {
    subscription.unsubscribe()
    process.stdin.destroy()
    done()
  })
}
process.on('exit', () => console.log(Math.round(performance.now() - since)))
