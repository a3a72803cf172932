import { Subject, concat, defer, finalize, share, type Observable } from 'rxjs'
import type { Internals } from '../environment.ts'

/** One time that a question is asked, for all who want it. */
interface Flight<A> {
  readonly values: Observable<A>
  readonly landed: Subject<never>
}

interface Lane<A> {
  now: Flight<A> | undefined
  next: Flight<A> | undefined
}

/**
 * Asks one question at a time for all who want its answer.
 *
 * Who comes while it is under way gets the answer to the next one, which goes out when the first has come back: nobody
 * gets an answer to a question that was asked before. Who leaves last cuts it.
 *
 * @param key what is asked: the same key must mean the same question
 */
export const inLane = <A>(env: Internals, key: string, question: Observable<A>): Observable<A> =>
  defer(() => {
    const lanes = env.shared.lanes as Map<string, Lane<A>>
    const lane = lanes.get(key) ?? { now: undefined, next: undefined }
    lanes.set(key, lane)
    const landed = (flight: Flight<A>): void => {
      if (lane.next === flight) lane.next = undefined
      if (lane.now !== flight) return
      lane.now = lane.next
      lane.next = undefined
      if (lane.now === undefined) lanes.delete(key)
      flight.landed.complete()
    }
    if (lane.now === undefined) return (lane.now = flightOf(question, landed)).values
    lane.next ??= flightOf(concat(lane.now.landed, question), landed)
    return lane.next.values
  })

function flightOf<A>(question: Observable<A>, over: (flight: Flight<A>) => void): Flight<A> {
  const flight: Flight<A> = {
    values: question.pipe(
      finalize(() => over(flight)),
      share(),
    ),
    landed: new Subject(),
  }
  return flight
}
