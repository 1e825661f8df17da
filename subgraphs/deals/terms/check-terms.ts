import type { ClientSession } from 'mongoose'
import { type Money, formatAmount } from '../../../kit/money.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { DealModels } from '../models.ts'

interface ProductInQuestion {
  readonly productId: string
  readonly skuId: string | null
  readonly country: string
}

/** What a registration is filed under. */
export interface Filing {
  readonly family: string
  readonly territory: string
}

/** The product family and the territory of a registration, a draft included; refused where there are none. */
export async function fileUnder(
  { knownProducts, terms }: DealModels,
  session: ClientSession,
  { productId, skuId, country }: ProductInQuestion,
): Promise<Filing> {
  const product = await knownProducts.product(session, productId)
  if (product?.status !== 'ACTIVE') {
    throw refuse('PRODUCT_NOT_REGISTRABLE', ['input', 'productId'], 'Deals with this product cannot be registered.')
  }
  if (skuId !== null && (await knownProducts.sku(session, skuId))?.productId !== productId) {
    throw refuse('INVALID_INPUT', ['input', 'skuId'], 'This SKU is not one of the product.')
  }
  const territory = await terms.territoryOf(session, country)
  if (!territory) {
    throw refuse('TERRITORY_NOT_SERVED', ['input', 'customer', 'country'], 'No sales territory covers this country.')
  }
  return { family: product.family, territory: territory._id }
}

/** Refuses an organization that may not register this product in this territory. */
export async function checkEntitlement(
  { knownPartners }: DealModels,
  session: ClientSession,
  deal: Filing & { readonly organizationId: string; readonly productId: string },
): Promise<void> {
  const { organizationId, territory } = deal
  const organization = await knownPartners.organization(session, organizationId)
  // ISVs build on the products; they do not sell them.
  const sells = organization?.status === 'APPROVED' && organization.type !== 'ISV'
  if (!sells || !organization.territories.includes(territory)) {
    const message = `Your organization is not entitled to register deals in ${territory}.`
    throw refuse('NOT_ENTITLED', ['input', 'customer', 'country'], message)
  }
  if ((await knownPartners.grantFor(session, organization, deal)) === null) {
    // Without the family's name: the product may be one that the partner may not view.
    const message = 'Your organization is not entitled to register deals with this product.'
    throw refuse('NOT_ENTITLED', ['input', 'productId'], message)
  }
}

/**
 * Refuses a currency in which deals of the family are not registered, unless the deal has it already: commissions and
 * tiers count what a deal is worth by it.
 */
export async function checkCurrency(
  { terms }: DealModels,
  session: ClientSession,
  of: { readonly family: string; readonly had: Money | null; readonly value: Money; readonly field: string },
): Promise<void> {
  const { currencyCode } = of.value
  if (currencyCode === of.had?.currencyCode) return
  const taken = (await terms.programOf(session, of.family))?.minimumValues.map((value) => value.currencyCode) ?? []
  if (taken.includes(currencyCode)) return
  const currencies = [...new Set([...taken, ...(of.had ? [of.had.currencyCode] : [])])].join(', ')
  throw refuse('UNSUPPORTED_CURRENCY', ['input', of.field, 'currencyCode'], `This deal is sold in ${currencies}.`)
}

/** Refuses a deal of less than its product family's minimum. */
export async function checkMinimum(
  { terms }: DealModels,
  session: ClientSession,
  deal: { readonly family: string; readonly estimatedValue: Money },
): Promise<void> {
  const { minorUnits, currencyCode } = deal.estimatedValue
  const program = await terms.programOf(session, deal.family)
  if (!program) {
    throw refuse('PRODUCT_NOT_REGISTRABLE', ['input', 'productId'], 'Deals with this product cannot be registered.')
  }
  const minimum = program.minimumValues.find((value) => value.currencyCode === currencyCode)
  if (!minimum) {
    const taken = program.minimumValues.map((value) => value.currencyCode).join(', ')
    throw refuse(
      'UNSUPPORTED_CURRENCY',
      ['input', 'estimatedValue', 'currencyCode'],
      `Deals are registered in ${taken}.`,
    )
  }
  if (minorUnits < minimum.minorUnits) {
    const message = `A deal in ${deal.family} is worth at least ${formatAmount(minimum)} ${currencyCode}.`
    throw refuse('BELOW_MINIMUM', ['input', 'estimatedValue', 'amount'], message)
  }
}
