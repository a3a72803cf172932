/**
 * The events of a stream of server-sent events, besides those with a value: `left` has the error of a Left, `beat` the
 * milliseconds until the next beat, `end` says that the stream is complete.
 */
export const SSE_EVENTS = { left: 'left', beat: 'beat', end: 'end' } as const

/** A new EventSource cannot send the header Last-Event-ID, so a query parameter has the id. */
export const LAST_EVENT_ID = 'lastEventId'
