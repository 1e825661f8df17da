/** What partners are told whose tier does not show quantities. */
export type Availability = 'IN_STOCK' | 'LOW' | 'OUT'

/** Units up to which stock is low. */
const lowUpTo = 10

/** The band that a number of units lies in. */
export function availabilityOf(units: number): Availability {
  if (units <= 0) return 'OUT'
  return units <= lowUpTo ? 'LOW' : 'IN_STOCK'
}
