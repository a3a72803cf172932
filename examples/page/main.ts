// The jobs of a cluster, live. The page sends its requests to the relay of its own server.
import { clusterOf, explain, isLeft, watchJobs } from 'aistore-rx'

const status = document.querySelector('[role=status]')
const rows = document.querySelector('tbody')

watchJobs(clusterOf('/ais')).subscribe((result) => {
  if (status !== null) status.textContent = isLeft(result) ? explain(result.left) : 'live'
  if (isLeft(result) || rows === null) return
  rows.replaceChildren(
    ...Object.values(result.right).map(({ kind, id, state }) => {
      const row = document.createElement('tr')
      for (const text of [kind, id, state]) row.insertCell().textContent = text
      return row
    }),
  )
})
