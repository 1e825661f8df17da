import type { Connection } from 'mongoose'
import { seededId } from '../../kit/ids.ts'
import { demoOrganizations } from '../demo-world/organizations.ts'
import { monthEndAfter } from './calendar.ts'
import { balancesOf } from './ledger/balance-model.ts'
import { ledgerTransaction } from './ledger/ledger-transaction.ts'
import { type BillingModels, createBillingModels } from './models/billing-models.ts'
import { limitsOf } from './plans/app-limits-model.ts'
import { storedPlan } from './plans/plan-model.ts'
import { demoCommissionRules, demoCommissions, demoPayouts, demoRevenueShares } from './seed-earnings.ts'
import { demoInvoices } from './seed-invoices.ts'
import { demoMovements } from './seed-ledger.ts'
import { demoPlanDocuments, demoPlanRequests, demoSubscriptions } from './seed-plans.ts'
import { demoContractOf, demoMeters, demoUsage } from './seed-usage.ts'
import { mergeRows } from './usage/usage-counts.ts'
import { type CountedRecord, outcomeRows, outcomeRowsOfAll } from './usage/usage-facet.ts'
import { type UsageRow, totalsOf } from './usage/usage.ts'

const lean = { lean: true } as const

/** Fills the empty billing collections with the demo's plans, usage, invoices, earnings and their ledger. */
export async function seedBilling(connection: Connection, options: { readonly now: () => Date }): Promise<void> {
  const models = createBillingModels({ connection, now: options.now })
  const now = options.now()
  await seedSubscriptions(models, now)
  const hours = demoUsage(now)
  // Early in a month nothing was used yet, and MongoDB refuses to insert nothing.
  if (hours.length > 0) {
    await models.usage.hours.insertMany(hours, lean)
    await models.usage.totals.insertMany(totalsOf(hours), lean)
    const records = hours.flatMap(demoOutcomes)
    await models.usageFacets.outcomes.insertMany(mergeRows(records.flatMap(outcomeRows)), lean)
    await models.usageFacets.ofAll.insertMany(mergeRows(records.flatMap(outcomeRowsOfAll)), lean)
  }
  await models.meters.totals.insertMany(demoMeters(now), lean)
  await seedMoney(models, now)
}

async function seedSubscriptions(models: BillingModels, now: Date): Promise<void> {
  await models.organizations.model.insertMany(
    demoOrganizations.map(({ id, name, status, tier }) => ({
      _id: id,
      name,
      status,
      tierId: tier === null ? null : seededId('PartnerTier', tier),
      asOf: now,
    })),
  )
  const plans = demoPlanDocuments(now)
  const subscriptions = demoSubscriptions(plans, now)
  await models.plans.model.insertMany(plans.map(storedPlan))
  await models.subscriptions.model.insertMany(subscriptions)
  await models.appLimits.model.insertMany(
    subscriptions.flatMap(({ appId, planId }) =>
      plans.filter(({ _id }) => _id === planId).map((plan) => ({ _id: appId, ...limitsOf(plan) })),
    ),
  )
  await models.planRequests.model.insertMany(demoPlanRequests(now))
}

async function seedMoney(models: BillingModels, now: Date): Promise<void> {
  const partners = demoOrganizations.filter(({ status, operator }) => status === 'APPROVED' && !operator)
  const { invoices, last } = demoInvoices(partners, now)
  const commissions = demoCommissions(now)
  const revenueShares = demoRevenueShares(invoices)
  const { payouts, payables } = demoPayouts(commissions, revenueShares)
  await models.invoices.model.insertMany(invoices, lean)
  await models.invoices.startNumbersAfter(last)
  await models.commissionRules.model.insertMany(demoCommissionRules(now))
  await models.commissions.model.insertMany(commissions, lean)
  await models.revenueShares.model.insertMany(revenueShares, lean)
  await models.payouts.model.insertMany(payouts, lean)
  await models.payables.model.insertMany(payables, lean)
  await models.payables.accounts.insertMany(
    [...new Set(payables.map(({ organizationId }) => organizationId))].map((organizationId) => ({
      _id: `${organizationId}:EUR`,
      organizationId,
      currencyCode: 'EUR',
      nextRunAt: monthEndAfter(now),
    })),
  )
  const recorded = demoMovements({ invoices, commissions, revenueShares, payouts }).flatMap(
    (movement) => ledgerTransaction(movement) ?? [],
  )
  const entries = recorded.flatMap((movement) => movement.entries)
  await models.ledger.transactions.insertMany(
    recorded.map(({ transaction }) => transaction),
    lean,
  )
  await models.ledger.entries.insertMany(entries, lean)
  await models.ledger.balances.model.insertMany(balancesOf(entries), lean)
}

/** The demo's usage as reports show it: what failed has met a slow subgraph. */
function demoOutcomes({ appId, organizationId, start, callCount, costPoints, errorCount }: UsageRow): CountedRecord[] {
  const contract = demoContractOf(appId)
  const record = { appId, organizationId, contract, environment: 'sandbox', hour: start, events: 0, latency: {} }
  const fine = callCount - errorCount
  return [
    {
      ...record,
      outcome: 'OK',
      code: null,
      operations: fine,
      calls: fine,
      failures: 0,
      cost: costPoints,
    },
    ...(errorCount === 0
      ? []
      : [
          {
            ...record,
            outcome: 'FAILED' as const,
            code: 'SUBGRAPH_TIMEOUT',
            operations: errorCount,
            calls: errorCount,
            failures: errorCount,
            cost: 0,
          },
        ]),
  ]
}
