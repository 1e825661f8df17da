import { Counter, Histogram } from 'prom-client'

/** The labels of one series. */
type Labels<Name extends string> = Partial<Record<Name, string>>

/** One series of a counter. */
export interface Tally {
  count: number
}

/**
 * A counter whose series are counted in plain numbers and told when somebody looks: prom-client looks a series up by
 * its labels at each step, which is more than the gateway has time for.
 */
export class TallyCounter<Name extends string> extends Counter<Name> {
  readonly #tallies = new Map<string, { readonly labels: Labels<Name>; readonly tally: Tally }>()

  /** The series with these labels. */
  tally(labels: Labels<Name>): Tally {
    const key = JSON.stringify(labels)
    let known = this.#tallies.get(key)
    if (known === undefined) {
      known = { labels, tally: { count: 0 } }
      this.#tallies.set(key, known)
    }
    return known.tally
  }

  override get(): ReturnType<Counter<Name>['get']> {
    for (const { labels, tally } of this.#tallies.values()) {
      if (tally.count > 0) this.inc(labels, tally.count)
      tally.count = 0
    }
    return super.get()
  }
}

/** Durations of one series. */
export class Durations {
  readonly #bounds: readonly number[]
  /** How many there were up to each bound and above the one before; the last is for those above all. */
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(seconds: number): void {
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && seconds > (bounds[at] as number)) at++
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#sum += seconds
  }

  /** The sum, and how many there were up to each bound; the last is all of them. */
  read(): { readonly sum: number; readonly upTo: readonly number[] } {
    let total = 0
    return { sum: this.#sum, upTo: this.#counts.map((count) => (total += count)) }
  }
}

/** A histogram of durations in seconds, for the same reason as `TallyCounter`. */
export class DurationHistogram<Name extends string> extends Histogram<Name> {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, { readonly labels: Labels<Name>; readonly durations: Durations }>()

  constructor(options: ConstructorParameters<typeof Histogram<Name>>[0] & { readonly buckets: number[] }) {
    super(options)
    this.#name = options.name
    this.#help = options.help
    this.#bounds = options.buckets
  }

  /** The series with these labels. */
  durations(labels: Labels<Name>): Durations {
    const key = JSON.stringify(labels)
    let known = this.#series.get(key)
    if (known === undefined) {
      known = { labels, durations: new Durations(this.#bounds) }
      this.#series.set(key, known)
    }
    return known.durations
  }

  /** What prom-client asks of a histogram, for its text and for `get`. */
  getForPromString(): object {
    const values = [...this.#series.values()].flatMap(({ labels: sharedLabels, durations }) => {
      const { sum, upTo } = durations.read()
      const buckets = upTo.map((value, at) => ({
        metricName: `${this.#name}_bucket`,
        labels: { le: this.#bounds[at] ?? '+Inf' },
        sharedLabels,
        value,
      }))
      const total = (metricName: string, value: number) => ({ metricName, labels: {}, sharedLabels, value })
      return [...buckets, total(`${this.#name}_sum`, sum), total(`${this.#name}_count`, upTo.at(-1) ?? 0)]
    })
    return { help: this.#help, name: this.#name, type: 'histogram', values, aggregator: 'sum' }
  }
}
