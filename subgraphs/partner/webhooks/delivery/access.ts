import type { App } from '../../apps/apps.ts'
import type { PartnerModels } from '../../models.ts'
import { allowedScopes } from '../../organizations/allowed-scopes.ts'
import type { Organization } from '../../organizations/organizations.ts'
import type { WebhookEndpoint } from '../endpoints.ts'

/** What an endpoint's app may do at this moment. */
export interface EndpointAccess {
  /** SUSPENDED may end again; what is to be delivered waits meanwhile. */
  readonly state: 'ACTIVE' | 'SUSPENDED' | 'REVOKED'
  readonly scopes: readonly string[]
}

/** Looked up for each round of deliveries, so that what was revoked is told no more within seconds. */
export async function readAccess(
  { apps, organizations }: Pick<PartnerModels, 'apps' | 'organizations'>,
  { appId, organizationId }: WebhookEndpoint,
): Promise<EndpointAccess> {
  const [app, organization] = await Promise.all([
    apps.model.findById(appId).lean<App>(),
    organizations.model.findById(organizationId).lean<Organization>(),
  ])
  if (app?.status !== 'ACTIVE' || organization === null) return { state: 'REVOKED', scopes: [] }
  const allowed = new Set(allowedScopes(organization))
  return {
    state: organization.status === 'APPROVED' ? 'ACTIVE' : 'SUSPENDED',
    scopes: app.scopes.filter((scope) => allowed.has(scope)),
  }
}
