import { itRunsItsSnippets } from './helpers/snippet-page.ts'

// Runs each snippet of README.md against an emulator, and compares what it prints. `PRINTED` has one pattern for each
// snippet, in order.

const PRINTED: readonly RegExp[] = [
  / finished/,
  /done/,
  /store this: .*copy-bck[\s\S]*100 %[\s\S]*ended finished/,
  /_tag: 'Right', right: '\d+ objects'/,
  /connected/,
  /_tag: 'Right'/,
  /^$/,
  /kind: 'lru'/,
  /listening/,
  / finished[\s\S]*index/,
  /_tag: 'Right'/,
]

describe('the README', () => {
  itRunsItsSnippets({ page: 'README.md', dir: 'spec/.snippets', buckets: ['photos'], printed: PRINTED })
})
