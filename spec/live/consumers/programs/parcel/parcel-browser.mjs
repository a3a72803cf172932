import { run } from '../../app.mjs'

run('/ais').then(
  (line) => (document.title = line),
  (error) => (document.title = `failed: ${error}`),
)
