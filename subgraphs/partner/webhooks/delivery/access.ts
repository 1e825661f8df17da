import { systemCaller } from '../../../../kit/caller.ts'
import { identifyApp } from '../../apps/identity.ts'
import { createPartnerLoaders } from '../../loaders.ts'
import type { PartnerModels } from '../../models.ts'
import type { WebhookEndpoint } from '../endpoints.ts'

/** What an endpoint's app may do at this moment. */
export interface EndpointAccess {
  /** SUSPENDED may end again; what is to be delivered waits meanwhile. */
  readonly state: 'ACTIVE' | 'SUSPENDED' | 'REVOKED'
  /** Those of the app, and those that its organization has by its tier. */
  readonly scopes: readonly string[]
}

/**
 * Who an endpoint's app is, as gateways are told when it calls. Looked up for each round of deliveries, so that what was
 * revoked is told no more within seconds.
 */
export async function readAccess(
  { models, now }: { readonly models: PartnerModels; readonly now: () => Date },
  { appId }: WebhookEndpoint,
): Promise<EndpointAccess> {
  const loaders = createPartnerLoaders(models, systemCaller([]))
  const app = await identifyApp({ loaders, models, now }, { appId })
  if (app?.appStatus !== 'ACTIVE') return { state: 'REVOKED', scopes: [] }
  return {
    state: app.organizationStatus === 'APPROVED' ? 'ACTIVE' : 'SUSPENDED',
    scopes: [...app.scopes, ...app.tierScopes],
  }
}
