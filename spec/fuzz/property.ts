import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type fc from 'fast-check'

// How the specs pass fast-check's results to the fuzzer.

type Details = fc.RunDetails<unknown>

const CHANNEL_NAME = 'aistore-rx:property'
const results = channel(CHANNEL_NAME)

/**
 * Publishes fast-check's result of a property. Node loads this file twice, as CommonJS for the specs and as ESM for the
 * fuzzer, so a channel carries the result instead of a variable.
 */
export function publish(details: Details): void {
  results.publish(details)
}

/** Listens to all properties; returns the function that stops listening. */
export function listen(onDetails: (details: Details) => void): () => void {
  const listener = (details: unknown): void => onDetails(details as Details)
  subscribe(CHANNEL_NAME, listener)
  return () => unsubscribe(CHANNEL_NAME, listener)
}

/** Whether the spec checks a property, judged by its source before it runs. */
export function isProperty({ body }: Mocha.Test): boolean {
  return /\.assert\(/.test(body)
}
