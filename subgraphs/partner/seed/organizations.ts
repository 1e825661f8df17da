import { daysBefore, wholeBetween } from '../../demo-world/deterministic.ts'
import { type DemoOrganization, demoOrganizations } from '../../demo-world/organizations.ts'
import { seededId } from '../../../kit/ids.ts'
import type { StoredValue } from '../extra-fields/stored-values.ts'
import { organizationWords } from '../organizations/check-profile.ts'
import type { Organization } from '../organizations/organizations.ts'

const reasons: Partial<Readonly<Record<DemoOrganization['status'], string>>> = {
  SUSPENDED: 'Invoices are overdue.',
  REJECTED: 'Does no business in the territories that it applied for.',
  TERMINATED: 'Has given up its business.',
}

/** The demo's organizations as this subgraph keeps them. */
export function seededOrganizations(now: Date): Organization[] {
  return demoOrganizations.map(({ id, slug, tier, joinedDaysAgo, ...organization }) => {
    const createdAt = daysBefore(now, joinedDaysAgo, `joined:${slug}`)
    const externalId = `CRM-${wholeBetween(`crm:${slug}`, 100_000, 999_999)}`
    return {
      ...organization,
      _id: id,
      externalId,
      statusReason: reasons[organization.status] ?? null,
      statusChangedAt: createdAt,
      tierId: tier === null ? null : seededId('PartnerTier', tier),
      territories: [...organization.territories],
      allowedScopes: null,
      extraFields: extraFieldsOf(slug),
      words: organizationWords({ ...organization, externalId }),
      revision: 0,
      createdAt,
      version: 1,
    }
  })
}

function extraFieldsOf(slug: string): StoredValue[] {
  return [
    { key: 'employees', value: String(wholeBetween(`employees:${slug}`, 8, 900)) },
    { key: 'vatId', value: `EU${wholeBetween(`vat:${slug}`, 100_000_000, 999_999_999)}` },
    { key: 'creditLimit', value: String(wholeBetween(`credit:${slug}`, 1, 40) * 5_000) },
  ]
}
