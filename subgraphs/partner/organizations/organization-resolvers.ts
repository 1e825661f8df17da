import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import type { PartnerContext } from '../partner-context.ts'
import { allowedScopes } from './allowed-scopes.ts'
import { applyForPartnership } from './apply-for-partnership.ts'
import { reinstateOrganization, suspendOrganization, terminateOrganization } from './change-status.ts'
import { decideApplication } from './decide-application.ts'
import type { Organization, OrganizationFilter } from './organizations.ts'
import { updateOrganization } from './update-organization.ts'

interface ById {
  readonly id: string
}

const organization = {
  field: 'organization',
  load: ({ loaders }: PartnerContext, id: string) => loaders.organizations.clear(id).load(id),
}

export const organizationResolvers: Resolvers<PartnerContext> = {
  Query: {
    myOrganization: (_: unknown, _args: unknown, { loaders, caller }: PartnerContext) =>
      loaders.organizations.load(caller.organizationId),
    organization: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.organizations.load(id),
    organizations: (_: unknown, args: ConnectionArgs & OrganizationFilter, { models, caller }: PartnerContext) =>
      models.organizations.list(caller, args),
  },
  Mutation: {
    applyForPartnership: command('applyForPartnership', { run: applyForPartnership, ...organization }),
    decideApplication: command('decideApplication', { run: decideApplication, ...organization }),
    updateOrganization: command('updateOrganization', { run: updateOrganization, ...organization }),
    suspendOrganization: command('suspendOrganization', { run: suspendOrganization, ...organization }),
    reinstateOrganization: command('reinstateOrganization', { run: reinstateOrganization, ...organization }),
    terminateOrganization: command('terminateOrganization', { run: terminateOrganization, ...organization }),
  },
  Organization: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.organizations.load(id),
    id: ({ _id }: Organization) => _id,
    tier: ({ tierId }: Organization, _args: unknown, { loaders }: PartnerContext) =>
      tierId === null ? null : loaders.tiers.load(tierId),
    allowedScopes: async (document: Organization, _args: unknown, { loaders }: PartnerContext) =>
      allowedScopes(document, await loaders.allDeclaredScopes()),
    extraFields: ({ extraFields }: Organization, _args: unknown, context: PartnerContext) =>
      context.loaders.extraFieldValues('ORGANIZATION', extraFields),
  },
}
