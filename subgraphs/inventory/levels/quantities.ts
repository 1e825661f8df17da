/** The six parts that on-hand stock consists of; each is a whole number and never below zero. */
export const quantityNames = ['available', 'committed', 'reserved', 'safety', 'damaged', 'qualityControl'] as const

export type QuantityName = (typeof quantityNames)[number]

export type Quantities = Readonly<Record<QuantityName, number>>

/** Most units that one part may hold, so that the sum of six fits GraphQL's 32-bit Int. */
export const maxQuantity = 100_000_000

/** Units that are physically there. It is derived and stored nowhere, so it cannot disagree with its parts. */
export function onHandOf(quantities: Quantities): number {
  return quantityNames.reduce((sum, name) => sum + quantities[name], 0)
}

/** Nothing at all. */
export const emptyQuantities: Quantities = {
  available: 0,
  committed: 0,
  reserved: 0,
  safety: 0,
  damaged: 0,
  qualityControl: 0,
}

/**
 * The quantity that a change would take below zero or make too large; undefined when it can be done. What only moves
 * units within a level is never too large, so that what is held can always be given back.
 */
export function outOfBounds(level: Quantities, changes: Partial<Quantities>): QuantityName | undefined {
  const growth = quantityNames.reduce((sum, name) => sum + (changes[name] ?? 0), 0)
  return quantityNames.find((name) => {
    const next = level[name] + (changes[name] ?? 0)
    if (next < 0) return true
    if (growth <= 0 || (changes[name] ?? 0) <= 0) return false
    return next > maxQuantity || onHandOf(level) + growth > maxQuantity * quantityNames.length
  })
}
