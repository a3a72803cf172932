export { createCluster, type Cluster } from './cluster.ts'
export { clusterOf, type ClusterOptions, type ClusterLike } from './environment.ts'
export type { TokenOption } from './request/token.ts'
export type { LogEvent } from './common/log.ts'
export type { TlsOptions } from './transport/tls.ts'
export type { ClosableTransport, HttpRequest, HttpResponse, Transport } from './transport/transport.ts'
export { fetchTransport, type FetchOptions } from './transport/fetch.ts'

export { clusterMap, details, status } from './queries.ts'
export { running, statuses } from './listings.ts'
export { totalTime, withinTimeframe, type Timeframe } from './history.ts'
export { watchDetails, watchStatus, type WatchOptions } from './watch.ts'
export { progress, type ProgressOptions } from './progress.ts'
export type { JobState } from './model/job-state.ts'
export { health, type Health } from './health.ts'
export { watchJobs } from './jobs.ts'
export type { JobRow } from './view/rows.ts'
export { jobEvents } from './events.ts'
export type { EventType } from './view/job-event.ts'
export { fromEventSource } from './streams/from-event-source.ts'
export type { EventSourceLike, EventSourceOptions, ServerSentEvent } from './streams/from-event-source.ts'
export { JobEvent, JobTable, Progress } from './streams/value-codecs.ts'
export { abort, start, type AbortOptions, type Started } from './commands.ts'
export type { StartOptions } from './model/start-options.ts'
export { archive, type ArchiveOptions } from './launch/archive.ts'
export { command, type CommandRequest } from './launch/command.ts'
export { copyBucket, renameBucket, transformBucket } from './launch/copy-bucket.ts'
export type { CopyBucketOptions, RenameBucketOptions, TransformBucketOptions } from './launch/copy-bucket.ts'
export { copyObjects, transformObjects } from './launch/copy-objects.ts'
export type { CopyObjectsOptions, TransformObjectsOptions } from './launch/copy-objects.ts'
export type { CopyKnobs, TransformKnobs } from './launch/copy-options.ts'
export { findJobs, type FindJobsOptions } from './launch/find-jobs.ts'
export { ended } from './launch/ended.ts'
export { follow, type FollowError, type FollowOptions } from './launch/follow.ts'
export type { FollowEvent } from './launch/follow-events.ts'
export type { KnownTotal } from './launch/launch-progress.ts'
export type { AlreadyDone, Launched, LaunchedJob, LaunchedJobs, Total } from './launch/launched.ts'
export { erasureCode, indexShards, mirror, rechunk } from './launch/layout-jobs.ts'
export type { ErasureCodeOptions, IndexShardsOptions, MirrorOptions, RechunkOptions } from './launch/layout-jobs.ts'
export { deleteObjects, evictObjects, prefetch } from './launch/object-jobs.ts'
export type { ObjectsOptions, PrefetchOptions } from './launch/object-jobs.ts'
export type { ObjectSelection } from './launch/objects.ts'
export { blobDownload, createInventory, evictBucket, promote } from './launch/remote-jobs.ts'
export type {
  BlobDownloadOptions,
  CreateInventoryOptions,
  EvictBucketOptions,
  PromoteOptions,
} from './launch/remote-jobs.ts'
export { summarizeBucket, type BucketSummary, type SummarizeBucketOptions } from './launch/summarize-bucket.ts'
export { download, type DownloadOptions } from './launch/download.ts'
export { abortDownload, downloads, downloadStatus, removeDownload } from './download/downloads.ts'
export type { DownloadsOptions } from './download/downloads.ts'
export type { DownloadSource } from './launch/download-source.ts'
export { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted, waitUntil, type WaitOptions } from './wait.ts'
export { conditions, type Condition } from './view/conditions.ts'
export type { JobView } from './view/job-view.ts'
export type { Outcome, WaitResult } from './model/wait-result.ts'
export { jobOf, type Job, type JobIdentity } from './job.ts'
export type { JobSelector } from './model/selection.ts'
export type { KindInfo, KindName, KnownKind } from './model/kind.ts'
export { KINDS } from './model/kinds.ts'

export { adaptive, backoff, constant, probing } from './cadence.ts'
export type { AdaptiveOptions, BackoffOptions, Cadence, Tick } from './cadence.ts'
export { poll, type PollOptions } from './operators/poll.ts'
export { takeUntilDone } from './operators/take-until-done.ts'
export { streak } from './operators/streak.ts'
export { untilAborted } from './operators/until-aborted.ts'
export { within } from './operators/within.ts'
export { andThen } from './operators/and-then.ts'
export { requireSuccess } from './operators/require-success.ts'
export { rights, type RightsOptions } from './operators/rights.ts'
export { orThrow } from './operators/or-throw.ts'
export { changes } from './operators/changes.ts'
export { rate, type RateOptions, type Rated } from './operators/rate.ts'
export { stalled } from './operators/stalled.ts'

export { isLeft, isRight, match } from './common/either.ts'
export { AisError, explain, isPermanent } from './error.ts'
export type {
  DecodeError,
  HttpError,
  InvalidArgument,
  JobError,
  JobFailed,
  LastSeen,
  LaunchError,
  LaunchResult,
  NotFound,
  RedirectRefused,
  ReplyTooLarge,
  RequestInfo,
  RequestTimeout,
  Result,
  TransportError,
  Unauthorized,
  WaitTimeout,
} from './error.ts'

export { Bucket } from './codec/bucket.ts'
export { ClusterMap, type ClusterNode, type NodeId } from './codec/cluster-map.ts'
export { DownloadStatus, type DownloadError, type DownloadTask } from './codec/download.ts'
export { JobSnap, type JobStats } from './codec/job-snap.ts'
export { JobStatus } from './codec/job-status.ts'
export { Snapshots, type TargetId } from './codec/snapshots.ts'
export { JobRef } from './codec/running.ts'
export { toDate } from './codec/instant.ts'
export { toJson } from './codec/to-json.ts'
