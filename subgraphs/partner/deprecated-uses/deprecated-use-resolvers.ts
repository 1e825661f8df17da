import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type ReportedUse, reportDeprecatedUses } from './report-deprecated-uses.ts'

export const deprecatedUseResolvers: Resolvers<PartnerContext> = {
  Mutation: {
    reportDeprecatedUses: (_: unknown, { uses }: { uses: readonly ReportedUse[] }, context: PartnerContext) =>
      reportDeprecatedUses(context, uses),
  },
}
