import { CodedError } from '../../../kit/errors.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { BillingContext } from '../billing-context.ts'
import { isPeriod, periodOf } from '../calendar.ts'
import { command } from '../command.ts'
import type { BilledApp } from '../subscriptions/subscription-resolvers.ts'
import { type UsageRecord, recordUsage } from './record-usage.ts'
import { reportUsage } from './report-usage.ts'
import { piecesOf, usageSpan } from './usage-span.ts'

export const usageResolvers: Resolvers<BillingContext> = {
  Mutation: {
    recordUsage: (_: unknown, args: { batchId: string; records: readonly UsageRecord[] }, context: BillingContext) =>
      recordUsage(context, args),
    reportUsage: command(
      'reportUsage',
      reportUsage,
      async ({ id, userErrors }, { loaders }) => {
        const report = id === null ? null : await loaders.usageReports.load(id)
        return { accepted: report?.accepted ?? null, duplicates: report?.duplicates ?? null, userErrors }
      },
      { operatorOnly: true, contended: ({ events }) => [...new Set(events.map(({ appId }) => appId))] },
    ),
  },
  App: {
    usage: async (
      { id }: BilledApp,
      args: { from?: Date | null; to?: Date | null },
      { loaders, now }: BillingContext,
    ) => {
      const at = now()
      const span = usageSpan(args, at)
      return { ...span, ...(await loaders.usage.load({ appId: id, pieces: piecesOf(span, at) })) }
    },
    meters: ({ id }: BilledApp, { period }: { period?: string | null }, { loaders, now }: BillingContext) => {
      if (period && !isPeriod(period)) {
        throw new CodedError('BAD_USER_INPUT', '`period` is a month such as 2026-11.', { argument: 'period' })
      }
      return loaders.meters.load({ appId: id, period: period ?? periodOf(now()) })
    },
  },
}
