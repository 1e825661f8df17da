import type { Connection } from 'mongoose'
import { fractionOf, wholeBetween } from '../demo-world/deterministic.ts'
import { demoLocations } from '../demo-world/locations.ts'
import { type DemoSku, demoSkus } from '../demo-world/products.ts'
import { createInventoryModels } from './models.ts'
import { type InventoryLevelDocument, levelId } from './models/inventory-level.ts'

/** Levels per insert: some 200 kB. */
const batchSize = 1_000

/** Fills warehouses with plausible stock of the demo's SKUs: cheap goods lie in more places and in larger numbers. */
export async function seedInventory(connection: Connection, { now }: { readonly now: () => Date }): Promise<void> {
  const { locations, levels } = createInventoryModels({ connection, now })
  await locations.insert(demoLocations.map(({ id, ...location }) => ({ _id: id, ...location })))
  const all = demoLevels(now())
  for (let start = 0; start < all.length; start += batchSize) {
    // One batch after the other, so that memory stays flat.
    await levels.insert(all.slice(start, start + batchSize))
  }
}

/** The seeded levels: every SKU at 3 to 8 of the 12 warehouses. */
export function demoLevels(at: Date): InventoryLevelDocument[] {
  return demoSkus.flatMap((sku) =>
    demoLocations
      .toSorted((a, b) => fractionOf(`stocked:${sku.code}@${a.code}`) - fractionOf(`stocked:${sku.code}@${b.code}`))
      .slice(0, wholeBetween(`sites:${sku.code}`, 3, 8))
      .map((location) => demoLevel(sku, location, at)),
  )
}

function demoLevel(sku: DemoSku, location: { readonly id: string; readonly code: string }, at: Date) {
  const place = `${sku.code}@${location.code}`
  // About 60,000 euros of a SKU at a site, but not more than a pallet or two of small things.
  const usual = Math.min(400, Math.max(4, Math.round(6_000_000 / sku.listPriceMinorUnits)))
  const soldOut = sku.discontinued || wholeBetween(`sold-out:${place}`, 1, 14) === 1
  return {
    _id: levelId(sku.id, location.id),
    skuId: sku.id,
    locationId: location.id,
    available: soldOut ? 0 : wholeBetween(`available:${place}`, 1, usual * 2),
    committed: wholeBetween(`committed:${place}`, 0, Math.ceil(usual / 8)),
    reserved: wholeBetween(`reserved:${place}`, 0, Math.ceil(usual / 12)),
    safety: soldOut ? 0 : Math.ceil(usual / 10),
    damaged: Math.max(0, wholeBetween(`damaged:${place}`, -9, 2)),
    qualityControl: Math.max(0, wholeBetween(`quality:${place}`, -12, 4)),
    version: 1,
    updatedAt: at,
  }
}
