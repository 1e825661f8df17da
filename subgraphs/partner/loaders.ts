import type { Caller } from '../../kit/caller.ts'
import { createGroupLoader, createLoader } from '../../kit/loader.ts'
import type { PartnerModels } from './models/partner-models.ts'

/** The loaders of one request; what they hold is what this caller may see. */
export function createPartnerLoaders(models: PartnerModels, caller: Caller) {
  return {
    organizations: createLoader(
      (ids: readonly string[]) => models.organizations.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    tiers: createLoader(
      (ids: readonly string[]) => models.tiers.readByIds(ids),
      ({ _id }) => _id,
    ),
    apps: createLoader(
      (ids: readonly string[]) => models.apps.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    credentialsOfApp: createGroupLoader(
      (appIds: readonly string[]) => models.credentials.readByApps(caller, appIds),
      ({ appId }) => appId,
    ),
    membersOfOrganization: models.members.createPages(caller),
    appsOfOrganization: models.apps.createPages(caller),
  }
}

export type PartnerLoaders = ReturnType<typeof createPartnerLoaders>
