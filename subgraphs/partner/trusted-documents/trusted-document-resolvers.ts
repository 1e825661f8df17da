import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { App } from '../apps/apps.ts'
import { command } from '../command.ts'
import type { PartnerContext } from '../partner-context.ts'
import { publishTrustedDocuments } from './publish-trusted-documents.ts'
import { removeTrustedDocuments } from './remove-trusted-documents.ts'
import type { TrustedDocument } from './trusted-documents.ts'

const app = {
  field: 'app',
  load: ({ loaders }: PartnerContext, id: string) => loaders.apps.clear(id).load(id),
}

export const trustedDocumentResolvers: Resolvers<PartnerContext> = {
  Query: {
    trustedDocuments: (_: unknown, args: ConnectionArgs, { models, caller }: PartnerContext) =>
      models.trustedDocuments.list(caller, args),
    trustedDocument: (_: unknown, args: { appId: string; hash: string }, { models }: PartnerContext) =>
      models.trustedDocuments.textOf(args.appId, args.hash),
  },
  Mutation: {
    publishTrustedDocuments: command('publishTrustedDocuments', { run: publishTrustedDocuments, ...app }),
    removeTrustedDocuments: command('removeTrustedDocuments', { run: removeTrustedDocuments, ...app }),
  },
  App: {
    trustedDocuments: ({ _id }: App, args: ConnectionArgs, { loaders }: PartnerContext) =>
      loaders.trustedDocumentsOfApp(_id, args, {}),
  },
  TrustedDocument: {
    documentId: ({ hash }: TrustedDocument) => `sha256:${hash}`,
    app: ({ appId }: TrustedDocument, _args: unknown, { loaders }: PartnerContext) => loaders.apps.load(appId),
  },
}
