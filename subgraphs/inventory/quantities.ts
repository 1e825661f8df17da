/** The six parts that on-hand stock consists of; each is a whole number and never below zero. */
export const quantityNames = ['available', 'committed', 'reserved', 'safety', 'damaged', 'qualityControl'] as const

export type Quantities = Readonly<Record<(typeof quantityNames)[number], number>>

/** Most units that one part may hold, so that the sum of six fits GraphQL's 32-bit Int. */
export const maxQuantity = 100_000_000

/** Units that are physically there. It is derived and stored nowhere, so it cannot disagree with its parts. */
export function onHandOf(quantities: Quantities): number {
  return quantityNames.reduce((sum, name) => sum + quantities[name], 0)
}
