import type { ClientSession } from 'mongoose'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { requireOperator } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { leadEvent } from './events.ts'
import { type LeadInput, checkLeadInput, newLead } from './lead-input.ts'

/** Takes in a lead, to be assigned to a partner. */
export async function createLead(context: DealContext, input: LeadInput, session: ClientSession): Promise<string> {
  requireOperator(context, 'takes in leads')
  const createdBy = context.caller.organizationId
  const lead = newLead(checkLeadInput(input), { createdBy, now: context.now() })
  const { productId } = lead
  if (productId !== null && !(await context.models.knownProducts.existing(session, [productId])).has(productId)) {
    throw refuse('PRODUCT_NOT_FOUND', ['input', 'productId'], 'There is no product of this id.')
  }
  try {
    await context.models.leads.insert([lead], session)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('DUPLICATE_LEAD', ['input', 'externalId'], 'There is a lead with this externalId.')
  }
  await context.events.append(session, leadEvent('lead.created', lead, { organizationId: createdBy }))
  return lead._id
}
