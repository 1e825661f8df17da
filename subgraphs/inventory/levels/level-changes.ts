import { LRUCache } from 'lru-cache'
import { CodedError } from '../../../kit/errors.ts'
import { type StreamArguments, openEventFeed } from '../../../kit/event-feed.ts'
import type { DomainEvent, EventFeed } from '../../../kit/events.ts'
import { mapFeed } from '../../../kit/map-feed.ts'
import type { InventoryContext } from '../inventory-context.ts'
import type { InventoryModels } from '../models.ts'
import type { StockedSkuDocument } from '../skus/sku-model.ts'
import { inventoryAdjusted } from './level-events.ts'

/** What `inventoryChanged` may be narrowed to; null and left out mean all. */
export interface ChangeFilter {
  readonly skuIds?: readonly string[] | null
  readonly productIds?: readonly string[] | null
  readonly families?: readonly string[] | null
  readonly locationIds?: readonly string[] | null
  readonly crosses?: ThresholdCrossing | null
}

interface ThresholdCrossing {
  readonly threshold: number
  readonly direction?: 'UP' | 'DOWN' | null
}

const mostIds = 250
/** SKUs whose product and family a stream remembers. */
const rememberedSkus = 10_000
/** A SKU that comes into another family is found there after this time at the latest. */
const rememberedMs = 60_000

/** Committed stock changes that match a filter: after a cursor and then live, or live only. */
export async function inventoryChanges(
  context: InventoryContext,
  { after, filter }: StreamArguments & { readonly filter?: ChangeFilter | null },
): Promise<EventFeed> {
  const wanted = matcher(context, filter ?? {})
  const feed = await openEventFeed(context, { after: after ?? null }, [inventoryAdjusted])
  return mapFeed(feed, async (event) => ((await wanted(event)) ? event : undefined))
}

/** Decides once per event, whoever reads it. */
function matcher({ caller, models }: InventoryContext, filter: ChangeFilter) {
  const skuIds = idSet('skuIds', filter.skuIds)
  const productIds = idSet('productIds', filter.productIds)
  const families = idSet('families', filter.families)
  const locationIds = idSet('locationIds', filter.locationIds)
  const { crosses } = filter
  if (crosses && !caller.scopes.some((scope) => scope === 'inventory:quantities' || scope === 'inventory:write')) {
    // Asked for each threshold in turn, the answers would tell the quantity.
    const message = '`crosses` needs the permission inventory:quantities.'
    throw new CodedError('FORBIDDEN', message, { argument: 'filter.crosses' })
  }
  if (crosses && crosses.threshold < 1) {
    const message = '`crosses.threshold` must be at least 1.'
    throw new CodedError('BAD_USER_INPUT', message, { argument: 'filter.crosses.threshold' })
  }
  const skuOf = productIds || families ? skuFacts(models) : null

  return async ({ data }: DomainEvent): Promise<boolean> => {
    if (!matches(skuIds, data['skuId']) || !matches(locationIds, data['locationId'])) return false
    if (crosses && !hasCrossed(crosses, data)) return false
    if (skuOf === null) return true
    const sku = await skuOf(String(data['skuId']))
    return matches(productIds, sku?.productId) && matches(families, sku?.family)
  }
}

/** Before and after the change, the quantity was on different sides: `threshold` itself is on the upper one. */
function hasCrossed({ threshold, direction }: ThresholdCrossing, data: DomainEvent['data']): boolean {
  const { available, delta } = data
  if (typeof available !== 'number' || typeof delta !== 'number') return false
  const [wasAbove, isAbove] = [available - delta >= threshold, available >= threshold]
  if (wasAbove === isAbove) return false
  return direction == null || (direction === 'UP') === isAbove
}

function skuFacts(models: InventoryModels): (id: string) => Promise<StockedSkuDocument | undefined> {
  const known = new LRUCache<string, StockedSkuDocument>({ max: rememberedSkus, ttl: rememberedMs })
  return async (id) => {
    const remembered = known.get(id)
    if (remembered) return remembered
    const [sku] = await models.skus.byIds([id])
    if (sku) known.set(id, sku)
    return sku
  }
}

function idSet(argument: string, ids: readonly string[] | null | undefined): ReadonlySet<unknown> | null {
  if (!ids) return null
  if (ids.length > 0 && ids.length <= mostIds) return new Set(ids)
  const message = `\`${argument}\` takes 1 to ${mostIds} of them; leave it out for all.`
  throw new CodedError('BAD_USER_INPUT', message, { argument: `filter.${argument}` })
}

function matches(ids: ReadonlySet<unknown> | null, id: unknown): boolean {
  return ids === null || ids.has(id)
}
