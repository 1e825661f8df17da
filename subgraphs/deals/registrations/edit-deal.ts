import type { ClientSession } from 'mongoose'
import { formatAmount } from '../../../kit/money.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkReserved } from '../reserved-customers/check-reserved.ts'
import { checkEntitlement, fileUnder } from '../terms/check-terms.ts'
import type { DealRegistrationDocument } from './deal-document.ts'
import { type DealInput, checkDealInput, derivedFields } from './deal-input.ts'
import { editableStates } from './deal-state.ts'
import { dealNotice } from './events.ts'
import { expireLapsed } from './expire-deal.ts'
import { changeDeal, checkInTime, readDeal } from './move-deal.ts'

/** What is left out stays as it is; null takes a part away that a draft can do without. */
export type EditDealInput = CommandTarget & { readonly [Part in keyof DealInput]?: DealInput[Part] | null }

/** Changes a draft, or a registration that was returned to be completed. */
export async function editDeal(context: DealContext, input: EditDealInput, session: ClientSession): Promise<string> {
  const deal = await readDeal(context, input, session)
  if (!editableStates.has(deal.state)) {
    const message = `The registration is ${deal.state} and cannot be edited; only DRAFT and RETURNED ones can.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  const { models, now } = context
  checkInTime(deal, now())
  const content = checkDealInput(edited(deal, input), now())
  const { productId, skuId, customer } = content
  const filing = await fileUnder(models, session, { productId, skuId, country: customer.country })
  const derived = derivedFields(customer, filing, deal.number)
  // A returned registration keeps others from its customer, so it must be allowed to hold the one that it takes now.
  if (deal.exclusive && derived.conflictKey !== deal.conflictKey) {
    await checkEntitlement(models, session, { organizationId: deal.organizationId, productId, ...filing })
    await checkReserved(models, session, { customer, family: filing.family })
    await expireLapsed(context, session, derived.conflictKey)
  }
  const changed = await changeDeal(context, session, deal, { ...content, ...derived })
  await context.events.append(session, dealNotice('deal.edited', changed))
  return changed._id
}

/** The whole input that a registration would have been made with, had the edit been part of it. */
function edited(deal: DealRegistrationDocument, input: EditDealInput): DealInput {
  const { estimatedValue: value } = deal
  const present = value && { amount: formatAmount(value), currencyCode: value.currencyCode }
  return {
    customer: input.customer ?? deal.customer,
    productId: input.productId ?? deal.productId,
    skuId: kept(input.skuId, deal.skuId),
    quantity: kept(input.quantity, deal.quantity),
    estimatedValue: kept(input.estimatedValue, present),
    expectedCloseDate: kept(input.expectedCloseDate, deal.expectedCloseDate),
    reserveStock: input.reserveStock ?? deal.reserveStock,
  }
}

function kept<Part>(given: Part | null | undefined, before: Part | null): Part | null {
  return given === undefined ? before : given
}
