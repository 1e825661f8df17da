/** `closed`: calls pass. `open`: they are refused at once. `half-open`: one call tries whether it works again. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** As what a call was let through: one of many, or the one that tries whether a broken subgraph works again. */
export type Admission = 'call' | 'trial'

/** How a call ended; `undecided` tells nothing of the subgraph: the client went away before the answer. */
export type CallOutcome = 'succeeded' | 'failed' | 'undecided'

export interface CircuitBreaker {
  readonly state: BreakerState
  /** Null when the call is refused; what is admitted must be settled once. */
  admit(): Admission | null
  settle(admission: Admission, outcome: CallOutcome): void
}

export interface CircuitBreakerOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number
  /** Calls are judged by the last so many milliseconds. */
  readonly windowMs?: number
  /** Fewer calls in a window than this decide nothing. */
  readonly leastCalls?: number
  /** The share of failed calls at which the breaker opens. */
  readonly failedShare?: number
  /** How long it stays open the first time; twice as long after each trial that fails, up to `longestOpenMs`. */
  readonly openMs?: number
  readonly longestOpenMs?: number
  /** From 0 to 1, spreads the trials of several gateways. */
  readonly random?: () => number
}

/**
 * Stops calling a subgraph that does not answer: callers are told at once instead of after their deadline, and the
 * subgraph is not buried while it starts. Decides by the share of failures, so a rare failure under load opens nothing.
 */
export function createCircuitBreaker({
  nowMs,
  windowMs = 10_000,
  leastCalls = 20,
  failedShare = 0.5,
  openMs = 1_000,
  longestOpenMs = 30_000,
  random = Math.random,
}: CircuitBreakerOptions): CircuitBreaker {
  let state: BreakerState = 'closed'
  let trialAt = 0
  let failedTrials = 0
  // Two half windows, so that a judgement looks back between a half and a whole one without remembering each call.
  let current = { from: nowMs(), calls: 0, failures: 0 }
  let previous = { calls: 0, failures: 0 }

  const turn = (): void => {
    const now = nowMs()
    const age = now - current.from
    if (age < windowMs / 2) return
    previous = age < windowMs ? current : { calls: 0, failures: 0 }
    current = { from: now, calls: 0, failures: 0 }
  }
  const open = (): void => {
    const pause = Math.min(longestOpenMs, openMs * 2 ** failedTrials)
    state = 'open'
    trialAt = nowMs() + pause * (0.75 + random() / 2)
  }
  const close = (): void => {
    state = 'closed'
    failedTrials = 0
    current = { from: nowMs(), calls: 0, failures: 0 }
    previous = { calls: 0, failures: 0 }
  }
  const settleTrial = (outcome: CallOutcome): void => {
    if (outcome === 'succeeded') return close()
    if (outcome === 'undecided') {
      // The next call tries again: `trialAt` has passed.
      state = 'open'
      return
    }
    failedTrials += 1
    open()
  }

  return {
    get state() {
      return state
    },
    admit() {
      if (state === 'closed') return 'call'
      if (state === 'half-open' || nowMs() < trialAt) return null
      state = 'half-open'
      return 'trial'
    },
    settle(admission, outcome) {
      if (admission === 'trial') return settleTrial(outcome)
      // Calls that were let through before it opened say nothing new.
      if (state !== 'closed' || outcome === 'undecided') return
      turn()
      current.calls += 1
      if (outcome === 'failed') current.failures += 1
      const calls = current.calls + previous.calls
      if (calls >= leastCalls && (current.failures + previous.failures) / calls >= failedShare) open()
    },
  }
}
