import { seededId } from '../../kit/ids.ts'
import { demoApps } from '../demo-world/apps.ts'
import { daysBefore, wholeBetween } from '../demo-world/deterministic.ts'
import { demoOrganization } from '../demo-world/organizations.ts'
import { demoPlans } from '../demo-world/plans.ts'
import { monthEndAfter } from './calendar.ts'
import type { Plan } from './plans/plan.ts'
import type { PlanRequest } from './subscriptions/plan-request.ts'
import type { PlanSubscription } from './subscriptions/subscription.ts'

/** The plans of the demo with what usage costs on them. */
export function demoPlanDocuments(now: Date): Plan[] {
  return demoPlans.map(({ id, monthlyPriceMinorUnits, pricing, ...plan }) => ({
    _id: id,
    ...plan,
    status: 'ACTIVE',
    monthlyPrice: { minorUnits: monthlyPriceMinorUnits, currencyCode: 'EUR' },
    pricing: pricing.map(({ share, ...rule }) => ({
      id: seededId('PricingRule', `${plan.handle}:${rule.meter}`),
      ...rule,
      tiers: [],
      revenueShare:
        share === undefined ? null : { organizationId: demoOrganization(share[0]).id, basisPoints: share[1] },
    })),
    revenueShare: null,
    version: 1,
    createdAt: daysBefore(now, 900, plan.handle),
    updatedAt: daysBefore(now, 900, plan.handle),
  }))
}

/** Each app of the demo on its plan; this month is charged already. */
export function demoSubscriptions(plans: readonly Plan[], now: Date): PlanSubscription[] {
  const byId = new Map(plans.map((plan) => [plan._id, plan]))
  return demoApps.flatMap(({ id, slug, name, organization, plan: handle }) => {
    const plan = byId.get(seededId('Plan', handle))
    if (plan === undefined) return []
    return [
      {
        _id: seededId('PlanSubscription', slug),
        appId: id,
        appName: name,
        organizationId: demoOrganization(organization).id,
        planId: plan._id,
        status: 'ACTIVE',
        price: plan.monthlyPrice,
        startedAt: daysBefore(now, wholeBetween(`subscribed:${slug}`, 5, 29), slug),
        trialEndsAt: null,
        triedPlanIds: plan.trialDays > 0 ? [plan._id] : [],
        renewsAt: monthEndAfter(now),
        pendingPlanId: null,
        version: 1,
      } satisfies PlanSubscription,
    ]
  })
}

const requests = [
  ['northwind-stock-feed', 'scale', 'PENDING', 'We open two more web shops next quarter.'],
  ['vistula-sklep', 'partner-gold', 'REJECTED', 'We would like to register deals.'],
  ['thamesgate-quoting', 'scale', 'APPROVED', 'Our quoting tool serves 300 end users.'],
] as const

/** Some requests for plans, one of which waits for the operator. */
export function demoPlanRequests(now: Date): PlanRequest[] {
  return requests.flatMap(([slug, plan, status, note], index) => {
    const app = demoApps.find((candidate) => candidate.slug === slug)
    if (app === undefined) return []
    const createdAt = daysBefore(now, 3 + 12 * index, slug)
    return [
      {
        _id: seededId('PlanRequest', slug),
        organizationId: demoOrganization(app.organization).id,
        appId: app.id,
        planId: seededId('Plan', plan),
        status,
        note,
        reason: status === 'REJECTED' ? 'This plan comes with the gold tier.' : null,
        createdAt,
        decidedAt: status === 'PENDING' ? null : new Date(createdAt.getTime() + 26 * 60 * 60 * 1000),
        version: status === 'PENDING' ? 1 : 2,
      } satisfies PlanRequest,
    ]
  })
}
