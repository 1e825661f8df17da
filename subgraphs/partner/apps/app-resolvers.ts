import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import { heldScopes } from '../declared-scopes/grants.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type App, type AppFilter, appCondition, clientTypeOf } from './apps.ts'
import { type AppIdentityArgs, identifyApp } from './identity.ts'
import { registerApp } from './register-app.ts'
import { revokeApp } from './revoke-app.ts'
import { updateApp } from './update-app.ts'

interface ById {
  readonly id: string
}
type ListArgs = ConnectionArgs & AppFilter

const app = {
  field: 'app',
  load: ({ loaders }: PartnerContext, id: string) => loaders.apps.clear(id).load(id),
}

export const appResolvers: Resolvers<PartnerContext> = {
  Query: {
    myApp: (_: unknown, _args: unknown, { loaders, caller }: PartnerContext) => loaders.apps.load(caller.appId),
    app: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.apps.load(id),
    async apps(
      _: unknown,
      { scope, ...args }: ListArgs & { readonly scope?: string | null },
      { models, loaders, caller }: PartnerContext,
    ) {
      if (scope == null) return models.apps.list(caller, args)
      const declared = (await loaders.allDeclaredScopes()).find(({ name }) => name === scope)
      return models.apps.list(caller, { ...args, grants: declared?._id ?? 'none' })
    },
    appIdentity: (_: unknown, args: AppIdentityArgs, context: PartnerContext) => identifyApp(context, args),
  },
  Mutation: {
    registerApp: command('registerApp', { run: registerApp, ...app }),
    updateApp: command('updateApp', { run: updateApp, ...app }),
    revokeApp: command('revokeApp', { run: revokeApp, ...app }),
  },
  Organization: {
    apps: ({ _id }: Organization, args: ListArgs, { loaders }: PartnerContext) =>
      loaders.appsOfOrganization(_id, args, appCondition(args)),
  },
  App: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.apps.load(id),
    id: ({ _id }: App) => _id,
    clientType: clientTypeOf,
    scopes: async (holder: App, _args: unknown, { loaders }: PartnerContext) =>
      holder.grants?.length ? heldScopes(holder, await loaders.allDeclaredScopes()) : holder.scopes,
    organization: ({ organizationId }: App, _args: unknown, { loaders }: PartnerContext) =>
      loaders.organizations.load(organizationId),
    extraFields: ({ extraFields }: App, _args: unknown, context: PartnerContext) =>
      context.loaders.extraFieldValues('APP', extraFields),
  },
}
