import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { changeEngagement, checkEngagementMove, readEngagement } from './change-engagement.ts'
import type { CoSellEngagementDocument } from './engagement-document.ts'
import { orderedShares } from './share-fields.ts'
import type { SharedField } from './engagement-document.ts'

export interface AcceptCoSellInput extends CommandTarget {
  readonly shared?: readonly SharedField[] | null
}

/** Accepts an invitation; an owner who accepts the platform's offer says what it shares. */
export async function acceptCoSell(
  context: DealContext,
  input: AcceptCoSellInput,
  session: ClientSession,
): Promise<string> {
  const engagement = await readEngagement(context, input, session)
  checkEngagementMove(engagement, 'ACTIVE')
  checkInvited(context, engagement)
  const owner = context.caller.organizationId === engagement.ownerId
  if (input.shared && !owner) {
    throw refuse('NOT_THE_OWNER', ['input', 'shared'], 'Only the owner of the deal says what is shared of it.')
  }
  const shared = input.shared ? orderedShares(input.shared) : engagement.shared
  const changes = { state: 'ACTIVE', shared } as const
  await changeEngagement(context, session, { engagement, type: 'co_sell.activated', changes })
  return engagement._id
}

/** Declines an invitation. */
export async function declineCoSell(
  context: DealContext,
  input: CommandTarget,
  session: ClientSession,
): Promise<string> {
  const engagement = await readEngagement(context, input, session)
  checkEngagementMove(engagement, 'DECLINED')
  checkInvited(context, engagement)
  const changes = { state: 'DECLINED', open: false } as const
  await changeEngagement(context, session, { engagement, type: 'co_sell.declined', changes })
  return engagement._id
}

function checkInvited({ caller }: DealContext, { invitedBy }: CoSellEngagementDocument): void {
  if (caller.organizationId !== invitedBy) return
  throw refuse('NOT_INVITED', ['input', 'id'], 'Your own invitation is answered by the other side; close it instead.')
}
