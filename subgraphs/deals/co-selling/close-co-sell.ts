import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { changeEngagement, checkEngagementMove, readEngagement } from './change-engagement.ts'

/** Ends an engagement, or takes an invitation back; from then on the guest sees nothing of the deal. */
export async function closeCoSell(context: DealContext, input: CommandTarget, session: ClientSession): Promise<string> {
  const engagement = await readEngagement(context, input, session)
  checkEngagementMove(engagement, 'CLOSED')
  if (engagement.state === 'INVITED' && context.caller.organizationId !== engagement.invitedBy) {
    throw refuse('NOT_THE_INVITER', ['input', 'id'], 'An invitation is declined by the side that it was sent to.')
  }
  const changes = { state: 'CLOSED', open: false } as const
  await changeEngagement(context, session, { engagement, type: 'co_sell.closed', changes })
  return engagement._id
}
