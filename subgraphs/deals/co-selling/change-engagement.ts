import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import { type EngagementState, engagementStateMachine } from './engagement-state.ts'
import type { CoSellEngagementDocument } from './engagement-document.ts'

/** The engagement that a command is about; only its two sides act on it, the operator where it is one of them. */
export async function readEngagement(
  { models, caller }: DealContext,
  input: CommandTarget,
  session: ClientSession,
): Promise<CoSellEngagementDocument> {
  const found = await models.engagements.byId(caller, session, input.id)
  const engagement = checkTarget('engagement', found, input)
  if (![engagement.ownerId, engagement.guestId].includes(caller.organizationId)) {
    throw refuse('NOT_A_PARTY', ['input', 'id'], 'Your organization takes no part in this engagement.')
  }
  return engagement
}

/** Refuses a transition that the table does not have. */
export function checkEngagementMove(engagement: CoSellEngagementDocument, state: EngagementState): void {
  const illegal = engagementStateMachine.refusal(engagement.state, state)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
}

/** Changes an engagement as it was read and tells both sides what happened. */
export async function changeEngagement(
  { models, events, now }: DealContext,
  session: ClientSession,
  change: {
    readonly engagement: CoSellEngagementDocument
    readonly type: string
    readonly changes: Partial<Pick<CoSellEngagementDocument, 'state' | 'open' | 'shared' | 'notes'>>
    /** Who learns of it; both sides when left out. */
    readonly audience?: readonly string[]
  },
): Promise<CoSellEngagementDocument> {
  const { engagement, type, changes, audience } = change
  const changed = changedInside(
    await models.engagements.change(session, engagement, { ...changes, updatedAt: now() }),
    engagement._id,
  )
  await events.append(session, engagementEvent(type, changed, audience))
  return changed
}

/** An event about an engagement; it names neither customer nor value, because those may not be shared. */
export function engagementEvent(
  type: string,
  { _id, ownerId, guestId, state }: CoSellEngagementDocument,
  audience: readonly string[] = [ownerId, guestId],
) {
  return { type, subject: _id, audience, data: { ownerId, guestId, state } }
}
