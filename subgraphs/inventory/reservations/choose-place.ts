import type { OpenAllocations } from '../allocations/open-allocations.ts'
import { type InventoryLevelDocument, levelId } from '../levels/level-model.ts'
import type { LineRefusal } from '../levels/line-errors.ts'
import type { OpenStock } from '../stock/open-stock.ts'

interface Wanted {
  readonly skuId: string
  readonly locationId: string | null
  readonly quantity: number
  readonly maySplit?: boolean
}

/** The level that units are taken from, and how many of them. */
export interface Place {
  readonly level: InventoryLevelDocument
  readonly quantity: number
}

/**
 * The level that can serve a line: that of the warehouse it names, or else the one with the most units that its
 * organization may have; a part of them where the line may be split. A refusal does not tell what is kept for others,
 * only that it is not there.
 */
export function choosePlace(
  organizationId: string,
  { skuId, locationId, quantity, maySplit = false }: Wanted,
  stock: OpenStock,
  allocations: OpenAllocations,
): Place | LineRefusal {
  const candidates =
    locationId === null ? stock.levelsOf(skuId) : [stock.level(levelId(skuId, locationId))].flatMap((one) => one ?? [])
  if (candidates.length === 0) {
    const message =
      locationId === null ? 'This SKU is kept at no warehouse.' : 'This SKU is not kept at this warehouse.'
    return { code: 'LEVEL_NOT_FOUND', field: 'skuId', message }
  }
  const units = allocations.freeUnits(organizationId, skuId, stock)
  const offers = candidates
    .map((level) => ({
      level,
      free: units?.free(level.locationId) ?? level.available,
      cap: units?.cap(level.locationId) ?? Infinity,
    }))
    .toSorted((a, b) => Math.min(b.free, b.cap) - Math.min(a.free, a.cap) || (a.level._id < b.level._id ? -1 : 1))
  const [best] = offers
  const most = best ? Math.min(best.free, best.cap) : 0
  if (best && (most >= quantity || (maySplit && most > 0))) {
    return { level: best.level, quantity: Math.min(most, quantity) }
  }
  const capped = offers.find(({ free }) => free >= quantity)
  if (capped) {
    const message = `Your allocation of this SKU has ${capped.cap} units left; reserve no more, or ask for a larger one.`
    return { code: 'ALLOCATION_EXCEEDED', field: 'quantity', message }
  }
  const where = locationId === null && !maySplit ? ' at any one warehouse' : ''
  const message = `Fewer than ${quantity} units are available to you${where}.`
  return { code: 'INSUFFICIENT_STOCK', field: 'quantity', message }
}
