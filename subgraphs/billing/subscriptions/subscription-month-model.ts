import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import type { Period } from '../calendar.ts'
import { pricingRuleSchema } from '../plans/plan-model.ts'
import { flag, moment, text } from '../schema-fields.ts'
import type { SubscriptionMonth } from './subscription.ts'

/** The months of subscriptions that are over: the work of the invoice run. */
export function createSubscriptionMonths(connection: Connection) {
  const model = bindModel<SubscriptionMonth>(connection, 'SubscriptionMonth', {
    collection: 'billing_subscription_months',
    fields: {
      subscriptionId: text,
      organizationId: text,
      appId: text,
      appName: text,
      period: text,
      planId: text,
      planName: text,
      currencyCode: text,
      pricing: { type: [pricingRuleSchema], required: true },
      open: flag,
      dueAt: moment,
    },
    indexes: [[{ open: 1, dueAt: 1, _id: 1 }], [{ organizationId: 1, period: 1, open: 1 }], [{ appId: 1, period: 1 }]],
  })
  return {
    model,
    async insert(month: SubscriptionMonth, session: ClientSession): Promise<void> {
      await model.insertOne(month, { session })
    },
    /** Organizations and months that are due for the invoice run, the longest due first. */
    async due(now: Date, limit: number): Promise<{ organizationId: string; period: Period }[]> {
      const rows = await model
        .find({ open: true, dueAt: { $lte: now } }, { organizationId: 1, period: 1 })
        .sort({ dueAt: 1, _id: 1 })
        .limit(limit)
        .lean()
      const distinct = new Map(
        rows.map(({ organizationId, period }) => [`${organizationId}:${period}`, { organizationId, period }]),
      )
      return [...distinct.values()]
    },
    findOpen: (organizationId: string, period: Period, session: ClientSession): Promise<SubscriptionMonth[]> =>
      model
        .find({ organizationId, period, open: true }, null, { session })
        .sort({ _id: 1 })
        .lean<SubscriptionMonth[]>(),
    /** Lets the months of an organization wait, so that they do not keep others from being drawn up. */
    async postpone(organizationId: string, period: Period, dueAt: Date): Promise<void> {
      await model.updateMany({ organizationId, period, open: true }, { $set: { dueAt } })
    },
    /** Marks months as dealt with; answers how many were open before. */
    async close(ids: readonly string[], session: ClientSession): Promise<number> {
      const filter = { _id: { $in: [...ids] }, open: true }
      return (await model.updateMany(filter, { $set: { open: false } }, { session })).modifiedCount
    },
  }
}
