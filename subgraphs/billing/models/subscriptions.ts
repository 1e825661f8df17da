import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel } from '../../../storage/documents.ts'

/** That an app is on a plan. */
export interface PlanSubscription {
  readonly _id: string
  readonly appId: string
  readonly organizationId: string
  readonly planId: string
  readonly startedAt: Date
}

/** Which plan each app is on, at most one. */
export function createSubscriptions(connection: Connection) {
  const model = bindModel<PlanSubscription>(connection, 'PlanSubscription', {
    collection: 'billing_plan_subscriptions',
    fields: {
      appId: { type: String, required: true },
      organizationId: { type: String, required: true },
      planId: { type: String, required: true },
      startedAt: { type: Date, required: true },
    },
    indexes: [[{ appId: 1 }, { unique: true }]],
  })
  return {
    model,
    readByApps: (caller: Caller, appIds: readonly string[]): Promise<PlanSubscription[]> =>
      model.find({ appId: { $in: [...appIds] }, ...ownedBy(caller) }).lean<PlanSubscription[]>(),
  }
}
