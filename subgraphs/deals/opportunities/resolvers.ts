import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { command } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import { loseOpportunity, winOpportunity } from './close-opportunity.ts'
import type { OpportunityDocument, OpportunityFilter } from './opportunities.ts'
import { updateOpportunity } from './update-opportunity.ts'

const payload = ({ id, userErrors }: MutationOutcome, { loaders }: DealContext) => ({
  opportunity: id === null ? null : loaders.opportunity.load(id),
  userErrors,
})
const options = { payload }

export const opportunityResolvers = {
  Query: {
    opportunity: (_: unknown, { id }: { readonly id: string }, { loaders }: DealContext) =>
      loaders.opportunity.load(id),
    opportunities: (
      _: unknown,
      args: ConnectionArgs & OpportunityFilter,
      { caller, models: { opportunities } }: DealContext,
    ) =>
      readConnection<OpportunityDocument>(args, {
        sortField: 'closeDate',
        direction: 1,
        read: (page) => opportunities.page(caller, args, page),
        count: () => opportunities.count(caller, args),
      }),
  },
  Mutation: {
    updateOpportunity: command('updateOpportunity', updateOpportunity, options),
    winOpportunity: command('winOpportunity', winOpportunity, options),
    loseOpportunity: command('loseOpportunity', loseOpportunity, options),
  },
  Opportunity: {
    id: ({ _id }: OpportunityDocument) => _id,
    deal: ({ dealId }: OpportunityDocument, _: unknown, { loaders }: DealContext) => loaders.deal.load(dealId),
    organization: ({ organizationId }: OpportunityDocument) => ({ id: organizationId }),
  },
} satisfies Resolvers<DealContext>
