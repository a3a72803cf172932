import { itRunsItsSnippets } from './helpers/snippet-page.ts'

// Runs each snippet of docs/jobs.md against an emulator, and compares what it prints. `PRINTED` has one pattern for
// each snippet, in order.

const PRINTED: readonly RegExp[] = [
  /^copy-bck finished/,
  /outcome: 'finished'/,
  /id: '\w+',\s+kind: 'copy-bck'/,
  /type: 'launched'[\s\S]*type: 'ended'[\s\S]*outcome: 'finished'/,
  /(?:kind: 'make-n-copies',\s+outcome: 'finished'[\s\S]*){3}/,
]

describe('docs/jobs.md', () => {
  itRunsItsSnippets({
    page: 'docs/jobs.md',
    dir: 'spec/.snippets/jobs-page',
    buckets: ['photos', 'videos', 'texts'],
    printed: PRINTED,
  })
})
