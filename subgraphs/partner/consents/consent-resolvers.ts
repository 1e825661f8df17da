import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import { heldScopes } from '../declared-scopes/grants.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { Consent, ConsentFilter } from './consents.ts'
import { recordConsent } from './record-consent.ts'
import { revokeConsent } from './revoke-consent.ts'

const consent = {
  field: 'consent',
  load: ({ loaders }: PartnerContext, id: string) => loaders.consents.clear(id).load(id),
}

export const consentResolvers: Resolvers<PartnerContext> = {
  Query: {
    consents: (_: unknown, args: ConnectionArgs & ConsentFilter, { models, caller }: PartnerContext) =>
      models.consents.list(caller, args),
  },
  Mutation: {
    recordConsent: command('recordConsent', {
      run: recordConsent,
      contended: ({ memberId, appId }) => [`${memberId}:${appId}`],
      ...consent,
    }),
    revokeConsent: command('revokeConsent', { run: revokeConsent, ...consent }),
  },
  Consent: {
    __resolveReference: ({ id }: { readonly id: string }, { loaders }: PartnerContext) => loaders.consents.load(id),
    id: ({ _id }: Consent) => _id,
    scopes: async (given: Consent, _args: unknown, { loaders }: PartnerContext) =>
      given.grants?.length ? heldScopes(given, await loaders.allDeclaredScopes()) : given.scopes,
    member: ({ memberId }: Consent, _args: unknown, { loaders }: PartnerContext) => loaders.members.load(memberId),
    app: ({ appId }: Consent, _args: unknown, { loaders }: PartnerContext) => loaders.apps.load(appId),
  },
}
