import type { Connection } from 'mongoose'
import { fractionOf, wholeBetween } from '../demo-world/deterministic.ts'
import { demoLocations } from '../demo-world/locations.ts'
import { type DemoSku, demoProducts, demoSkus } from '../demo-world/products.ts'
import { type InventoryLevelDocument, levelId } from './levels/level-model.ts'
import { quantityNames } from './levels/quantities.ts'
import { type InventoryModels, createInventoryModels } from './models.ts'
import { demoAllocations, demoReservations, demoShipments } from './seed-channel.ts'
import type { StockedSkuDocument } from './skus/sku-model.ts'

/** Levels per insert: some 200 kB. */
const batchSize = 1_000

/** Fills warehouses with plausible stock of the demo's SKUs: cheap goods lie in more places and in larger numbers. */
export async function seedInventory(connection: Connection, { now }: { readonly now: () => Date }): Promise<void> {
  const models = createInventoryModels({ connection, now })
  const at = now()
  const levels = demoLevels(at)
  const allocations = demoAllocations(at)
  await models.locations.insert(demoLocations.map(({ id, ...location }) => ({ _id: id, ...location })))
  await models.skus.insert(stockedSkus(new Map(allocations.map(({ skuId, validUntil }) => [skuId, validUntil]))))
  await openLevels(models, levels)
  await models.reservations.insert(demoReservations(levels, at))
  await models.allocations.insert(allocations)
  await models.shipments.insert(demoShipments(at))
}

/** Inserts levels with the entries that open their ledger. */
export async function openLevels(
  { levels, ledger }: Pick<InventoryModels, 'levels' | 'ledger'>,
  all: readonly InventoryLevelDocument[],
): Promise<void> {
  for (let start = 0; start < all.length; start += batchSize) {
    const batch = all.slice(start, start + batchSize)
    // One batch after the other, so that memory stays flat.
    await levels.insert(batch)
    await ledger.append(batch.map(openingEntry))
  }
}

function openingEntry(level: InventoryLevelDocument) {
  const { _id, skuId, locationId, version, updatedAt } = level
  return {
    levelId: _id,
    skuId,
    locationId,
    reason: 'OPENING',
    changes: Object.fromEntries(quantityNames.map((name) => [name, level[name]])),
    levelVersion: version,
    subject: null,
    reference: null,
    appId: 'system',
    organizationId: 'system',
    occurredAt: updatedAt,
  } as const
}

function stockedSkus(allocatedUntil: ReadonlyMap<string, Date>): StockedSkuDocument[] {
  const familyOf = new Map(demoProducts.map(({ id, family }) => [id, family]))
  return demoSkus.map(({ id, code, productId, discontinued }) => ({
    _id: id,
    code,
    productId,
    family: familyOf.get(productId) ?? '',
    status: discontinued ? 'DISCONTINUED' : 'ACTIVE',
    allocatedUntil: allocatedUntil.get(id) ?? null,
    version: 0,
  }))
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
