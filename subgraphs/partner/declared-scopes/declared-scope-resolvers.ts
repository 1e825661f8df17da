import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { DeclaredScope } from './declared-scopes.ts'
import { offerScope } from './offer-scope.ts'

export const declaredScopeResolvers: Resolvers<PartnerContext> = {
  Query: {
    declaredScopes: (_: unknown, args: ConnectionArgs, { models, caller }: PartnerContext) =>
      models.declaredScopes.list(caller, args),
  },
  Mutation: {
    offerScope: command('offerScope', {
      run: offerScope,
      field: 'declaredScope',
      load: ({ loaders }, id) => loaders.declaredScopes.clear(id).load(id),
    }),
  },
  DeclaredScope: {
    __resolveReference: ({ id }: { readonly id: string }, { loaders }: PartnerContext) =>
      loaders.declaredScopes.load(id),
    id: ({ _id }: DeclaredScope) => _id,
  },
}
