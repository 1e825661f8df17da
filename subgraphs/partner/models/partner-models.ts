import type { ModelDependencies } from '../../../kit/subgraph-definition.ts'
import { prepareModels } from '../../../storage/documents.ts'
import { createApps } from './apps.ts'
import { createCredentials } from './credentials.ts'
import { createMembers } from './members.ts'
import { createOrganizations } from './organizations.ts'
import { createTiers } from './tiers.ts'

/** The partner subgraph's collections on a connection. */
export function createPartnerModels({ connection }: ModelDependencies) {
  return {
    organizations: createOrganizations(connection),
    tiers: createTiers(connection),
    members: createMembers(connection),
    apps: createApps(connection),
    credentials: createCredentials(connection),
  }
}

export type PartnerModels = ReturnType<typeof createPartnerModels>

export async function preparePartnerModels(models: PartnerModels): Promise<void> {
  await prepareModels(Object.values(models).map(({ model }) => model))
}
