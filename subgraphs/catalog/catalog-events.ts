import type { NewEvent } from '../../kit/events.ts'
import type { Entitlement } from './entitlements/entitlement.ts'
import type { Product } from './goods/product-model.ts'
import type { Sku } from './goods/sku-model.ts'
import type { PriceList } from './pricing/price-list.ts'

/** Goods are told to the operator's subgraphs only: who may view them is decided anew whenever it is asked. */
const operatorOnly = ['operator'] as const

export function productEvent(happened: 'created' | 'changed', product: Product): NewEvent {
  const { name, family, status } = product
  return { type: `product.${happened}`, subject: product._id, audience: operatorOnly, data: { name, family, status } }
}

export function skuEvent(happened: 'created' | 'changed', sku: Sku): NewEvent {
  const { productId, code, family, status } = sku
  return {
    type: `sku.${happened}`,
    subject: sku._id,
    audience: operatorOnly,
    data: { productId, code, family, status },
  }
}

export function entitlementEvent(happened: 'granted' | 'revoked', entitlement: Entitlement): NewEvent {
  const { organizationId, tierId, territory, action, productId, family } = entitlement
  return {
    type: `entitlement.${happened}`,
    subject: entitlement._id,
    audience: operatorOnly,
    data: { organizationId, tierId, territory, action, productId, family },
  }
}

/** What changed is named in one word: the list itself, its assignments or its prices. */
export function priceListEvent(
  happened: 'created' | 'changed',
  { _id, reach, currencyCode, version }: PriceList,
  what: 'list' | 'assignments' | 'prices',
): NewEvent {
  const data = { reach, currencyCode, what, version }
  return { type: `price_list.${happened}`, subject: _id, audience: operatorOnly, data }
}
