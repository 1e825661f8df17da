import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { latencyBucket, latencyBuckets, latencyQuantile } from '../../kit/latency-histogram.ts'

const histogramOf = (durations: readonly number[]): number[] => {
  const counts = Array.from({ length: latencyBuckets }, () => 0)
  for (const duration of durations) {
    const bucket = latencyBucket(duration)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return counts
}

it('tells any quantile of durations between half a millisecond and half a minute with an error of at most 9.1 %', () => {
  const durations = fc.array(fc.double({ min: 0.5, max: 30_000, noNaN: true }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(durations, fc.constantFrom(0.01, 0.5, 0.95, 0.99, 1), (all, share) => {
      const exact = all.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * all.length - 1e-9) - 1)] ?? 0
      const told = latencyQuantile(histogramOf(all), share) ?? 0
      expect(Math.abs(told - exact) / exact).toBeLessThan(0.0906)
    }),
  )
})

it('tells of the sum of two histograms what it tells of one of all', () => {
  const durations = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }))
  fc.assert(
    fc.property(durations, durations, (some, others) => {
      const [a, b] = [histogramOf(some), histogramOf(others)]
      const sum = a.map((count, bucket) => count + (b[bucket] ?? 0))
      expect(sum).toEqual(histogramOf([...some, ...others]))
    }),
  )
})

it('counts what no clock should tell without losing it, and knows nothing of nothing', () => {
  expect([Number.NaN, -1, 0, Infinity].map(latencyBucket)).toEqual([0, 0, 0, latencyBuckets - 1])
  expect(latencyQuantile(histogramOf([]), 0.5)).toBeNull()
})
