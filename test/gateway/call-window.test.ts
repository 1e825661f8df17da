import { expect, it } from 'vitest'
import { createCallWindow } from '../../gateway/telemetry/call-window.ts'

const minute = 60_000

it('tells what was called in the last minutes, with percentiles and errors by code', () => {
  const window = createCallWindow(() => 0)
  for (let call = 1; call <= 100; call += 1) {
    window.begin()
    window.end(call, call > 97 ? 'SUBGRAPH_TIMEOUT' : null)
  }
  window.begin()
  const { total, running, errors, latencyMs } = window.read()
  expect({ total, running, errors }).toEqual({ total: 100, running: 1, errors: { SUBGRAPH_TIMEOUT: 3 } })
  expect(Math.abs((latencyMs?.p50 ?? 0) / 50 - 1)).toBeLessThan(0.1)
  expect(Math.abs((latencyMs?.p99 ?? 0) / 99 - 1)).toBeLessThan(0.1)
})

it('forgets what is older than five minutes, and nothing younger than four', () => {
  let now = 0
  const window = createCallWindow(() => now)
  const call = (): void => {
    window.begin()
    window.end(1, 'INTERNAL')
  }
  call()
  now = 4 * minute
  call()
  expect(window.read()).toMatchObject({ total: 2, errors: { INTERNAL: 2 } })
  now = 5 * minute
  expect(window.read()).toMatchObject({ total: 1, errors: { INTERNAL: 1 } })
  now = 30 * minute
  expect(window.read()).toMatchObject({ total: 0, errors: {}, latencyMs: null })
})
