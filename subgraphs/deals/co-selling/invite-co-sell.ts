import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import { isExclusive } from '../registrations/deal-state.ts'
import { orderedShares } from './share-fields.ts'
import { engagementEvent } from './change-engagement.ts'
import type { CoSellEngagementDocument } from './engagement-document.ts'
import type { SharedField } from './engagement-document.ts'

export interface InviteCoSellInput {
  readonly dealId: string
  readonly guestOrganizationId?: string | null
  readonly shared?: readonly SharedField[] | null
  readonly message?: string | null
}

/**
 * Invites to sell together: a partner invites another one, or the platform, to its own deal; the platform offers its
 * help to the partner whose deal it is, who says on accepting what it shares.
 */
export async function inviteCoSell(
  context: DealContext,
  input: InviteCoSellInput,
  session: ClientSession,
): Promise<string> {
  const { caller, models, events } = context
  const errors = createInputErrors()
  const message = checkText(input.message, { field: 'message', longest: 2_000 }, errors)
  errors.check()
  const deal = await models.deals.byId(caller, session, input.dealId)
  if (!deal) throw refuse('NOT_FOUND', ['input', 'dealId'], 'There is no such registration.')
  if (!isExclusive(deal.state)) {
    const refusal = `The registration is ${deal.state}; engagements are for registrations that are submitted and not closed.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'dealId'], refusal)
  }
  const ownerId = deal.organizationId
  const offered = caller.organizationId !== ownerId
  const guestId = offered ? caller.organizationId : input.guestOrganizationId
  if (offered && ((input.guestOrganizationId ?? guestId) !== guestId || (input.shared ?? []).length > 0)) {
    const refusal = 'Who else is invited to a deal, and what is shared of it, is for its owner to say.'
    throw refuse('INVALID_INPUT', ['input', 'guestOrganizationId'], refusal)
  }
  const [guest] = guestId ? await models.knownPartners.organizations(session, [guestId]) : []
  if (!guest || guest.status !== 'APPROVED' || guest._id === ownerId) {
    throw refuse(
      'PARTNER_NOT_FOUND',
      ['input', 'guestOrganizationId'],
      'There is no other approved partner of this id.',
    )
  }
  const at = context.now()
  const engagement: CoSellEngagementDocument = {
    _id: createId('CoSellEngagement'),
    dealId: deal._id,
    ownerId,
    guestId: guest._id,
    invitedBy: caller.organizationId,
    state: 'INVITED',
    message,
    shared: orderedShares(input.shared),
    notes: [],
    open: true,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  try {
    await models.engagements.insert([engagement], session)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const refusal = 'There is an open engagement with this partner on this deal; close it first.'
    throw refuse('ALREADY_ENGAGED', ['input', 'guestOrganizationId'], refusal)
  }
  await events.append(session, engagementEvent('co_sell.invited', engagement))
  return engagement._id
}
