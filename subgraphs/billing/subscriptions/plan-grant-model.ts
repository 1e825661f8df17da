import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import { moment, optionalText, text } from '../schema-fields.ts'

/** The plan that an organization's application was approved for; `_id` is the organization's id. */
interface PlanGrant {
  readonly _id: string
  readonly planId: string
  readonly grantedAt: Date
  /** The app that got it; null until there is one. */
  readonly appId: string | null
}

/** Plans that organizations get with their approval: one app each, because a plan has a price. */
export function createPlanGrants(connection: Connection) {
  const model = bindModel<PlanGrant>(connection, 'PlanGrant', {
    collection: 'billing_plan_grants',
    fields: { planId: text, grantedAt: moment, appId: optionalText },
    indexes: [],
  })
  return {
    model,
    /** Keeps the first grant: the same approval may be told again. */
    async grant(
      session: ClientSession,
      { organizationId, planId, at }: { readonly organizationId: string; readonly planId: string; readonly at: Date },
    ): Promise<void> {
      await model.updateOne(
        { _id: organizationId },
        { $setOnInsert: { planId, grantedAt: at, appId: null } },
        { session, upsert: true },
      )
    },
    /** Gives the plan to an app; null where there is none or another app has it. */
    async take(session: ClientSession, organizationId: string, appId: string): Promise<string | null> {
      const taken = await model
        .findOneAndUpdate({ _id: organizationId, appId: null }, { $set: { appId } }, { session })
        .lean<PlanGrant>()
      return taken?.planId ?? null
    },
  }
}
