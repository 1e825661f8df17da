import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { BillingContext } from '../billing-context.ts'
import { idOf, organizationReference } from '../organization-reference.ts'

interface ById {
  readonly id: string
}
type ShareArgs = ConnectionArgs & { readonly period?: string | null }

export const revenueShareResolvers: Resolvers<BillingContext> = {
  Query: {
    revenueShares: (_: unknown, { period, ...page }: ShareArgs, { models, caller }: BillingContext) =>
      models.revenueShares.readPage(caller, period ? { period } : {}, page),
  },
  Organization: {
    revenueShares: ({ id }: ById, { period, ...page }: ShareArgs, { loaders }: BillingContext) =>
      loaders.revenueSharesOfOrganization(id, page, period ? { period } : {}),
  },
  RevenueShare: { id: idOf, organization: organizationReference },
}
