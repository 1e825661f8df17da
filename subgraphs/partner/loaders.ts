import type { Caller } from '../../kit/caller.ts'
import { createGroupLoader, createLoader } from '../../kit/loader.ts'
import type { Documents, Versioned } from './documents.ts'
import { createExtraFieldValues } from './extra-fields/read-values.ts'
import type { PartnerModels } from './models.ts'

/** The loaders of one request; what they hold is what this caller may see. */
export function createPartnerLoaders(models: PartnerModels, caller: Caller) {
  const byId = <Doc extends Versioned>({ readByIds }: Pick<Documents<Doc>, 'readByIds'>) =>
    createLoader(
      (ids: readonly string[]) => readByIds(caller, ids),
      ({ _id }) => _id,
    )
  let declared: ReturnType<PartnerModels['declaredScopes']['all']> | undefined
  return {
    organizations: byId(models.organizations),
    tiers: byId(models.tiers),
    standings: byId(models.standings),
    tierProposals: byId(models.tierProposals),
    members: byId(models.members),
    invitations: byId(models.invitations),
    certifications: byId(models.certifications),
    applications: byId(models.applications),
    apps: byId(models.apps),
    credentials: byId(models.credentials),
    consents: byId(models.consents),
    declaredScopes: byId(models.declaredScopes),
    /** All that are declared now, read once. */
    allDeclaredScopes: () => (declared ??= models.declaredScopes.all()),
    extraFields: byId(models.extraFields),
    extraFieldValues: createExtraFieldValues((targets) => models.extraFields.inUse(targets), caller),
    webhookEndpoints: byId(models.webhooks),
    webhookDeliveries: byId(models.webhookDeliveries),
    webhookProgress: createLoader(models.webhookProgress.readMany, ({ _id }) => _id),
    webhookEndpointsOfApp: createGroupLoader(
      (appIds: readonly string[]) => models.webhooks.readByApps(caller, appIds),
      ({ appId }) => appId,
    ),
    credentialsOfApp: createGroupLoader(
      (appIds: readonly string[]) => models.credentials.readByApps(caller, appIds),
      ({ appId }) => appId,
    ),
    membersOfOrganization: models.members.createPages(caller),
    invitationsOfOrganization: models.invitations.createPages(caller),
    appsOfOrganization: models.apps.createPages(caller),
    trustedDocumentsOfApp: models.trustedDocuments.createPages(caller),
    certificationsOfOrganization: models.certifications.createPagesByOrganization(caller),
    certificationsOfMember: models.certifications.createPagesByMember(caller),
  }
}

export type PartnerLoaders = ReturnType<typeof createPartnerLoaders>
