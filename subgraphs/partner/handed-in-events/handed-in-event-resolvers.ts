import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type HandIn, recordSubgraphEvents } from './record-events.ts'

export const handedInEventResolvers: Resolvers<PartnerContext> = {
  Mutation: {
    recordSubgraphEvents: (_: unknown, handIn: HandIn, context: PartnerContext) =>
      recordSubgraphEvents(context, handIn),
  },
}
