import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { DealContext } from '../deal-context.ts'
import { fileUnder } from '../terms/check-terms.ts'
import type { DealRegistrationDocument } from './deal-document.ts'
import { type DealInput, checkDealInput, derivedFields } from './deal-input.ts'

/** A new draft of what an input says, not stored yet. */
export async function newDeal(
  { models, now: clock }: DealContext,
  session: ClientSession,
  deal: { readonly organizationId: string; readonly input: DealInput; readonly leadId?: string },
): Promise<DealRegistrationDocument> {
  const now = clock()
  const content = checkDealInput(deal.input, now)
  const { productId, skuId, customer } = content
  const filing = await fileUnder(models, session, { productId, skuId, country: customer.country })
  const number = dealNumber()
  return {
    ...content,
    ...derivedFields(customer, filing, number),
    _id: createId('DealRegistration'),
    number,
    organizationId: deal.organizationId,
    state: 'DRAFT',
    exclusive: false,
    heldUntil: null,
    submittedAt: null,
    decisionDueAt: null,
    decisionNoticeAt: null,
    protectedUntil: null,
    protectionNoticeAt: null,
    extendedAt: null,
    decision: null,
    evidence: [],
    leadId: deal.leadId ?? null,
    opportunityId: null,
    wonValue: null,
    closedAt: null,
    closeReason: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

/** In whose name a deal is registered: one's own, or any for the platform operator. */
export function namedOrganization({ caller }: DealContext, organizationId: string | null | undefined): string {
  if (organizationId && organizationId !== caller.organizationId && !caller.operator) {
    const message = 'You can register deals in the name of your own organization only.'
    throw refuse('NOT_ENTITLED', ['input', 'organizationId'], message)
  }
  return organizationId ?? caller.organizationId
}

/** From the random end of a new id: a running number would tell partners how many deals the others register. */
function dealNumber(): string {
  const random = createId('DealRegistration').slice(-11, -1).toUpperCase()
  return `DR-${random.slice(0, 5)}-${random.slice(5)}`
}
