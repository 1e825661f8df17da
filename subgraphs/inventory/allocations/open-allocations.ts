import type { ClientSession } from 'mongoose'
import type { InventoryModels } from '../models.ts'
import type { OpenStock } from '../stock/open-stock.ts'
import type { ChannelAllocationDocument } from './allocation-model.ts'
import { type FreeUnits, createFreeUnits, isValidAt } from './free-units.ts'

/** The allocations of the SKUs that a transaction reserves, with what it has drawn of them so far. */
export interface OpenAllocations {
  /** The SKUs of which something is allocated; all their levels must be opened to judge what is free. */
  readonly skuIds: readonly string[]
  /** What an organization may have of a SKU, given the stock as it would be; undefined where nothing is allocated. */
  freeUnits(organizationId: string, skuId: string, stock: OpenStock): FreeUnits | undefined
  /** Draws units of the organization's allocation; answers its id, or null where it has none there. */
  draw(organizationId: string, place: Place, units: number): string | null
  /** Gives units back that were drawn in this transaction. */
  undraw(allocationId: string, units: number): void
  write(): Promise<void>
}

interface Place {
  readonly skuId: string
  readonly locationId: string
}

/** Reads what is allocated of SKUs, to be drawn in memory and written at once. */
export async function openAllocations(
  models: InventoryModels,
  session: ClientSession,
  { skuIds, at }: { readonly skuIds: readonly string[]; readonly at: Date },
): Promise<OpenAllocations> {
  const skus = await models.skus.byIds([...new Set(skuIds)], session)
  const allocated = skus.flatMap(({ _id, allocatedUntil }) => (allocatedUntil && allocatedUntil > at ? _id : []))
  const found = allocated.length === 0 ? [] : await models.allocations.ofSkus(allocated, at, session)
  const valid = found.filter((allocation) => isValidAt(allocation, at))
  const drawn = new Map<string, number>()
  const remainingOf = ({ _id, quantity, drawn: before }: ChannelAllocationDocument): number =>
    quantity - before - (drawn.get(_id) ?? 0)
  const ofSku = (skuId: string) => valid.filter((allocation) => allocation.skuId === skuId)

  return {
    skuIds: allocated,
    freeUnits(organizationId, skuId, stock) {
      if (!allocated.includes(skuId)) return undefined
      return createFreeUnits(
        organizationId,
        stock.levelsOf(skuId).map(({ locationId, available }) => ({ locationId, units: available })),
        ofSku(skuId).map((allocation) => ({ ...allocation, remaining: remainingOf(allocation) })),
      )
    },
    draw(organizationId, { skuId, locationId }, units) {
      const own = ofSku(skuId).filter((allocation) => allocation.organizationId === organizationId)
      const allocation =
        own.find((each) => each.locationId === locationId) ?? own.find((each) => each.locationId === null)
      if (!allocation) return null
      drawn.set(allocation._id, (drawn.get(allocation._id) ?? 0) + units)
      return allocation._id
    },
    undraw(allocationId, units) {
      drawn.set(allocationId, (drawn.get(allocationId) ?? 0) - units)
    },
    async write() {
      // At different warehouses two reservations write no level in common, but share what is kept for others.
      await models.skus.takeTurn(session, allocated)
      const changes = [...drawn].flatMap(([id, units]) => (units === 0 ? [] : { id, units }))
      await models.allocations.draw(session, changes, at)
    },
  }
}
