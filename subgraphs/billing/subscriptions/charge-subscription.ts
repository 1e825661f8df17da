import type { ClientSession } from 'mongoose'
import type { Money } from '../../../kit/money.ts'
import type { BillingWork } from '../billing-work.ts'
import { periodOf } from '../calendar.ts'
import { transfer } from '../ledger/ledger-transaction.ts'
import type { Plan } from '../plans/plan.ts'
import type { ChargeKind } from './charge.ts'
import type { PlanSubscription } from './subscription.ts'

const words: Readonly<Record<ChargeKind, string>> = {
  PLAN_FEE: 'plan',
  PRORATION_CHARGE: 'plan, rest of the month',
  PRORATION_CREDIT: 'plan, credit for the rest of the month',
}

/** Charges or credits a subscription: it is on the invoice of its month and in the ledger at once. Nothing for zero. */
export async function chargeSubscription(
  { models }: BillingWork,
  session: ClientSession,
  charge: {
    readonly subscription: PlanSubscription
    readonly plan: Plan
    readonly kind: ChargeKind
    readonly amount: Money
    readonly at: Date
  },
): Promise<void> {
  const { subscription, plan, kind, amount, at } = charge
  if (amount.minorUnits === 0) return
  const { appId, appName, organizationId, version } = subscription
  const _id = `${subscription._id}:${version}:${at.toISOString()}:${kind}`
  await models.charges.insert(
    {
      _id,
      organizationId,
      appId,
      planId: plan._id,
      kind,
      period: periodOf(at),
      description: `${plan.name} ${words[kind]}, ${appName}`,
      amount,
      revenueShare: plan.revenueShare,
      chargedAt: at,
      invoiceId: null,
    },
    session,
  )
  await models.ledger.post(session, {
    key: `charge:${_id}`,
    type: kind === 'PLAN_FEE' ? 'PLAN_CHARGE' : kind,
    organizationId,
    reference: subscription._id,
    occurredAt: at,
    entries: transfer('UNBILLED', 'PLAN_REVENUE', amount),
  })
}
