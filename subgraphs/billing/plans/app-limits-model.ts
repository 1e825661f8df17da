import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import { text, wholeNumber } from '../schema-fields.ts'
import type { Plan, PlanLimits } from './plan.ts'
import { limitsSchema } from './plan-model.ts'

/** What gateways ask about an app on each first request, in one read. */
export interface AppLimitsProjection {
  /** The app's id. */
  readonly _id: string
  readonly planId: string
  readonly planName: string
  readonly planVersion: number
  readonly limits: PlanLimits
}

/** A plan whose change has not reached the limits of all its apps yet. */
interface Renewal {
  readonly _id: string
}

/** The limits of apps as their subscriptions and plans give them, renewed by events. */
export function createAppLimits(connection: Connection) {
  const model = bindModel<AppLimitsProjection>(connection, 'AppLimits', {
    collection: 'billing_app_limits',
    fields: {
      planId: text,
      planName: text,
      planVersion: wholeNumber,
      limits: { type: limitsSchema, required: true },
    },
    indexes: [[{ planId: 1, planVersion: 1 }]],
  })
  const renewals = bindModel<Renewal>(connection, 'AppLimitsRenewal', {
    collection: 'billing_app_limits_renewals',
    fields: {},
    indexes: [],
  })
  return {
    model,
    renewals,
    find: (appId: string): Promise<AppLimitsProjection | null> =>
      model.findOne({ _id: appId }).lean<AppLimitsProjection>(),
    async set(appId: string, plan: Plan, session: ClientSession): Promise<void> {
      await model.updateOne({ _id: appId }, { $set: limitsOf(plan) }, { session, upsert: true })
    },
    /** Renews up to `limit` apps that still have an older version of the plan; answers how many. */
    async renew(plan: Plan, limit: number, session: ClientSession): Promise<number> {
      const stale = { planId: plan._id, planVersion: { $lt: plan.version } }
      const rows = await model.find(stale, { _id: 1 }, { session }).limit(limit).lean<{ _id: string }[]>()
      if (rows.length === 0) return 0
      await model.updateMany({ _id: { $in: rows.map(({ _id }) => _id) } }, { $set: limitsOf(plan) }, { session })
      return rows.length
    },
    async leaveToTimer(planId: string, session: ClientSession): Promise<void> {
      await renewals.updateOne({ _id: planId }, { $set: {} }, { session, upsert: true })
    },
    nextRenewal: (session: ClientSession): Promise<Renewal | null> =>
      renewals.findOne({}, null, { session }).sort({ _id: 1 }).lean<Renewal>(),
    async endRenewal(planId: string, session: ClientSession): Promise<void> {
      await renewals.deleteOne({ _id: planId }, { session })
    },
  }
}

/** What an app on a plan may consume, as the projection holds it. */
export function limitsOf(plan: Plan): Omit<AppLimitsProjection, '_id'> {
  return { planId: plan._id, planName: plan.name, planVersion: plan.version, limits: plan.limits }
}
