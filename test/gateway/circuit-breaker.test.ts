import { array, assert, constantFrom, nat, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CircuitBreaker, createCircuitBreaker } from '../../gateway/transport/circuit-breaker.ts'

/** A breaker on a clock that the test moves; trials are due exactly `openMs` after it opened. */
function breakerAt(start = 0) {
  const clock = { ms: start }
  const breaker = createCircuitBreaker({ nowMs: () => clock.ms, random: () => 0.5 })
  return { clock, breaker }
}

function call(breaker: CircuitBreaker, outcome: 'succeeded' | 'failed' | 'undecided'): boolean {
  const admission = breaker.admit()
  if (admission === null) return false
  breaker.settle(admission, outcome)
  return true
}

function times(count: number, work: () => unknown): void {
  for (let done = 0; done < count; done++) work()
}

describe('the circuit breaker of a subgraph', () => {
  it('opens when half of at least 20 calls failed', () => {
    const { breaker } = breakerAt()
    times(19, () => call(breaker, 'failed'))
    expect(breaker.state).toBe('closed')
    call(breaker, 'failed')
    expect(breaker.state).toBe('open')
    expect(breaker.admit()).toBeNull()
  })

  it('stays closed while fewer than half fail, and clients that go away count for nothing', () => {
    const { breaker } = breakerAt()
    times(500, () => {
      call(breaker, 'succeeded')
      call(breaker, 'succeeded')
      call(breaker, 'failed')
      times(10, () => call(breaker, 'undecided'))
    })
    expect(breaker.state).toBe('closed')
  })

  it('forgets failures that are older than its window', () => {
    const { clock, breaker } = breakerAt()
    times(19, () => call(breaker, 'failed'))
    clock.ms = 20_000
    times(19, () => call(breaker, 'failed'))
    expect(breaker.state).toBe('closed')
  })

  it('lets one call try after a pause, and closes when it succeeds', () => {
    const { clock, breaker } = breakerAt()
    times(20, () => call(breaker, 'failed'))
    clock.ms = 999
    expect(breaker.admit()).toBeNull()
    clock.ms = 1_000
    expect(breaker.admit()).toBe('trial')
    expect(breaker.admit()).toBeNull()
    breaker.settle('trial', 'succeeded')
    expect(breaker.state).toBe('closed')
    expect(breaker.admit()).toBe('call')
  })

  it('pauses twice as long after each trial that fails, up to 30 seconds', () => {
    const { clock, breaker } = breakerAt()
    times(20, () => call(breaker, 'failed'))
    const pauses = Array.from({ length: 7 }, () => {
      const from = clock.ms
      while (!call(breaker, 'failed')) clock.ms += 1
      return clock.ms - from
    })
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it('tries again at once when the client of the trial went away', () => {
    const { clock, breaker } = breakerAt()
    times(20, () => call(breaker, 'failed'))
    clock.ms = 1_000
    expect(call(breaker, 'undecided')).toBe(true)
    expect(breaker.admit()).toBe('trial')
  })

  it('hears only the trial once it is open: late answers of earlier calls neither open nor close it', () => {
    const { clock, breaker } = breakerAt()
    const late = breaker.admit()
    times(20, () => call(breaker, 'failed'))
    clock.ms = 1_000
    expect(breaker.admit()).toBe('trial')
    if (late) breaker.settle(late, 'succeeded')
    expect(breaker.state).toBe('half-open')
    if (late) breaker.settle(late, 'failed')
    expect(breaker.state).toBe('half-open')
  })

  it('never lets two trials run at once, whatever happens', () => {
    const steps = array(
      record({
        wait: nat({ max: 5_000 }),
        settle: constantFrom('succeeded', 'failed', 'undecided', null),
      }),
      { maxLength: 300 },
    )
    assert(
      property(steps, (all) => {
        const { clock, breaker } = breakerAt()
        let trials = 0
        for (const { wait, settle } of all) {
          clock.ms += wait
          const admission = breaker.admit()
          if (admission === 'trial') trials += 1
          expect(trials).toBeLessThanOrEqual(1)
          if (admission !== null && (settle !== null || admission === 'call')) {
            breaker.settle(admission, settle ?? 'failed')
            if (admission === 'trial') trials -= 1
          }
        }
      }),
    )
  })
})
