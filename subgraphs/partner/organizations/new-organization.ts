import { createId } from '../../../kit/ids.ts'
import type { StoredValue } from '../extra-fields/stored-values.ts'
import { organizationWords } from './check-profile.ts'
import type { OrganizationStatus, OrganizationType } from './organization-status.ts'
import type { Organization } from './organizations.ts'

/** The document of a company that applies, or that is taken over from another system. */
export function newOrganization(organization: {
  readonly name: string
  readonly type: OrganizationType
  readonly website: string
  readonly country: string
  readonly territories: readonly string[]
  readonly externalId?: string | undefined
  readonly extraFields: readonly StoredValue[]
  readonly status?: OrganizationStatus
  readonly tierId?: string | null
  readonly now: Date
}): Organization {
  const { now, externalId, status = 'APPLIED', tierId = null, ...profile } = organization
  return {
    ...profile,
    ...(externalId === undefined ? {} : { externalId }),
    _id: createId('Organization'),
    status,
    statusReason: null,
    statusChangedAt: now,
    tierId,
    allowedScopes: null,
    operator: false,
    words: organizationWords(organization),
    revision: 0,
    createdAt: now,
    version: 1,
  }
}
