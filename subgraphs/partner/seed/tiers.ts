import { seededId } from '../../../kit/ids.ts'
import { daysBefore, wholeBetween } from '../../demo-world/deterministic.ts'
import { type DemoOrganization, demoOrganizations } from '../../demo-world/organizations.ts'
import { noThresholds } from '../tiers/check-tier.ts'
import { type TierStanding, newStanding } from '../tiers/standings.ts'
import type { PartnerTier } from '../tiers/tiers.ts'
import type { WonDeal } from '../tiers/won-deals.ts'

const revenue = (euros: number) => [
  { currencyCode: 'EUR', minorUnits: euros * 100 },
  { currencyCode: 'USD', minorUnits: euros * 110 },
  { currencyCode: 'GBP', minorUnits: euros * 85 },
]

/** The demo's partner programme. */
export const seededTiers: readonly PartnerTier[] = [
  {
    _id: seededId('PartnerTier', 'registered'),
    name: 'Registered',
    level: 1,
    benefits: ['List prices', 'Access to the sandbox', 'Community support'],
    thresholds: noThresholds,
    assignment: 'AUTOMATIC',
    graceDays: 0,
    version: 1,
  },
  {
    _id: seededId('PartnerTier', 'silver'),
    name: 'Silver',
    level: 2,
    benefits: ['Silver price list', 'Deal registration', 'Support on working days', '3 % commission on won deals'],
    thresholds: { wonRevenue: revenue(100_000), wonDeals: 2, certifiedMembers: 1 },
    assignment: 'AUTOMATIC',
    graceDays: 90,
    version: 1,
  },
  {
    _id: seededId('PartnerTier', 'gold'),
    name: 'Gold',
    level: 3,
    benefits: [
      'Gold price list',
      'Deal registration with 90 days of protection',
      'Named partner manager',
      'Support at all hours',
      '4 % commission on won deals',
    ],
    grants: ['inventory:quantities'],
    thresholds: { wonRevenue: revenue(400_000), wonDeals: 4, certifiedMembers: 2 },
    assignment: 'ON_APPROVAL',
    graceDays: 180,
    version: 1,
  },
]

/** Deals of the last year that are history to the other subgraphs: enough for each tier, with two exceptions. */
export function seededWonDeals(now: Date): WonDeal[] {
  return demoOrganizations.flatMap((organization) =>
    Array.from({ length: dealsOf(organization) }, (_, index): WonDeal => {
      const key = `history:${organization.slug}:${index}`
      const wonAt = daysBefore(now, wholeBetween(`won:${key}`, 30, 330), key)
      return {
        _id: seededId('DealRegistration', key),
        organizationId: organization.id,
        value: { currencyCode: 'EUR', minorUnits: wholeBetween(`worth:${key}`, 100_000, 160_000) * 100 },
        counts: true,
        wonAt,
        eventId: seededId('Event', key),
        heardAt: wonAt,
      }
    }),
  )
}

/** Baltica has earned a higher tier than it is in, Rhône no longer the one that it is in. */
function dealsOf({ slug, tier, status }: DemoOrganization): number {
  if (status !== 'APPROVED') return 0
  if (slug === 'baltica') return 5
  if (slug === 'rhone') return 2
  return tier === 'gold' ? 5 : tier === 'silver' ? 2 : 0
}

/** Standings that are due, so that the first run of the timer fills them. */
export function seededStandings(now: Date): TierStanding[] {
  return demoOrganizations.filter(({ status }) => status === 'APPROVED').map(({ id }) => newStanding(id, now))
}
