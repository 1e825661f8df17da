import type { Caller } from '../../kit/caller.ts'
import type { CancelSignal } from '../../kit/cancellation.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Variables } from '../request.ts'
import type { SubgraphRequest, SubgraphResult } from '../../kit/subgraph-service.ts'
import type { DataObject, ResponsePath } from './data.ts'

/** What the engine needs of a way to a subgraph; transports are more. */
export interface FetchTransport {
  /** Whether requests leave as JSON text: then they come with a `body` and without variables. */
  readonly sendsText?: boolean
  execute(
    request: SubgraphRequest & {
      readonly variables: object
      readonly body: string | undefined
      readonly signal: CancelSignal
    },
  ): Promise<FetchResult>
}

/** A subgraph's answer, and whether none of its strings needs an escape in JSON text. */
export interface FetchResult extends SubgraphResult {
  readonly plain?: boolean
}

/** One run of a compiled plan: what it needs of the rest of the gateway, and the answer as it grows. */
export interface PlanRun {
  readonly caller: Caller
  readonly variables: Variables
  readonly requestId: string
  readonly signal: CancelSignal
  readonly transportOf: (subgraph: string) => FetchTransport
  /** Logs what is not told to the client. */
  readonly onFailure: (error: unknown, subgraph: string) => void
  readonly data: DataObject
  readonly errors: CodedError[]
  /** Whether no string of the data needs an escape in JSON text. */
  plain: boolean
}

/** What a subgraph is asked in a run. */
export interface Asked {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  /** For transports of text. */
  readonly body: string | undefined
}

/**
 * Asks a subgraph. Null when no answer came: then the error is noted at the place that the fetch would have filled
 * first.
 */
export async function ask(
  run: PlanRun,
  { transport, subgraph }: { readonly transport: FetchTransport; readonly subgraph: string },
  asked: Asked & { readonly firstPlace: () => ResponsePath | undefined },
): Promise<FetchResult | null> {
  try {
    const { caller, requestId, signal } = run
    const { query, operationName, variables, body } = asked
    const result = await transport.execute({ query, operationName, variables, body, caller, requestId, signal })
    if (result.plain !== true) run.plain = false
    return result
  } catch (error) {
    run.onFailure(error, subgraph)
    const coded = isCodedError(error) ? error : new CodedError('INTERNAL', 'Something went wrong on our side.')
    const { code: _code, ...details } = coded.extensions
    const path = asked.firstPlace()
    run.errors.push(new CodedError(coded.code, coded.message, details, path?.length ? path : undefined))
    return null
  }
}
