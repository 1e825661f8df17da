import type { ConnectionArgs } from '../../kit/connection.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { identifyApp } from './identity.ts'
import type { App } from './models/apps.ts'
import type { AppCredential } from './models/credentials.ts'
import type { Member } from './models/members.ts'
import type { Organization } from './models/organizations.ts'
import type { PartnerTier } from './models/tiers.ts'
import type { PartnerContext } from './partner-context.ts'
import { credentialStatus } from './rules.ts'

interface ById {
  readonly id: string
}

export const partnerResolvers: Resolvers<PartnerContext> = {
  Query: {
    myOrganization: (_: unknown, _args: unknown, { loaders, caller }: PartnerContext) =>
      loaders.organizations.load(caller.organizationId),
    organization: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.organizations.load(id),
    organizations: (_: unknown, args: ConnectionArgs, { models, caller }: PartnerContext) =>
      models.organizations.readPage(caller, args),
    myApp: (_: unknown, _args: unknown, { loaders, caller }: PartnerContext) => loaders.apps.load(caller.appId),
    app: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.apps.load(id),
    appIdentity: (_: unknown, args: { appId: string; keyHash?: string | null }, context: PartnerContext) =>
      identifyApp(context, args),
  },
  Organization: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.organizations.load(id),
    id: ({ _id }: Organization) => _id,
    tier: ({ tierId }: Organization, _args: unknown, { loaders }: PartnerContext) =>
      tierId === null ? null : loaders.tiers.load(tierId),
    members: ({ _id }: Organization, args: ConnectionArgs, { loaders }: PartnerContext) =>
      loaders.membersOfOrganization(_id, args),
    apps: ({ _id }: Organization, args: ConnectionArgs, { loaders }: PartnerContext) =>
      loaders.appsOfOrganization(_id, args),
  },
  PartnerTier: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.tiers.load(id),
    id: ({ _id }: PartnerTier) => _id,
  },
  Member: {
    id: ({ _id }: Member) => _id,
  },
  App: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.apps.load(id),
    id: ({ _id }: App) => _id,
    credentials: ({ _id }: App, _args: unknown, { loaders }: PartnerContext) => loaders.credentialsOfApp.load(_id),
    organization: ({ organizationId }: App, _args: unknown, { loaders }: PartnerContext) =>
      loaders.organizations.load(organizationId),
  },
  AppCredential: {
    id: ({ _id }: AppCredential) => _id,
    status: (credential: AppCredential, _args: unknown, { now }: PartnerContext) => credentialStatus(credential, now()),
  },
}
