export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Median and range of measurements; the median because others on the machine only ever make a run slower. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  if (low === undefined || high === undefined) throw new Error('there are no measurements')
  return { median: (low + high) / 2, min: sorted[0] as number, max: sorted.at(-1) as number }
}

/** `median (min–max)` with a fixed number of digits. */
export function showSpread({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`
}

/** Rounds every number of a result, so that the closing line of JSON stays readable. */
export function rounded<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'number' ? round(part) : part)))
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
