// A separate program: sends a request, does what its arguments say, and should then end without being stopped.
import { fetchTransport } from '../../../../lib/transport/fetch.ts'
import { requestTo } from '../contract/world.ts'

const [url = '', what = ''] = process.argv.slice(2)
const reply$ = fetchTransport()(requestTo(url, { body: '{}' }))
let since = 0
const done = (): void => {
  since = performance.now()
}

if (what === 'finish') {
  reply$.subscribe(({ body }) => {
    console.log(body)
    done()
  })
} else {
  const subscription = reply$.subscribe()
  // The parent process sends a message when the request has arrived.
  process.stdin.once('data', () => {
    subscription.unsubscribe()
    process.stdin.destroy()
    done()
  })
}
process.on('exit', () => console.log(Math.round(performance.now() - since)))
