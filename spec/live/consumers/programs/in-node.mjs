import { run } from './app.mjs'

run(process.argv[2]).then((line) => console.log(line))
