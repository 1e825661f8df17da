import type { ClientSession } from 'mongoose'
import type { BackgroundContext, Reaction } from '../../../kit/background.ts'
import type { DomainEvent } from '../../../kit/events.ts'
import { createId } from '../../../kit/ids.ts'
import type { BillingModels } from '../models/billing-models.ts'
import { copyOrganization, organizationChanges } from '../organizations/copy-organization.ts'
import type { Commission } from './commission.ts'
import { commissionAccrued, commissionReversed } from './commission-ledger.ts'
import { commissionEvent } from './commission-event.ts'
import { type WonDeal, commissionAmount, ruleFor } from './commission-rule.ts'

/**
 * Follows what deals and their organizations come to, in one order: a deal is won by the tier that its organization
 * had then, and what was won first cannot be reversed first.
 */
export const followDeals: Reaction<BillingModels> = {
  name: 'earnings',
  types: [...organizationChanges, 'deal.won', 'deal.reopened'],
  async handle(context, event, session) {
    if (event.type !== 'deal.won' && event.type !== 'deal.reopened') {
      await copyOrganization(context, event, session)
      return
    }
    // What is handled again, or later than what has followed, has no effect any more.
    if (!(await context.models.commissions.claimEvent(event.subject, event.position, session))) return
    if (event.type === 'deal.won') await accrueCommission(context, event, session)
    else await reverseCommission(context, event, session)
  },
}

/** A won deal earns a commission by the rule that was valid then; where no rule applies, none. */
async function accrueCommission(
  { models, events, log }: BackgroundContext<BillingModels>,
  event: DomainEvent,
  session: ClientSession,
): Promise<void> {
  if ((await models.commissions.findLive(event.subject, session)) !== null) return
  const { organizationId } = event.data
  const organization =
    typeof organizationId === 'string' ? await models.organizations.find(organizationId, session) : null
  const deal = wonDeal(event, organization?.tierId ?? null)
  if (deal === null) {
    // To fail here would hold up every deal that was won after it.
    log.error({ event: event.id, deal: event.subject }, 'a won deal does not say whose it is and what it is worth')
    return
  }
  const rule = ruleFor(await models.commissionRules.candidates(deal, session), deal)
  if (rule === undefined) return
  const amount = commissionAmount(rule, deal)
  if (amount.minorUnits === 0) return
  const commission: Commission = {
    _id: createId('Commission'),
    organizationId: deal.organizationId,
    dealId: event.subject,
    status: 'ACCRUED',
    live: true,
    ruleId: rule._id,
    rateBasisPoints: rule.rateBasisPoints,
    dealValue: deal.value,
    amount,
    accruedAt: event.time,
    approvedAt: null,
    paidAt: null,
    reversedAt: null,
    accruedBy: event.id,
    version: 1,
  }
  await models.commissions.insert(commission, session)
  await models.ledger.post(session, commissionAccrued(commission))
  await events.append(session, commissionEvent(commission))
}

/** A deal that is reopened has earned nothing; what was paid already is taken off the next payout. */
async function reverseCommission(
  { models, events, now }: BackgroundContext<BillingModels>,
  event: DomainEvent,
  session: ClientSession,
): Promise<void> {
  const commission = await models.commissions.findLive(event.subject, session)
  if (commission === null) return
  const reversedAt = now()
  const reversed = await models.commissions.change(
    commission,
    { status: 'REVERSED', live: false, reversedAt, reversedBy: event.id },
    session,
  )
  await models.ledger.post(session, commissionReversed(commission, reversedAt))
  if (commission.status !== 'ACCRUED') {
    await models.payables.takeBack(session, { ...payableOf(commission), at: reversedAt })
  }
  await events.append(session, commissionEvent(reversed))
}

/** What an approved commission adds to its organization's next payout. */
export function payableOf({ _id, organizationId, amount }: Commission) {
  return { kind: 'COMMISSION' as const, reference: _id, organizationId, amount }
}

function wonDeal({ data, time }: DomainEvent, tierId: string | null): WonDeal | null {
  const { organizationId, family, valueMinorUnits, currencyCode } = data
  if (typeof organizationId !== 'string' || typeof currencyCode !== 'string') return null
  if (!Number.isSafeInteger(valueMinorUnits)) return null
  return {
    organizationId,
    tierId,
    family: typeof family === 'string' ? family : null,
    value: { minorUnits: Number(valueMinorUnits), currencyCode },
    wonAt: time,
  }
}
