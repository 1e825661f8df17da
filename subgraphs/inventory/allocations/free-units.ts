/** Units of a SKU at a warehouse. */
export interface UnitsAt {
  readonly locationId: string
  readonly units: number
}

/** An allocation of the SKU that is valid at the moment in question. */
export interface AllocatedUnits {
  readonly organizationId: string
  readonly locationId: string | null
  /** What its organization has not drawn yet. */
  readonly remaining: number
}

/** What of a SKU one organization may have. */
export interface FreeUnits {
  /** At a warehouse, or at all of them together when none is named; never below zero. */
  free(locationId: string | null): number
  /** What the organization's own allocations leave it there; undefined where none applies. */
  cap(locationId: string | null): number | undefined
}

/**
 * What is left of a SKU for an organization when all others keep what is allocated to them. What is allocated at a
 * warehouse is kept back there; what is allocated at any warehouse is kept back from what is left at all of them.
 */
export function createFreeUnits(
  organizationId: string,
  stock: readonly UnitsAt[],
  allocations: readonly AllocatedUnits[],
): FreeUnits {
  const keptAt = new Map<string, number>()
  let keptAnywhere = 0
  const own = new Map<string | null, number>()
  for (const { organizationId: owner, locationId, remaining } of allocations) {
    if (owner === organizationId) own.set(locationId, (own.get(locationId) ?? 0) + remaining)
    else if (locationId === null) keptAnywhere += remaining
    else keptAt.set(locationId, (keptAt.get(locationId) ?? 0) + remaining)
  }
  const unitsAt = new Map(stock.map(({ locationId, units }) => [locationId, units]))
  const leftAt = (locationId: string): number =>
    Math.max(0, (unitsAt.get(locationId) ?? 0) - (keptAt.get(locationId) ?? 0))
  const left = Math.max(0, sumOf(stock, ({ locationId }) => leftAt(locationId)) - keptAnywhere)

  const free = (locationId: string | null): number => (locationId === null ? left : Math.min(leftAt(locationId), left))
  return {
    free,
    cap(locationId) {
      if (own.size === 0) return undefined
      // The allocation for the warehouse goes before the one for any.
      if (locationId !== null) return own.get(locationId) ?? own.get(null)
      const capped = stock.filter((at) => own.has(at.locationId))
      const others = stock.filter((at) => !own.has(at.locationId))
      return (
        sumOf(capped, (at) => Math.min(own.get(at.locationId) ?? 0, leftAt(at.locationId))) +
        (own.get(null) ?? sumOf(others, (at) => leftAt(at.locationId)))
      )
    },
  }
}

function sumOf(stock: readonly UnitsAt[], unitsOf: (at: UnitsAt) => number): number {
  return stock.reduce((sum, at) => sum + unitsOf(at), 0)
}

/** True while an allocation holds. */
export function isValidAt(allocation: { readonly validFrom: Date; readonly validUntil: Date }, at: Date): boolean {
  return allocation.validFrom <= at && at < allocation.validUntil
}
