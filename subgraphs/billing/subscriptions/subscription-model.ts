import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel, findByIds, moneySchema } from '../../../storage/documents.ts'
import { changeVersioned } from '../change-versioned.ts'
import { moment, optionalMoment, optionalText, text, wholeNumber } from '../schema-fields.ts'
import { type PlanSubscription, subscriptionStatuses } from './subscription.ts'

/** Which plan each app is on, at most one. */
export function createSubscriptions(connection: Connection) {
  const model = bindModel<PlanSubscription>(connection, 'PlanSubscription', {
    collection: 'billing_plan_subscriptions',
    fields: {
      appId: text,
      appName: text,
      organizationId: text,
      planId: text,
      status: { ...text, enum: subscriptionStatuses },
      price: { type: moneySchema, required: true },
      startedAt: moment,
      trialEndsAt: optionalMoment,
      triedPlanIds: { type: [String], required: true },
      renewsAt: optionalMoment,
      pendingPlanId: optionalText,
      version: wholeNumber,
    },
    indexes: [[{ appId: 1 }, { unique: true }], [{ renewsAt: 1 }], [{ organizationId: 1, renewsAt: 1 }]],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<PlanSubscription[]> =>
      findByIds(model, 'PlanSubscription', ids, ownedBy(caller)),
    readByApps: (caller: Caller, appIds: readonly string[]): Promise<PlanSubscription[]> =>
      model.find({ appId: { $in: [...appIds] }, ...ownedBy(caller) }).lean<PlanSubscription[]>(),
    /** For what needs no caller: reactions and timers. */
    findByApp: (appId: string, session: ClientSession): Promise<PlanSubscription | null> =>
      model.findOne({ appId }, null, { session }).lean<PlanSubscription>(),
    findByApps: (appIds: readonly string[], session: ClientSession): Promise<PlanSubscription[]> =>
      model.find({ appId: { $in: [...appIds] } }, null, { session }).lean<PlanSubscription[]>(),
    /** Whose app it is and on which plan; for gateways. */
    placeOf: (appId: string): Promise<Pick<PlanSubscription, 'organizationId' | 'planId'> | null> =>
      model
        .findOne({ appId }, { organizationId: 1, planId: 1 })
        .lean<Pick<PlanSubscription, 'organizationId' | 'planId'>>(),
    findOwned: (caller: Caller, appId: string, session: ClientSession): Promise<PlanSubscription | null> =>
      model.findOne({ appId, ...ownedBy(caller) }, null, { session }).lean<PlanSubscription>(),
    async insert(subscription: PlanSubscription, session: ClientSession): Promise<void> {
      await model.insertOne(subscription, { session })
    },
    change: (
      subscription: PlanSubscription,
      changes: Partial<PlanSubscription>,
      session: ClientSession,
    ): Promise<PlanSubscription> => changeVersioned(model, session, subscription, changes),
    /** Apps whose subscriptions fall due, the longest due first. */
    async dueApps(now: Date, limit: number): Promise<string[]> {
      const due = await model
        .find({ renewsAt: { $lte: now } }, { appId: 1 })
        .sort({ renewsAt: 1 })
        .limit(limit)
        .lean()
      return due.map(({ appId }) => appId)
    },
    /** Whether a subscription of an organization has yet to be renewed up to a moment. */
    async lagsBehind(organizationId: string, boundary: Date, session: ClientSession): Promise<boolean> {
      const filter = { organizationId, renewsAt: { $lte: boundary } }
      return (await model.findOne(filter, { _id: 1 }, { session }).lean()) !== null
    },
  }
}
