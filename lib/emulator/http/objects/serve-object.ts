import { findBucket } from '../../cluster/create.ts'
import { isRefusal } from '../../cluster/refusal.ts'
import { checkBucket } from '../../cluster/start-checks.ts'
import { actionOf } from '../cluster-actions.ts'
import { plainError } from '../error-reply.ts'
import { startBlob } from '../object-actions.ts'
import { objectIn, targetError, type ObjectRequest } from './object-request.ts'
import { deleteObject, renameObject, setCustom } from './change-object.ts'
import { headObject } from './head-object.ts'
import { abortUpload, beginUpload, completeUpload } from './multipart.ts'
import { putObject } from './put-object.ts'
import { readObject } from './read-object.ts'
import type { Cluster } from '../../cluster/state.ts'
import type { Action } from '../messages.ts'
import type { Answer, Request } from '../exchange.ts'

/** Replies to a POST, whose body names the action. */
const post = (objectRequest: ObjectRequest, action: Action): Answer => {
  switch (action.action) {
    case 'rename-obj':
      return renameObject(objectRequest, action)
    case 'blob-download':
      return startBlob(objectRequest.cluster, objectRequest.request, objectRequest.bucket, action, objectRequest.now)
    case 'mpt-upload':
      return beginUpload(objectRequest)
    case 'mpt-complete':
      return completeUpload(objectRequest, action)
    default:
      return targetError(objectRequest, 400, `invalid action "${action.action}"`)
  }
}

/** Reads the action in the body of a request, and carries it out. */
const withAction = (objectRequest: ObjectRequest, act: (action: Action) => Answer): Answer => {
  const action = actionOf(objectRequest.request, objectRequest.request.node)
  return isRefusal(action) ? targetError(objectRequest, action.status, action.message) : act(action)
}

/** Replies to a request under `/v1/objects` at a target. Each target serves each object. */
export const serveObject = (cluster: Cluster, request: Request, now: number): Answer => {
  const { bck, name } = objectIn(request)
  const refusal = checkBucket(cluster, bck)
  const bucket = findBucket(cluster, bck)
  if (refusal || !bucket) {
    return plainError(refusal?.status ?? 404, refusal?.message ?? '', request, 't', refusal?.tcode)
  }
  const objectRequest: ObjectRequest = {
    cluster,
    request,
    query: new URLSearchParams(request.query),
    bucket,
    name,
    now,
  }
  if (name === '' && request.method !== 'POST')
    return targetError(objectRequest, 400, `invalid request URI: no object name`)
  switch (request.method) {
    case 'GET':
      return readObject(objectRequest)
    case 'HEAD':
      return headObject(objectRequest)
    case 'PUT':
      return putObject(objectRequest)
    case 'POST':
      return withAction(objectRequest, (action) => post(objectRequest, action))
    case 'PATCH':
      return withAction(objectRequest, (action) => setCustom(objectRequest, action))
    case 'DELETE':
      return objectRequest.query.has('uploadId') ? abortUpload(objectRequest) : deleteObject(objectRequest)
    default:
      return targetError(objectRequest, 405, `method ${request.method} is not allowed`)
  }
}
