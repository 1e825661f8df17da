import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { BillingContext } from '../billing-context.ts'
import { command } from '../command.ts'
import type { AppLimits } from '../plans/app-limits.ts'
import { readCountedCalls } from './counted-calls.ts'
import { readRateLimit } from './rate-limit.ts'
import { type ReportedThreshold, reportQuotaThresholds } from './report-quota-thresholds.ts'
import { setOrganizationCeiling } from './set-organization-ceiling.ts'

interface AskedLimits extends AppLimits {
  readonly appId: string
}

export const limitResolvers: Resolvers<BillingContext> = {
  Query: {
    rateLimit: (_: unknown, _args: unknown, context: BillingContext) => readRateLimit(context),
  },
  Mutation: {
    setOrganizationCeiling: command(
      'setOrganizationCeiling',
      setOrganizationCeiling,
      async ({ id, userErrors }, { loaders }) => ({
        ceiling: id === null ? null : await loaders.organizationCeilings.load(id),
        userErrors,
      }),
      { operatorOnly: true, contended: ({ organizationId }) => [organizationId] },
    ),
    reportQuotaThresholds: (
      _: unknown,
      { thresholds }: { thresholds: readonly ReportedThreshold[] },
      context: BillingContext,
    ) => reportQuotaThresholds(context, thresholds),
  },
  Organization: {
    ceiling: ({ id }: { id: string }, _args: unknown, { loaders }: BillingContext) =>
      loaders.organizationCeilings.load(id),
  },
  AppLimits: {
    organization: ({ organizationId }: AskedLimits, _args: unknown, { loaders }: BillingContext) =>
      organizationId === null ? null : loaders.organizationCeilings.load(organizationId),
    counted: async (
      { appId, organizationId }: AskedLimits,
      _args: unknown,
      { loaders, models, now }: BillingContext,
    ) => {
      const ceiling = organizationId === null ? null : await loaders.organizationCeilings.load(organizationId)
      const counted = ceiling === null || ceiling.monthlyCalls === null ? null : organizationId
      return readCountedCalls(models, { appId, organizationId: counted }, now())
    },
  },
  OrganizationCeilingOfApp: { organizationId: ({ _id }: { _id: string }) => _id },
}
