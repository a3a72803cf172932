// Serves the table of running jobs to any number of pages. All of them share one poll of the cluster.
// With Express: app.get('/jobs', jobsFeed(cluster).node)
import { watchJobs, JobTable, type Cluster } from 'aistore-rx'
import { sse } from 'aistore-rx/relay'

export const jobsFeed = (cluster: Cluster, resumeMs = 10_000): ReturnType<typeof sse> =>
  sse(watchJobs(cluster), { codec: JobTable, overflow: 'latest', resumeMs })
