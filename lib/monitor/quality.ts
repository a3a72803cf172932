import { explain, type JobError } from '../error.ts'

/** The reason of a state of health. */
export interface Why {
  readonly text: string
  /** Equal for reasons of one kind, whatever numbers are in their text. */
  readonly kind: string
}

/** Whether there was a reply, and whether a cluster in good order gives such a reply. */
export function qualityOf(error: JobError | undefined): 'well' | 'bad' | 'silent' {
  switch (error?._tag) {
    case 'TransportError':
    case 'RequestTimeout':
      return 'silent'
    case 'HttpError':
      return error.status >= 500 || error.status === 429 || error.code === 'ErrFailedTo' ? 'bad' : 'well'
    case 'DecodeError':
    case 'RedirectRefused':
      return 'bad'
    case 'Unauthorized':
      return error.status === 401 ? 'bad' : 'well'
    default:
      return 'well'
  }
}

export function whyOf(error: JobError): Why {
  const detail =
    error._tag === 'HttpError'
      ? `${error.status} ${error.code ?? ''}`
      : error._tag === 'TransportError'
        ? error.code
        : error._tag === 'Unauthorized'
          ? String(error.status)
          : ''
  return { text: explain(error), kind: `${error._tag} ${detail}` }
}
