import { moneyResolvers } from '../../kit/money.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { coSellResolvers } from './co-selling/resolvers.ts'
import type { DealContext } from './deal-context.ts'
import { leadResolvers } from './leads/resolvers.ts'
import { opportunityResolvers } from './opportunities/resolvers.ts'
import { registrationResolvers } from './registrations/resolvers.ts'
import { reservedCustomerResolvers } from './reserved-customers/resolvers.ts'
import { termsResolvers } from './terms/resolvers.ts'

/** The resolvers of all features; fields of the root types come from each. */
export const resolvers: Resolvers<DealContext> = {
  ...registrationResolvers,
  ...opportunityResolvers,
  ...leadResolvers,
  ...coSellResolvers,
  ...reservedCustomerResolvers,
  ...termsResolvers,
  Query: {
    ...registrationResolvers.Query,
    ...opportunityResolvers.Query,
    ...leadResolvers.Query,
    ...coSellResolvers.Query,
    ...reservedCustomerResolvers.Query,
    ...termsResolvers.Query,
  },
  Mutation: {
    ...registrationResolvers.Mutation,
    ...opportunityResolvers.Mutation,
    ...leadResolvers.Mutation,
    ...coSellResolvers.Mutation,
    ...reservedCustomerResolvers.Mutation,
    ...termsResolvers.Mutation,
  },
  ...moneyResolvers,
}
