/**
 * The names of server-sent events that carry no value of the stream. `left` carries the error of a Left. `beat` carries the
 * milliseconds until the next `beat`. `end` means that the stream is complete.
 */
export const SSE_EVENTS = { left: 'left', beat: 'beat', end: 'end' } as const

/** The query parameter that carries the id of the last event: a new EventSource cannot send the header Last-Event-ID. */
export const LAST_EVENT_ID = 'lastEventId'
