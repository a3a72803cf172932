import { findBucket } from '../../cluster/create.ts'
import { isRefusal } from '../../cluster/refusal.ts'
import { checkBucket } from '../../cluster/start-checks.ts'
import { actionOf } from '../cluster-actions.ts'
import { plainError } from '../error-reply.ts'
import { startBlob } from '../object-actions.ts'
import { objectIn, targetError, type AskedObject } from './asked-object.ts'
import { deleteObject, renameObject, setCustom } from './change-object.ts'
import { headObject } from './head-object.ts'
import { abortUpload, beginUpload, completeUpload } from './multipart.ts'
import { putObject } from './put-object.ts'
import { readObject } from './read-object.ts'
import type { Cluster } from '../../cluster/state.ts'
import type { Action } from '../messages.ts'
import type { Answer, Request } from '../exchange.ts'

const post = (asked: AskedObject, action: Action): Answer => {
  switch (action.action) {
    case 'rename-obj':
      return renameObject(asked, action)
    case 'blob-download':
      return startBlob(asked.cluster, asked.request, asked.bucket, action, asked.now)
    case 'mpt-upload':
      return beginUpload(asked)
    case 'mpt-complete':
      return completeUpload(asked, action)
    default:
      return targetError(asked, 400, `invalid action "${action.action}"`)
  }
}

const withAction = (asked: AskedObject, act: (action: Action) => Answer): Answer => {
  const action = actionOf(asked.request, asked.request.node)
  return isRefusal(action) ? targetError(asked, action.status, action.message) : act(action)
}

/** Replies to a request under `/v1/objects` at a target. Each target serves each object. */
export const serveObject = (cluster: Cluster, request: Request, now: number): Answer => {
  const { bck, name } = objectIn(request)
  const refusal = checkBucket(cluster, bck)
  const bucket = findBucket(cluster, bck)
  if (refusal || !bucket) {
    return plainError(refusal?.status ?? 404, refusal?.message ?? '', request, 't', refusal?.tcode)
  }
  const asked: AskedObject = { cluster, request, query: new URLSearchParams(request.query), bucket, name, now }
  if (name === '' && request.method !== 'POST') return targetError(asked, 400, `invalid request URI: no object name`)
  switch (request.method) {
    case 'GET':
      return readObject(asked)
    case 'HEAD':
      return headObject(asked)
    case 'PUT':
      return putObject(asked)
    case 'POST':
      return withAction(asked, (action) => post(asked, action))
    case 'PATCH':
      return withAction(asked, (action) => setCustom(asked, action))
    case 'DELETE':
      return asked.query.has('uploadId') ? abortUpload(asked) : deleteObject(asked)
    default:
      return targetError(asked, 405, `method ${request.method} is not allowed`)
  }
}
