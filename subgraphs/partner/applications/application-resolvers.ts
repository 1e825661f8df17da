import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import { operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { Application, ApplicationFilter } from './applications.ts'
import { confirmApplication } from './confirm-application.ts'
import { submitApplication } from './submit-application.ts'

interface ById {
  readonly id: string
}

const application = {
  field: 'partnerApplication',
  load: ({ loaders }: PartnerContext, id: string) => loaders.applications.clear(id).load(id),
}

export const applicationResolvers: Resolvers<PartnerContext> = {
  Query: {
    partnerApplication: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.applications.load(id),
    partnerApplications: (_: unknown, args: ConnectionArgs & ApplicationFilter, context: PartnerContext) => {
      operatorOnly(context.caller)
      return context.models.applications.list(context.caller, args)
    },
  },
  Mutation: {
    submitPartnerApplication: command('submitPartnerApplication', { run: submitApplication, ...application }),
    confirmPartnerApplication: command('confirmPartnerApplication', { run: confirmApplication, ...application }),
  },
  PartnerApplication: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.applications.load(id),
    id: ({ _id }: Application) => _id,
    organization: ({ organizationId }: Application, _args: unknown, { loaders }: PartnerContext) =>
      organizationId === null ? null : loaders.organizations.load(organizationId),
    extraFields: ({ extraFields }: Application, _args: unknown, { loaders }: PartnerContext) =>
      loaders.extraFieldValues('ORGANIZATION', extraFields),
  },
}
