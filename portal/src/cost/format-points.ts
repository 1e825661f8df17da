const format = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** Points as people read them: `12,340`. */
export function formatPoints(points: number): string {
  return format.format(points)
}
