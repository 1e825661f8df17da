import { formatAmount, type Money } from '../../kit/money.ts'
import { MutationRefused, type UserError, refuse } from '../../storage/mutate.ts'
import { type DealCustomer, plainDomain } from './customer-key.ts'
import type { RegistrationTerms } from './models/deal-program.ts'
import { type MoneyInput, parseMoney } from './money-input.ts'

const dayMs = 24 * 60 * 60 * 1000

/** How long the platform company may take to decide. */
export const decisionMs = 2 * dayMs
/** How long an approved registration is protected. */
export const protectionMs = 90 * dayMs

const longest = { name: 200, taxId: 40, reason: 2_000 } as const
const maxPacks = 1_000_000

export interface RegisterDealInput {
  readonly organizationId?: string | null
  readonly customer: {
    readonly name: string
    readonly domain?: string | null
    readonly taxId?: string | null
    readonly country: string
  }
  readonly productId: string
  readonly skuId?: string | null
  readonly quantity?: number | null
  readonly estimatedValue: MoneyInput
  readonly expectedCloseDate: Date
}

/** The checked parts of an input, or a refusal that tells everything that is wrong with it. */
export function checkInput(input: RegisterDealInput, now: Date): { customer: DealCustomer; estimatedValue: Money } {
  const errors: UserError[] = []
  const invalid = (field: readonly string[], message: string): null => {
    errors.push({ code: 'INVALID_INPUT', field: ['input', ...field], message })
    return null
  }
  const { customer, quantity, skuId } = input
  const name = customer.name.trim()
  if (name.length < 1 || name.length > longest.name) {
    invalid(['customer', 'name'], `A customer's name has 1 to ${longest.name} characters.`)
  }
  const domain = customer.domain
    ? (plainDomain(customer.domain) ?? invalid(['customer', 'domain'], 'This is no domain name, such as acme.example.'))
    : null
  const taxId = customer.taxId?.trim() || null
  if (taxId !== null && taxId.length > longest.taxId) {
    invalid(['customer', 'taxId'], `A tax number has at most ${longest.taxId} characters.`)
  }
  if (!/^[A-Z]{2}$/.test(customer.country)) {
    invalid(['customer', 'country'], 'A country is its ISO 3166-1 alpha-2 code, such as DE.')
  }
  if (typeof quantity === 'number' && (!skuId || quantity < 1 || quantity > maxPacks)) {
    invalid(['quantity'], `A quantity is 1 to ${maxPacks} packs of the variant named in skuId.`)
  }
  const estimatedValue =
    parseMoney(input.estimatedValue) ??
    invalid(['estimatedValue'], 'An amount is a decimal text such as 25000.00 with its ISO 4217 currency.')
  // By days, so that "today" is accepted at any hour.
  if (input.expectedCloseDate.getTime() < Math.floor(now.getTime() / dayMs) * dayMs) {
    invalid(['expectedCloseDate'], 'The expected close date is in the past.')
  }
  if (errors.length > 0 || estimatedValue === null) throw new MutationRefused(errors)
  return { customer: { name, domain, taxId, country: customer.country }, estimatedValue }
}

/** Refuses what the terms do not allow; answers the product family and the territory otherwise. */
export function checkTerms(
  { product, program, territory, entitlement }: RegistrationTerms,
  deal: { readonly skuId: string | null; readonly estimatedValue: Money },
): { readonly family: string; readonly territory: string } {
  if (!product || !program) {
    throw refuse('PRODUCT_NOT_REGISTRABLE', ['input', 'productId'], 'Deals with this product cannot be registered.')
  }
  if (deal.skuId !== null && !product.skuIds.includes(deal.skuId)) {
    throw refuse('INVALID_INPUT', ['input', 'skuId'], 'This SKU is not one of the product.')
  }
  if (!territory) {
    throw refuse('TERRITORY_NOT_SERVED', ['input', 'customer', 'country'], 'No sales territory covers this country.')
  }
  if (!entitlement?.territories.includes(territory._id)) {
    const message = `Your organization is not entitled to register deals in ${territory._id}.`
    throw refuse('NOT_ENTITLED', ['input', 'customer', 'country'], message)
  }
  const { minorUnits, currencyCode } = deal.estimatedValue
  const minimum = program.minimumValues.find((value) => value.currencyCode === currencyCode)
  if (!minimum) {
    const taken = program.minimumValues.map((value) => value.currencyCode).join(', ')
    const message = `Deals are registered in ${taken}.`
    throw refuse('UNSUPPORTED_CURRENCY', ['input', 'estimatedValue', 'currencyCode'], message)
  }
  if (minorUnits < minimum.minorUnits) {
    const message = `A deal in ${program._id} is worth at least ${formatAmount(minimum)} ${currencyCode}.`
    throw refuse('BELOW_MINIMUM', ['input', 'estimatedValue', 'amount'], message)
  }
  return { family: program._id, territory: territory._id }
}

/** The reason of a decision, trimmed; refused when it is missing where the partner must be told why. */
export function checkReason(decision: string, given: string | null | undefined): string | null {
  const reason = given?.trim() || null
  if (reason === null && decision !== 'APPROVE') {
    throw refuse('INVALID_INPUT', ['input', 'reason'], 'Tell the partner why.')
  }
  if (reason !== null && reason.length > longest.reason) {
    throw refuse('INVALID_INPUT', ['input', 'reason'], `A reason has at most ${longest.reason} characters.`)
  }
  return reason
}
