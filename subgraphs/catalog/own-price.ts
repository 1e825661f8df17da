import { CodedError } from '../../kit/errors.ts'
import type { CatalogContext } from './catalog-context.ts'
import { type ResolvedPrice, resolvePrice } from './pricing.ts'

/** Times the dearest price that a list can hold, this is still an exact integer of minor units. */
const maximumQuantity = 1_000_000

export interface PriceArgs {
  readonly quantity?: number | null
  readonly at?: Date | null
}

/** The price of a SKU for the caller's organization; null when none of its lists has one. */
export async function readOwnPrice(
  { loaders, caller, now }: CatalogContext,
  skuId: string,
  args: PriceArgs,
): Promise<ResolvedPrice | null> {
  const quantity = args.quantity ?? 1
  if (quantity < 1 || quantity > maximumQuantity) {
    throw new CodedError('BAD_USER_INPUT', `\`quantity\` must be between 1 and ${maximumQuantity}.`, {
      argument: 'quantity',
    })
  }
  const [own, prices] = await Promise.all([
    loaders.priceListsOfOrganization.load(caller.organizationId),
    loaders.ownPricesOfSku.load(skuId),
  ])
  return resolvePrice({ lists: own?.lists ?? [], prices, quantity, at: args.at ?? now() })
}
