import type { ClientSession } from 'mongoose'
import type { DealContext } from '../deal-context.ts'
import { dealEvent } from './events.ts'
import { namedOrganization, newDeal } from './new-deal.ts'
import type { RegisterDealInput } from './register-deal.ts'

/** Saves a deal without submitting it: it keeps nobody out yet and need not be complete. */
export async function saveDealDraft(
  context: DealContext,
  input: RegisterDealInput,
  session: ClientSession,
): Promise<string> {
  const organizationId = namedOrganization(context, input.organizationId)
  const draft = await newDeal(context, session, { organizationId, input })
  await context.models.deals.insert([draft], session)
  await context.events.append(session, dealEvent(draft, null))
  return draft._id
}
