import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { certificationExpiry } from './certifications/certification-expiry.ts'
import { consentExpiry } from './consents/consent-expiry.ts'
import { credentialExpiry } from './credentials/credential-expiry.ts'
import { scopeDeclarations } from './declared-scopes/scope-declarations.ts'
import { invitationExpiry } from './invitations/invitation-expiry.ts'
import { type PartnerLoaders, createPartnerLoaders } from './loaders.ts'
import { type PartnerModels, createPartnerModels, preparePartnerModels } from './models.ts'
import { organizationImporter } from './organizations/import-organizations.ts'
import { partnerResolvers } from './resolvers.ts'
import { webhookDeliveries } from './webhooks/deliver-events.ts'
import { tierDeals } from './tiers/deal-reaction.ts'
import { tierEvaluation } from './tiers/tier-evaluation.ts'

/** Organizations of the channel, their people and their apps. */
export const partnerSubgraph: SubgraphDefinition<PartnerModels, PartnerLoaders> = {
  name: 'partner',
  sdl: loadSdl(import.meta.url),
  createModels: createPartnerModels,
  prepare: preparePartnerModels,
  createLoaders: createPartnerLoaders,
  resolvers: partnerResolvers,
  // What ends comes before the evaluation, which then counts what is left.
  timers: [certificationExpiry, invitationExpiry, credentialExpiry, consentExpiry, tierEvaluation],
  reactions: [tierDeals, scopeDeclarations],
  importers: [organizationImporter],
  workers: [webhookDeliveries],
}
