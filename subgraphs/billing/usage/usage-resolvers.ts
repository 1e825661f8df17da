import type { ConnectionArgs } from '../../../kit/connection.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { BillingContext } from '../billing-context.ts'
import { isPeriod, periodOf } from '../calendar.ts'
import { command } from '../command.ts'
import { type BilledApp, billedApp } from '../subscriptions/subscription-resolvers.ts'
import { type UsageBatch, recordUsage } from './record-usage.ts'
import { reportUsage } from './report-usage.ts'
import { type UsageGroup, usageGroups } from './usage-groups.ts'
import { type UsageOrder, pageOfGroups } from './usage-page.ts'
import type { UsageQuestion } from './usage-question.ts'
import { piecesOf, usageSpan } from './usage-span.ts'

type GroupOf = UsageGroup & { readonly groupBy: UsageQuestion['groupBy'] }

export const usageResolvers: Resolvers<BillingContext> = {
  Query: {
    usage: async (
      _: unknown,
      args: UsageQuestion & ConnectionArgs & { readonly orderBy?: UsageOrder | null },
      context: BillingContext,
    ) => {
      const { groupBy } = args
      const groups = await usageGroups(context, args)
      return pageOfGroups(
        groups.map((group): GroupOf => ({ ...group, groupBy })),
        args,
      )
    },
  },
  UsageGroup: {
    errors: ({ failures }: GroupOf) => failures,
    keys: ({ groupBy, values }: GroupOf) => groupBy.map((dimension, index) => ({ dimension, value: values[index] })),
    app: async ({ groupBy, values }: GroupOf, _args: unknown, context: BillingContext) => {
      const app = reference(values[groupBy.indexOf('APP')])
      return app && ((await billedApp(app.id, context)) ?? app)
    },
    organization: ({ groupBy, values }: GroupOf) => reference(values[groupBy.indexOf('ORGANIZATION')]),
  },
  Mutation: {
    recordUsage: (_: unknown, args: UsageBatch, context: BillingContext) => recordUsage(context, args),
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
    endUsers: ({ id }: BilledApp, args: ConnectionArgs, { loaders }: BillingContext) => loaders.endUsersOfApp(id, args),
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

/** An entity that partner knows; what is no id has none. */
function reference(id: string | undefined): { readonly id: string } | null {
  return id === undefined || id === 'NONE' ? null : { id }
}
