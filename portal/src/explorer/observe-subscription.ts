import type { Fetcher } from '@graphiql/toolkit'
import type { Client } from 'graphql-ws'
import { readQueryCost } from '../cost/query-cost.ts'
import { reportAnswer, type RunReport } from '../cost/run-report.ts'
import type { GraphRequest } from '../graph/graph-result.ts'
import { describeStreamError } from '../graph/stream-client.ts'

export interface ObserveSubscriptionOptions {
  streams: Client
  request: GraphRequest
  /** What the run is called in reports. */
  operation: string
  onReport: (report: RunReport) => void
}

interface Sink {
  next: (event: unknown) => void
  complete: () => void
}

/**
 * A subscription as GraphiQL takes it: an observable, not an async iterable, because return() of a generator that
 * waits for its next event would leave the subscription open.
 */
export function observeSubscription(options: ObserveSubscriptionOptions): ReturnType<Fetcher> {
  const { streams, request, operation, onReport } = options
  const observable = {
    subscribe(sink: Sink) {
      let events = 0
      let told = false
      onReport({ state: 'running', operation, live: true })
      const unsubscribe = streams.subscribe(request, {
        next(event) {
          events += 1
          const refused = refusal(operation, event)
          told = refused !== null
          onReport(refused ?? { state: 'live', operation, events, cost: readQueryCost(event.extensions) })
          sink.next(event)
        },
        error(error) {
          told = true
          const message = describeStreamError(error)
          const refused = Array.isArray(error) ? refusal(operation, { errors: error }) : null
          onReport(refused ?? { state: 'failed', operation, message })
          // As an answer rather than sink.error, which GraphiQL prints with the stack of an Error.
          sink.next({ errors: [{ message }] })
          sink.complete()
        },
        complete() {
          if (!told) onReport({ state: 'ended', operation, events })
          sink.complete()
        },
      })
      return { unsubscribe }
    },
  }
  return observable as ReturnType<Fetcher>
}

/** A subscription may be throttled like a query, in an event or in the protocol's error message. */
function refusal(operation: string, result: Parameters<typeof reportAnswer>[1]): RunReport | null {
  const report = reportAnswer(operation, result, 0)
  return report.state === 'throttled' ? report : null
}
