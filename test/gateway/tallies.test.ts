import { Counter, Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { DurationHistogram, TallyCounter } from '../../gateway/telemetry/tallies.ts'

const buckets = [0.001, 0.01, 0.1, 1]
const shared = { name: 'took_seconds', help: 'How long it took.', labelNames: ['subgraph'] } as const

/** The values of a histogram as the registry gives them to others than Prometheus, in one order. */
async function valuesOf(histogram: Histogram<'subgraph'>): Promise<string[]> {
  const { values } = await histogram.get()
  return values
    .map(
      ({ value, metricName, labels }) =>
        `${metricName} ${Object.entries(labels).map(String).toSorted().join()} ${value}`,
    )
    .toSorted()
}

/** The lines of a registry in one order: prom-client gives series in the order of their first use. */
async function linesOf(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').toSorted()
}

describe('what is counted in plain numbers', () => {
  it('is told as prom-client tells its own histogram', async () => {
    const ours = new Registry()
    const theirs = new Registry()
    const own = new DurationHistogram({ ...shared, buckets, registers: [ours] })
    const reference = new Histogram({ ...shared, buckets, registers: [theirs] })
    for (const subgraph of ['deals', 'billing']) {
      for (const seconds of [0, 0.0005, 0.001, 0.0011, 0.02, 0.5, 1, 1.5, 60]) {
        own.durations({ subgraph }).observe(seconds)
        reference.labels(subgraph).observe(seconds)
      }
    }
    expect(await linesOf(ours)).toEqual(await linesOf(theirs))
    expect(await valuesOf(own)).toEqual(await valuesOf(reference))
  })

  it('is told as prom-client tells its own counter, at each look anew', async () => {
    const ours = new Registry()
    const theirs = new Registry()
    const own = new TallyCounter({ ...shared, registers: [ours] })
    const reference = new Counter({ ...shared, registers: [theirs] })
    for (let look = 0; look < 3; look++) {
      own.tally({ subgraph: 'deals' }).count += 3
      own.tally({ subgraph: 'billing' }).count += look
      reference.labels('deals').inc(3)
      if (look > 0) reference.labels('billing').inc(look)
      expect(await linesOf(ours)).toEqual(await linesOf(theirs))
    }
  })
})
