import { expect } from 'chai'
import { scriptedCluster, type JobScript, type ScriptedCluster } from 'aistore-rx/testing'
import { map, merge, takeUntil, timer, type Observable } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { jobEvents } from '../../../lib/events.ts'
import { progress } from '../../../lib/progress.ts'
import { watchDetails } from '../../../lib/watch.ts'
import { marbles } from '../../helpers/marbles.ts'

// Streams about several jobs of one kind: each stream gets the facts of its own job, and they share their requests.

const cadence = constant(1000)

/** The progress of a job, as texts such as `jobA running 5`. */
const progressTexts = (cluster: Cluster, id: string): Observable<string> =>
  progress(cluster, { id }, { cadence }).pipe(
    map((result) => `${id} ${isLeft(result) ? result.left._tag : `${result.right.state} ${result.right.objects}`}`),
  )
/** The events of a job, as texts such as `jobA finished`. */
const eventTexts = (cluster: Cluster, id: string): Observable<string> =>
  jobEvents(cluster, { id }, { cadence }).pipe(
    map((result) => `${id} ${isLeft(result) ? result.left._tag : result.right.type}`),
  )

/** The values of streams within ten virtual seconds, and the number of snapshot requests that they cost. */
function live(
  jobs: Readonly<Record<string, JobScript>>,
  streams: (scripted: ScriptedCluster) => readonly Observable<string>[],
): { readonly texts: readonly string[]; readonly polls: number } {
  const texts: string[] = []
  let polls = 0
  marbles((helpers) => {
    const cluster = scriptedCluster(helpers, jobs)
    merge(...streams(cluster))
      .pipe(takeUntil(timer(9_900)))
      .subscribe((text) => texts.push(text))
    helpers.flush()
    polls = cluster.asked.filter(({ request }) => request.url.includes('what=qryxstats')).length
  })
  return { texts, polls }
}

// One request about the kind serves the streams about several jobs of that kind.
describe('streams about jobs of one kind', () => {
  const three = { a: 'r 60s f', b: 'r 60s f', c: 'r 60s f' }

  it('each receive every reply', () => {
    const { texts, polls } = live(three, (scripted) => Object.keys(three).map((id) => progressTexts(scripted, id)))
    for (const id of Object.keys(three))
      expect(texts.filter((text) => text.startsWith(id))).to.deep.equal(
        Array.from({ length: 10 }, (_, second) => `${id} running ${second * 2000}`),
      )
    expect(polls).to.be.at.most(3 + 9)
  })

  it('receive the replies of a stream that watches the kind', () => {
    const { texts, polls } = live(three, (scripted) => [
      watchDetails(scripted, { kind: 'lru' }, { cadence }).pipe(map(() => 'details')),
      progressTexts(scripted, 'a'),
    ])
    expect(texts).to.include('a running 18000')
    expect(polls).to.be.at.most(20)
  })

  it('report that no target knows a job, like a single stream does', () => {
    const jobs = { a: 'r 2s g', b: 'r 60s f', c: 'r 60s f' }
    const alone = live({ a: 'r 2s g' }, (scripted) => [progressTexts(scripted, 'a')]).texts
    const together = live(jobs, (scripted) => Object.keys(jobs).map((id) => progressTexts(scripted, id))).texts
    expect(alone).to.include('a NotFound')
    expect(together.filter((text) => text.startsWith('a'))).to.deep.equal(alone)
  })

  it('report their events', () => {
    const jobs = { a: 'r 3s f', b: 'r 3s e' }
    const { texts, polls } = live(jobs, (scripted) => Object.keys(jobs).map((id) => eventTexts(scripted, id)))
    expect(texts).to.include.members(['a started', 'b started', 'a finished', 'b failed'])
    expect(texts.filter((text) => text === 'a progressed')).to.have.lengthOf.at.least(2)
    expect(polls).to.be.at.most(2 * 10)
  })
})
