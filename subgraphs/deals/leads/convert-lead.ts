import type { ClientSession } from 'mongoose'
import { formatAmount } from '../../../kit/money.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import type { DealInput } from '../registrations/deal-input.ts'
import { dealEvent } from '../registrations/events.ts'
import { newDeal } from '../registrations/new-deal.ts'
import { changeLead, checkLeadMove, readLead } from './change-lead.ts'
import { leadEvent } from './events.ts'

export type ConvertLeadInput = CommandTarget &
  Partial<Omit<DealInput, 'customer' | 'productId'>> & {
    readonly productId?: string | null
  }

/** Makes the draft of a registration of an accepted lead. */
export async function convertLead(
  context: DealContext,
  input: ConvertLeadInput,
  session: ClientSession,
): Promise<string> {
  const { id: _, expectedVersion: __, ...said } = input
  const lead = await readLead(context, input, session)
  checkLeadMove(lead, 'CONVERTED')
  const { organizationId, customer } = lead
  const productId = said.productId ?? lead.productId
  if (!productId) throw refuse('INVALID_INPUT', ['input', 'productId'], 'Say which product the customer is to buy.')
  if (organizationId === null) throw new Error(`lead ${lead._id} was accepted by nobody`)
  const value = lead.estimatedValue
  const expected = value && { amount: formatAmount(value), currencyCode: value.currencyCode }
  const estimatedValue = said.estimatedValue ?? expected
  const draft = await newDeal(context, session, {
    organizationId,
    input: { ...said, customer, productId, estimatedValue },
    leadId: lead._id,
  })
  await context.models.deals.insert([draft], session)
  const converted = await changeLead(context, session, lead, { state: 'CONVERTED', dealId: draft._id })
  const more = { dealId: draft._id }
  await context.events.append(
    session,
    leadEvent('lead.converted', converted, { organizationId, more }),
    dealEvent(draft, null),
  )
  return lead._id
}
