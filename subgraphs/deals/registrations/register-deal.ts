import type { ClientSession } from 'mongoose'
import { isDuplicateKey } from '../../../storage/mutate.ts'
import { identityOf } from '../customers/conflict-key.ts'
import { plainDomain } from '../customers/plain-domain.ts'
import type { DealContext } from '../deal-context.ts'
import { checkSubmission } from './check-submission.ts'
import type { DealInput } from './deal-input.ts'
import { dealEvent } from './events.ts'
import { duplicateRegistration } from './move-deal.ts'
import { namedOrganization, newDeal } from './new-deal.ts'

export interface RegisterDealInput extends DealInput {
  /** In whose name; the caller's own when left out. */
  readonly organizationId?: string | null
}

/** Registers a deal and submits it in one step. */
export async function registerDeal(
  context: DealContext,
  input: RegisterDealInput,
  session: ClientSession,
): Promise<string> {
  const { models, events } = context
  const organizationId = namedOrganization(context, input.organizationId)
  const draft = await newDeal(context, session, { organizationId, input })
  const deal = { ...draft, ...(await checkSubmission(context, session, draft)), state: 'SUBMITTED' as const }
  try {
    await models.deals.insert([deal], session)
  } catch (error) {
    throw isDuplicateKey(error) ? duplicateRegistration() : error
  }
  await events.append(session, dealEvent(deal, null))
  return deal._id
}

/** What registrations of one customer queue for, so that many at once do not run into each other's transactions. */
export function contendedCustomer({ customer }: DealInput): string[] {
  const domain = customer.domain ? plainDomain(customer.domain) : null
  return [identityOf({ name: customer.name, domain, taxId: customer.taxId ?? null, country: customer.country })]
}
