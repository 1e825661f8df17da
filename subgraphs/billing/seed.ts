import type { Connection } from 'mongoose'
import { seededId } from '../../kit/ids.ts'
import { demoApps } from '../demo-world/apps.ts'
import { demoDeals } from '../demo-world/deals.ts'
import { daysBefore, wholeBetween } from '../demo-world/deterministic.ts'
import { demoOrganization, demoOrganizations } from '../demo-world/organizations.ts'
import { demoPlans } from '../demo-world/plans.ts'
import { createBillingModels } from './models/billing-models.ts'
import type { Commission } from './models/commissions.ts'
import { shareOf } from './rules.ts'
import { demoInvoices } from './seed-invoices.ts'
import { demoUsage } from './seed-usage.ts'

/** Fills the empty billing collections with the demo's plans, subscriptions, usage, invoices and commissions. */
export async function seedBilling(connection: Connection, options: { readonly now: () => Date }): Promise<void> {
  const models = createBillingModels({ connection, now: options.now })
  const now = options.now()
  await models.plans.model.insertMany(
    demoPlans.map(({ id, monthlyPriceMinorUnits, ...plan }) => ({
      _id: id,
      monthlyPrice: { minorUnits: monthlyPriceMinorUnits, currencyCode: 'EUR' },
      ...plan,
    })),
  )
  await models.subscriptions.model.insertMany(
    demoApps.map(({ id, slug, organization, plan }) => ({
      _id: seededId('PlanSubscription', slug),
      appId: id,
      organizationId: demoOrganization(organization).id,
      planId: seededId('Plan', plan),
      startedAt: daysBefore(now, wholeBetween(`subscribed:${slug}`, 5, 29), slug),
    })),
  )
  await models.usage.hours.insertMany(demoUsage(now), { lean: true })
  await models.invoices.model.insertMany(
    demoInvoices(
      demoOrganizations.filter(({ status, operator }) => status === 'APPROVED' && !operator),
      now,
    ),
  )
  await models.commissions.model.insertMany(
    demoDeals.flatMap((deal) => (deal.state === 'WON' ? [commissionFor(deal, now)] : [])),
  )
}

const rateByTier = { registered: 200, silver: 300, gold: 400 } as const

/** Deals are won some weeks after registration; commissions are paid out 45 days later. */
function commissionFor(
  { id, slug, organization, valueMinorUnits, createdDaysAgo }: (typeof demoDeals)[number],
  now: Date,
) {
  const { tier } = demoOrganization(organization)
  const rateBasisPoints = rateByTier[tier ?? 'registered']
  const wonDaysAgo = Math.max(1, createdDaysAgo - wholeBetween(`won:${slug}`, 14, 38))
  const paidDaysAgo = wonDaysAgo - 45
  return {
    _id: seededId('Commission', slug),
    organizationId: demoOrganization(organization).id,
    dealId: id,
    status: paidDaysAgo >= 0 ? 'PAID' : 'ACCRUED',
    rateBasisPoints,
    amount: shareOf({ minorUnits: valueMinorUnits, currencyCode: 'EUR' }, rateBasisPoints),
    accruedAt: daysBefore(now, wonDaysAgo, slug),
    paidAt: paidDaysAgo >= 0 ? daysBefore(now, paidDaysAgo, slug) : null,
  } satisfies Commission
}
