import type { CancelSignal } from '../../kit/cancellation.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { CallOutcome, CircuitBreaker } from './circuit-breaker.ts'
import type { Transport, TransportRequest } from './transport.ts'

export interface GuardOptions {
  readonly name: string
  readonly breaker: CircuitBreaker
  /** Calls that run at once; more wait. */
  readonly running?: number
  /** Calls that may wait; more are refused, so that a slow subgraph cannot fill the gateway's memory. */
  readonly waiting?: number
}

/**
 * Keeps one subgraph from taking the gateway with it: a bound on calls at once, and a breaker that refuses calls while the subgraph does not answer. Streams pass the breaker too, but hold no place.
 */
export function guarded(
  transport: Transport,
  { name, breaker, running: mostRunning = 256, waiting: mostWaiting = 2_048 }: GuardOptions,
): Transport {
  let running = 0
  const queue: (() => void)[] = []

  /** Resolves when the call may run; gives up its place in the queue when the signal ends first. */
  const turn = async (signal: CancelSignal): Promise<void> => {
    if (queue.length >= mostWaiting) throw unavailable(name, 'too many calls wait for it')
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        queue.splice(queue.indexOf(enter), 1)
        reject(unavailable(name, 'the call was ended while it waited'))
      }
      queue.push(enter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
  const free = (): void => {
    const next = queue.shift()
    // The place is handed on without being given up, so that nobody new can take it in between.
    if (next) next()
    else running -= 1
  }

  const judged = async <Result>(
    request: TransportRequest,
    call: (request: TransportRequest) => Promise<Result>,
  ): Promise<Result> => {
    const admission = breaker.admit()
    if (admission === null) throw unavailable(name, 'the breaker is open')
    let outcome: CallOutcome = 'undecided'
    try {
      const result = await call(request)
      outcome = 'succeeded'
      return result
    } catch (error) {
      outcome = outcomeOf(error, request)
      throw error
    } finally {
      breaker.settle(admission, outcome)
    }
  }

  const execute = (request: TransportRequest) => transport.execute(request)
  const subscribe = (request: TransportRequest) => transport.subscribe(request)
  return {
    ...transport,
    async execute(request) {
      if (request.signal.aborted) return transport.execute(request)
      if (running < mostRunning) running += 1
      else await turn(request.signal)
      try {
        return await judged(request, execute)
      } finally {
        free()
      }
    },
    subscribe: (request) => judged(request, subscribe),
  }
}

/** Silence and broken answers count against the subgraph; a client that went away says nothing about it. */
function outcomeOf(error: unknown, { signal }: TransportRequest): CallOutcome {
  if (!isCodedError(error)) return 'undecided'
  if (error.code === 'SUBGRAPH_TIMEOUT') return 'failed'
  return error.code === 'SUBGRAPH_UNAVAILABLE' && !signal.aborted ? 'failed' : 'undecided'
}

function unavailable(name: string, reason: string): CodedError {
  const error = new CodedError('SUBGRAPH_UNAVAILABLE', 'A part of the graph cannot be reached at the moment.')
  error.cause = new Error(`subgraph ${name}: ${reason}`)
  return error
}
