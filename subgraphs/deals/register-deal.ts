import type { ClientSession } from 'mongoose'
import { createId } from '../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../storage/mutate.ts'
import { conflictKey } from './customer-key.ts'
import type { DealContext } from './deal-context.ts'
import { isExclusive } from './deal-state.ts'
import { dealEvent } from './events.ts'
import type { DealRegistrationDocument } from './models/deal-registration.ts'
import { type RegisterDealInput, checkInput, checkTerms, decisionMs } from './rules.ts'

/**
 * Registers a deal. Whether the customer is free is not looked up but left to the unique index on exclusive conflict
 * keys: of registrations that arrive at once, exactly one is stored.
 */
export async function registerDeal(
  context: DealContext,
  input: RegisterDealInput,
  session: ClientSession,
): Promise<string> {
  const { caller, models } = context
  const now = context.now()
  const organizationId = input.organizationId ?? caller.organizationId
  if (organizationId !== caller.organizationId && !caller.operator) {
    const message = 'You can register deals in the name of your own organization only.'
    throw refuse('NOT_ENTITLED', ['input', 'organizationId'], message)
  }
  const { customer, estimatedValue } = checkInput(input, now)
  const { productId, skuId = null, quantity = null, expectedCloseDate } = input
  const terms = await models.program.termsFor(session, { organizationId, productId, country: customer.country })
  const { family, territory } = checkTerms(terms, { skuId, estimatedValue })
  const deal: DealRegistrationDocument = {
    _id: createId('DealRegistration'),
    number: dealNumber(),
    organizationId,
    state: 'SUBMITTED',
    customer,
    productId,
    skuId,
    quantity,
    estimatedValue,
    expectedCloseDate,
    territory,
    conflictKey: conflictKey({ customer, family, territory }),
    exclusive: isExclusive('SUBMITTED'),
    submittedAt: now,
    decisionDueAt: new Date(now.getTime() + decisionMs),
    protectedUntil: null,
    decision: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  await expireLapsed(context, session, deal.conflictKey, now)
  try {
    await models.deals.insert([deal], session)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    // The same words whoever holds the customer, so that nobody learns who their competitor is.
    const message = 'This customer is already registered for this product family in this territory.'
    throw refuse('DUPLICATE_REGISTRATION', ['input', 'customer'], message)
  }
  await context.events.append(session, dealEvent(deal, null))
  return deal._id
}

/** A protection that is over must keep nobody out, even when nothing has come by to expire it. */
async function expireLapsed({ models, events }: DealContext, session: ClientSession, key: string, now: Date) {
  const lapsed = await models.deals.lapsed(session, key, now)
  const expired =
    lapsed && (await models.deals.change(session, lapsed, { state: 'EXPIRED', exclusive: false, updatedAt: now }))
  if (lapsed && expired) await events.append(session, dealEvent(expired, lapsed.state))
}

/** From the random end of a new id: a running number would tell partners how many deals the others register. */
function dealNumber(): string {
  const random = createId('DealRegistration').slice(-11, -1).toUpperCase()
  return `DR-${random.slice(0, 5)}-${random.slice(5)}`
}
