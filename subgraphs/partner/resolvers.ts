import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { applicationResolvers } from './applications/application-resolvers.ts'
import { appResolvers } from './apps/app-resolvers.ts'
import { auditResolvers } from './audit/audit-resolvers.ts'
import { certificationResolvers } from './certifications/certification-resolvers.ts'
import { consentResolvers } from './consents/consent-resolvers.ts'
import { credentialResolvers } from './credentials/credential-resolvers.ts'
import { declaredScopeResolvers } from './declared-scopes/declared-scope-resolvers.ts'
import { deprecatedUseResolvers } from './deprecated-uses/deprecated-use-resolvers.ts'
import { extraFieldResolvers } from './extra-fields/extra-field-resolvers.ts'
import { handedInEventResolvers } from './handed-in-events/handed-in-event-resolvers.ts'
import { identityChangeResolvers } from './identity-changes/identity-changes.ts'
import { invitationResolvers } from './invitations/invitation-resolvers.ts'
import { memberResolvers } from './members/member-resolvers.ts'
import { organizationResolvers } from './organizations/organization-resolvers.ts'
import type { PartnerContext } from './partner-context.ts'
import { tierResolvers } from './tiers/tier-resolvers.ts'
import { trustedDocumentResolvers } from './trusted-documents/trusted-document-resolvers.ts'
import { webhookResolvers } from './webhooks/webhook-resolvers.ts'

/** The resolvers of all features; a type that several extend has the fields of each. */
export const partnerResolvers: Resolvers<PartnerContext> = merge([
  organizationResolvers,
  tierResolvers,
  memberResolvers,
  invitationResolvers,
  certificationResolvers,
  applicationResolvers,
  appResolvers,
  credentialResolvers,
  trustedDocumentResolvers,
  declaredScopeResolvers,
  deprecatedUseResolvers,
  consentResolvers,
  handedInEventResolvers,
  identityChangeResolvers,
  extraFieldResolvers,
  auditResolvers,
  webhookResolvers,
])

function merge(features: readonly Resolvers<PartnerContext>[]): Resolvers<PartnerContext> {
  const merged: Record<string, Resolvers<PartnerContext>[string]> = {}
  for (const feature of features) {
    for (const [type, fields] of Object.entries(feature)) merged[type] = { ...merged[type], ...fields }
  }
  return merged
}
