/**
 * The names of server-sent events that carry no value of the stream. `left` carries the error of a Left, `beat` the
 * milliseconds until the next beat; `end` means that the stream is complete.
 */
export const SSE_EVENTS = { left: 'left', beat: 'beat', end: 'end' } as const

/** A new EventSource cannot send the header Last-Event-ID, so a query parameter has the id. */
export const LAST_EVENT_ID = 'lastEventId'
