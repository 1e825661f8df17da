import type { ClientSession } from 'mongoose'
import type { NewEvent } from '../../../kit/events.ts'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import type { DealRegistrationDocument } from '../registrations/deal-document.ts'
import type { OpportunityDocument } from './opportunities.ts'
import { type OpportunityStage, opportunityStageMachine } from './opportunity-stage.ts'

type Changes = Partial<Pick<OpportunityDocument, 'stage' | 'amount' | 'closeDate' | 'lostReason' | 'closedAt'>>

/** The opportunity that a command is about, as the caller sees it. */
export async function readOpportunity(
  { models, caller }: DealContext,
  input: CommandTarget,
  session: ClientSession,
): Promise<OpportunityDocument> {
  return checkTarget('opportunity', await models.opportunities.byId(caller, session, input.id), input)
}

/** The registration that an opportunity has come from. */
export async function dealOf(
  { models, caller }: DealContext,
  { _id, dealId }: OpportunityDocument,
  session: ClientSession,
): Promise<DealRegistrationDocument> {
  const deal = await models.deals.byId(caller, session, dealId)
  if (!deal) throw new Error(`opportunity ${_id} has no registration`)
  return deal
}

/** Refuses a stage that the table does not lead to. */
export function checkStage(opportunity: OpportunityDocument, stage: OpportunityStage, field: readonly string[]): void {
  const illegal = opportunityStageMachine.refusal(opportunity.stage, stage)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', field, illegal)
}

/** Changes an opportunity as it was read and records what happened to it. */
export async function changeOpportunity(
  { models, events, now }: Pick<DealContext, 'models' | 'events' | 'now'>,
  session: ClientSession,
  change: { readonly opportunity: OpportunityDocument; readonly type: string; readonly changes: Changes },
): Promise<OpportunityDocument> {
  const { opportunity, type, changes } = change
  const changed = changedInside(
    await models.opportunities.change(session, opportunity, { ...changes, updatedAt: now() }),
    opportunity._id,
  )
  await events.append(session, opportunityEvent(type, changed))
  return changed
}

/** An event about an opportunity, for the organization that works on it. */
export function opportunityEvent(type: string, opportunity: OpportunityDocument): NewEvent {
  const { _id, organizationId, dealId, stage, amount } = opportunity
  const data = { organizationId, dealId, stage, valueMinorUnits: amount.minorUnits, currencyCode: amount.currencyCode }
  return { type, subject: _id, audience: [organizationId], data }
}
