import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import type { PartnerContext } from '../partner-context.ts'
import { createExtraField } from './create-extra-field.ts'
import type { ExtraField, ExtraFieldTarget } from './extra-fields.ts'
import { updateExtraField } from './update-extra-field.ts'

interface ListArgs extends ConnectionArgs {
  readonly target?: ExtraFieldTarget | null
  readonly retired?: boolean | null
}

const extraField = {
  field: 'extraField',
  load: ({ loaders }: PartnerContext, id: string) => loaders.extraFields.clear(id).load(id),
}

export const extraFieldResolvers: Resolvers<PartnerContext> = {
  Query: {
    extraFields: (_: unknown, args: ListArgs, { models, caller }: PartnerContext) =>
      models.extraFields.list(caller, args),
  },
  Mutation: {
    createExtraField: command('createExtraField', { run: createExtraField, ...extraField }),
    updateExtraField: command('updateExtraField', { run: updateExtraField, ...extraField }),
  },
  ExtraField: {
    __resolveReference: ({ id }: { readonly id: string }, { loaders }: PartnerContext) => loaders.extraFields.load(id),
    id: ({ _id }: ExtraField) => _id,
  },
}
