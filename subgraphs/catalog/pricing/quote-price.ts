import { CodedError } from '../../../kit/errors.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { allows } from '../entitlements/access.ts'
import type { Sku } from '../goods/sku-model.ts'
import { type ConsideredPriceList, type ResolvedPrice, resolvePrice } from './resolve-price.ts'

/** Times the dearest price that a list can hold, this is still an exact integer of minor units. */
export const largestQuantity = 1_000_000

type PriceOutcome = 'PRICED' | 'NOT_ENTITLED' | 'BELOW_MINIMUM_ORDER' | 'NO_PRICE'

export interface PriceArgs {
  readonly quantity?: number | null
  readonly at?: Date | null
}

export interface PriceQuote {
  readonly sku: Sku
  readonly quantity: number
  readonly at: Date
  readonly outcome: PriceOutcome
  readonly reason: string
  readonly price: ResolvedPrice | null
  readonly considered: readonly ConsideredPriceList[]
}

/** Whether a SKU, which the caller may view, has a price for an organization, and why. */
export async function quotePrice(
  { loaders }: CatalogContext,
  sku: Sku,
  { organizationId, ...args }: PriceArgs & { readonly organizationId: string },
): Promise<PriceQuote> {
  const quantity = args.quantity ?? sku.minimumOrderQuantity
  if (quantity < 1 || quantity > largestQuantity) {
    throw new CodedError('BAD_USER_INPUT', `\`quantity\` must be between 1 and ${largestQuantity}.`, {
      argument: 'quantity',
    })
  }
  const at = args.at ?? loaders.startedAt
  const without = (outcome: PriceOutcome, reason: string, considered: readonly ConsideredPriceList[] = []) => ({
    sku,
    quantity,
    at,
    outcome,
    reason,
    price: null,
    considered,
  })
  const access = await loaders.accessOfOrganization.load(organizationId)
  // The operator may view what the organization that it asks for may not.
  if (!allows(access, 'VIEW', sku) || !allows(access, 'SELL', sku)) {
    return without('NOT_ENTITLED', 'No entitlement lets the organization sell this product.')
  }
  if (quantity < sku.minimumOrderQuantity) {
    const message = `At least ${sku.minimumOrderQuantity} must be ordered, so ${quantity} have no price.`
    return without('BELOW_MINIMUM_ORDER', message)
  }
  const [own, prices] = await Promise.all([
    loaders.priceListsOfOrganization.load(organizationId),
    loaders.pricesOfSku(organizationId, at).load(sku._id),
  ])
  const { price, considered } = resolvePrice({ lists: own?.lists ?? [], prices, quantity, at })
  if (!price) return without('NO_PRICE', 'No price list that applies has a price for it.', considered)
  const reason = considered.find(({ verdict }) => verdict === 'DECIDED')?.reason ?? ''
  return { sku, quantity, at, outcome: 'PRICED', reason: `${price.priceList.name}: ${reason}`, price, considered }
}
