import type { ClientSession } from 'mongoose'
import type { CatalogContext } from '../catalog-context.ts'
import { type InputCheck, checkInput, expectVersion, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import type { PriceList } from './price-list.ts'

export interface PricedSkus {
  readonly priceListId: string
  readonly validFrom?: Date | null
  readonly expectedVersion?: number | null
}

/** The list whose prices are to be changed, in a version that the caller may have asked for. */
export async function listToPrice(
  { caller, models }: CatalogContext,
  { priceListId, expectedVersion }: PricedSkus,
  session: ClientSession,
): Promise<PriceList> {
  requireOperator(caller)
  const list = await models.priceLists.byId(session, priceListId)
  if (!list) throw notFound('price list', 'priceListId')
  expectVersion('price list', list, expectedVersion)
  return list
}

/** Begins to check an input that names SKUs and a moment, which must not lie in the past: prices then were told. */
export function checkPricedSkus(
  { skuIds, validFrom, now }: { readonly skuIds: readonly string[]; readonly validFrom: Date; readonly now: Date },
  field: string,
): InputCheck {
  const check = checkInput()
  if (skuIds.length < 1 || skuIds.length > 250) check.fail(field, `Give 1 to 250 SKUs, not ${skuIds.length}.`)
  if (new Set(skuIds).size !== skuIds.length) check.fail(field, 'A SKU is named twice.')
  if (validFrom < now) check.fail('validFrom', 'Prices cannot be changed in the past.', 'IN_THE_PAST')
  return check
}

/** Sequences by SKU. */
export function bySku<Price extends { readonly skuId: string }>(prices: readonly Price[]): Map<string, Price[]> {
  const grouped = new Map<string, Price[]>()
  for (const price of prices) grouped.set(price.skuId, [...(grouped.get(price.skuId) ?? []), price])
  return grouped
}
