import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkVersion, notFound } from '../command.ts'
import { commissionStates } from './commission.ts'
import { commissionEvent } from './commission-event.ts'
import { payableOf } from './follow-deals.ts'

/** Approves a commission for the next payout of its organization. */
export async function approveCommission(
  { models, events, now }: BillingContext,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  session: ClientSession,
): Promise<string> {
  const commission = await models.commissions.findById(input.id, session)
  if (commission === null) throw notFound('commission')
  checkVersion('commission', commission.version, input.expectedVersion)
  const illegal = commissionStates.refusal(commission.status, 'APPROVED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const approvedAt = now()
  const approved = await models.commissions.change(commission, { status: 'APPROVED', approvedAt }, session)
  await models.payables.add(session, { ...payableOf(commission), at: approvedAt })
  await events.append(session, commissionEvent(approved))
  return commission._id
}
