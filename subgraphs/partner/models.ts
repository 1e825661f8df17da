import type { SecretModelDependencies } from '../../kit/subgraph-definition.ts'
import { createMailQueue } from '../../mail/mail-queue.ts'
import { prepareModels } from '../../storage/documents.ts'
import { createApplications } from './applications/applications.ts'
import { createApps } from './apps/apps.ts'
import { createAuditLog } from './audit/audit-log.ts'
import { createCertifications } from './certifications/certifications.ts'
import { createConsents } from './consents/consents.ts'
import { createCredentials } from './credentials/credentials.ts'
import { createDeclaredScopes } from './declared-scopes/declared-scopes.ts'
import { createDeprecatedUses } from './deprecated-uses/deprecated-uses.ts'
import { createExtraFields } from './extra-fields/extra-fields.ts'
import { createInvitations } from './invitations/invitations.ts'
import { createMembers } from './members/members.ts'
import { createOneTimeSecrets } from './one-time-secrets.ts'
import { createOrganizations } from './organizations/organizations.ts'
import { createStandings } from './tiers/standings.ts'
import { createTierProposals } from './tiers/tier-proposals.ts'
import { createTiers } from './tiers/tiers.ts'
import { createWonDeals } from './tiers/won-deals.ts'
import { createTrustedDocuments } from './trusted-documents/trusted-documents.ts'
import { createWebhookModels } from './webhooks/webhook-models.ts'

/** The partner subgraph's collections on a connection. */
export function createPartnerModels({ connection, secretFor, outside }: SecretModelDependencies) {
  return {
    organizations: createOrganizations(connection),
    tiers: createTiers(connection),
    standings: createStandings(connection),
    tierProposals: createTierProposals(connection),
    wonDeals: createWonDeals(connection),
    members: createMembers(connection),
    invitations: createInvitations(connection),
    certifications: createCertifications(connection),
    applications: createApplications(connection),
    mails: createMailQueue(connection),
    apps: createApps(connection),
    credentials: createCredentials(connection, () => secretFor('app-key-hash')),
    trustedDocuments: createTrustedDocuments(connection),
    deprecatedUses: createDeprecatedUses(connection),
    consents: createConsents(connection),
    declaredScopes: createDeclaredScopes(connection),
    extraFields: createExtraFields(connection),
    audit: createAuditLog(connection),
    ...createWebhookModels(connection, { secretFor, outside }),
    oneTimeSecrets: createOneTimeSecrets(connection, () => secretFor('one-time-secrets')),
  }
}

export type PartnerModels = ReturnType<typeof createPartnerModels>

/** Creates collections and indexes. */
export async function preparePartnerModels(models: PartnerModels): Promise<void> {
  await prepareModels(Object.values(models).map(({ model }) => model))
}
