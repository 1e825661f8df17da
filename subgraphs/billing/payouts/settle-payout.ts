import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkVersion, notFound } from '../command.ts'
import { commissionEvent } from '../commissions/commission-event.ts'
import type { MoneyInput } from '../money/parse-money.ts'
import { requireText } from '../plans/create-plan.ts'
import { checkMoney } from '../plans/plan-input.ts'
import { payoutStates } from './payout.ts'
import { payoutEvent } from './payout-event.ts'
import { payoutMoved } from './payout-ledger.ts'

export interface SettlePayoutInput {
  readonly id: string
  readonly outcome: 'PAID' | 'FAILED'
  readonly note: string
  readonly expectedVersion?: number | null
}

/** Records how a transfer ended. What a failed one was for waits for the next payout. */
export async function settlePayout(
  { models, events, now }: BillingContext,
  input: SettlePayoutInput,
  session: ClientSession,
): Promise<string> {
  const payout = await models.payouts.findById(input.id, session)
  if (payout === null) throw notFound('payout')
  checkVersion('payout', payout.version, input.expectedVersion)
  const illegal = payoutStates.refusal(payout.status, input.outcome)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const settledAt = now()
  const note = requireText('note', input.note, 500)
  const settled = await models.payouts.change(payout, { status: input.outcome, settledAt, note }, session)
  await models.ledger.post(session, payoutMoved(settled, settledAt))
  await events.append(session, payoutEvent(settled))
  if (settled.status === 'FAILED') {
    await models.payables.release(payout._id, session)
    return payout._id
  }
  const payables = await models.payables.ofPayout(payout._id, session)
  const commissionIds = payables.flatMap(({ kind, reference }) => (kind === 'COMMISSION' ? [reference] : []))
  const paid = await models.commissions.pay(commissionIds, settledAt, session)
  if (paid.length > 0) await events.append(session, ...paid.map(commissionEvent))
  return payout._id
}

/** Sets the least that is paid out in a currency. */
export async function setPayoutMinimum(
  { models }: BillingContext,
  { minimum }: { readonly minimum: MoneyInput },
  session: ClientSession,
): Promise<string> {
  const { minorUnits, currencyCode } = checkMoney('minimum', minimum)
  await models.payouts.setMinimum(currencyCode, minorUnits, session)
  return currencyCode
}
