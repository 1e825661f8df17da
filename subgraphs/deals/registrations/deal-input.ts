import { type Money, type MoneyInput, parseMoney } from '../../../kit/money.ts'
import { searchWords } from '../../../storage/search.ts'
import { type CustomerInput, checkCustomer } from '../customers/check-customer.ts'
import { conflictKey } from '../customers/conflict-key.ts'
import type { DealCustomer } from '../customers/customer.ts'
import { createInputErrors } from '../input-errors.ts'
import type { Filing } from '../terms/check-terms.ts'
import { checkCloseDate } from './close-date.ts'
import type { DealRegistrationDocument } from './deal-document.ts'

const maxPacks = 1_000_000

/** What a partner says about a deal, as a draft may have it. */
export interface DealInput {
  readonly customer: CustomerInput
  readonly productId: string
  readonly skuId?: string | null
  readonly quantity?: number | null
  readonly estimatedValue?: MoneyInput | null
  readonly expectedCloseDate?: Date | null
  readonly reserveStock?: boolean | null
}

/** What a registration says, checked and in its stored form. */
export type DealContent = Pick<
  DealRegistrationDocument,
  'customer' | 'productId' | 'skuId' | 'quantity' | 'estimatedValue' | 'expectedCloseDate' | 'reserveStock'
>

/** A deal that can be submitted: nothing that a decision needs is missing. */
export type CompleteContent = DealContent & { readonly estimatedValue: Money; readonly expectedCloseDate: Date }

/** The checked parts of an input, or a refusal that tells everything that is wrong with it. */
export function checkDealInput(input: DealInput, now: Date): DealContent {
  const errors = createInputErrors()
  const { productId, skuId = null, quantity = null, expectedCloseDate = null } = input
  const customer = checkCustomer(input.customer, errors)
  const reserveStock = input.reserveStock ?? false
  if (quantity !== null && (!skuId || quantity < 1 || quantity > maxPacks)) {
    errors.add(['quantity'], `A quantity is 1 to ${maxPacks} packs of the variant named in skuId.`)
  }
  if (reserveStock && (skuId === null || quantity === null)) {
    errors.add(['reserveStock'], 'Stock can be reserved for a skuId and a quantity only.')
  }
  const estimatedValue = input.estimatedValue ? parseMoney(input.estimatedValue) : null
  if (input.estimatedValue && estimatedValue === null) {
    errors.add(['estimatedValue'], 'An amount is a decimal text such as 25000.00 with its ISO 4217 currency.')
  }
  if (expectedCloseDate !== null) checkCloseDate(expectedCloseDate, { field: 'expectedCloseDate', now }, errors)
  errors.check()
  return { customer, productId, skuId, quantity, estimatedValue, expectedCloseDate, reserveStock }
}

/** Refuses a deal that lacks what a decision needs, or whose close date has passed while it was a draft. */
export function checkComplete(content: DealContent, now: Date): CompleteContent {
  const errors = createInputErrors()
  const { estimatedValue, expectedCloseDate } = content
  if (estimatedValue === null) errors.add(['estimatedValue'], 'Say what the deal is expected to be worth.')
  if (expectedCloseDate === null) errors.add(['expectedCloseDate'], 'Say when the customer is expected to order.')
  else checkCloseDate(expectedCloseDate, { field: 'expectedCloseDate', now }, errors)
  errors.check()
  return content as CompleteContent
}

/** What follows from a deal's content and where it is filed. */
export function derivedFields(customer: DealCustomer, { family, territory }: Filing, number: string) {
  return {
    family,
    territory,
    conflictKey: conflictKey({ customer, family, territory }),
    searchWords: searchWords(number, customer.name, customer.domain, customer.taxId),
  }
}
