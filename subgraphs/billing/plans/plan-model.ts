import type { ClientSession, Connection as MongoConnection, QueryFilter } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { Connection, ConnectionArgs } from '../../../kit/connection.ts'
import { bindModel, embeddedSchema, findByIds, moneySchema } from '../../../storage/documents.ts'
import { matchingWords, searchWords } from '../../../storage/search.ts'
import { changeVersioned } from '../change-versioned.ts'
import { createListReader } from '../list-reader.ts'
import { flag, moment, text, wholeNumber } from '../schema-fields.ts'
import {
  type FieldLimit,
  type Plan,
  type PlanLimits,
  type PlanStatus,
  type PlanVisibility,
  planStatuses,
  planVisibilities,
  quotaModes,
} from './plan.ts'
import { type PricingRule, type PricingTier, pricingSchemes, type RevenueShareTerms } from './pricing-rule.ts'

type StoredPlan = Plan & { readonly words: readonly string[] }

export interface PlanFilter {
  readonly visibility?: PlanVisibility | null
  readonly status?: PlanStatus | null
  readonly search?: string | null
}

export const revenueShareSchema = embeddedSchema<RevenueShareTerms>({ organizationId: text, basisPoints: wholeNumber })
const fieldLimitSchema = embeddedSchema<FieldLimit>({
  coordinate: text,
  calls: wholeNumber,
  windowSeconds: wholeNumber,
})
export const limitsSchema = embeddedSchema<PlanLimits>({
  bucketSize: { type: Number, required: true, min: 1 },
  restoreRate: { type: Number, required: true, min: 1 },
  maxQueryCost: { type: Number, required: true, min: 1 },
  dailyCalls: { type: Number, default: null },
  monthlyCalls: { type: Number, default: null },
  quotaMode: { ...text, enum: quotaModes, default: 'HARD' },
  endUserBucketSize: { type: Number, default: null },
  endUserRestoreRate: { type: Number, default: null },
  openStreams: { type: Number, default: null },
  concurrentRequests: { type: Number, default: null },
  fieldLimits: { type: [fieldLimitSchema], default: [] },
  readOnly: { type: Boolean, required: true },
  trustedDocumentsOnly: { type: Boolean, default: false },
})
export const pricingRuleSchema = embeddedSchema<PricingRule>({
  id: text,
  meter: text,
  scheme: { ...text, enum: pricingSchemes },
  includedUnits: wholeNumber,
  unitsPerPrice: wholeNumber,
  priceMinorUnits: wholeNumber,
  tiers: [embeddedSchema<PricingTier>({ upTo: { type: Number, default: null }, priceMinorUnits: wholeNumber })],
  revenueShare: { type: revenueShareSchema, default: null },
})

/** A hidden plan is seen by those who are on it, and by the operator; so is one that was archived. */
const visibleTo = (caller: Caller): QueryFilter<Plan> =>
  caller.operator
    ? {}
    : { $or: [{ visibility: { $in: ['PUBLIC', 'BY_REQUEST'] }, status: 'ACTIVE' }, { _id: caller.planId }] }

/** What apps may consume; there are tens of plans, so that lists of them may walk an index. */
export function createPlans(connection: MongoConnection) {
  const model = bindModel<StoredPlan>(connection, 'Plan', {
    collection: 'billing_plans',
    fields: {
      handle: text,
      name: text,
      description: text,
      visibility: { ...text, enum: planVisibilities },
      status: { ...text, enum: planStatuses },
      isDefault: flag,
      monthlyPrice: { type: moneySchema, required: true },
      trialDays: wholeNumber,
      limits: { type: limitsSchema, required: true },
      pricing: { type: [pricingRuleSchema], required: true },
      revenueShare: { type: revenueShareSchema, default: null },
      version: wholeNumber,
      createdAt: moment,
      updatedAt: moment,
      words: { type: [String], required: true },
    },
    indexes: [
      [{ name: 1, _id: 1 }],
      [{ visibility: 1, name: 1, _id: 1 }],
      [{ status: 1, name: 1, _id: 1 }],
      [{ words: 1 }],
      [{ handle: 1 }, { unique: true }],
      [{ isDefault: 1 }, { unique: true, partialFilterExpression: { isDefault: true } }],
    ],
  })
  const list = createListReader<StoredPlan>(model, { sortField: 'name', direction: 1 })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Plan[]> =>
      findByIds<StoredPlan>(model, 'Plan', ids, visibleTo(caller)),
    /** Plans that a subscription leads to: whoever may read the subscription may read its plan, hidden or not. */
    readSubscribed: (ids: readonly string[]): Promise<Plan[]> => findByIds<StoredPlan>(model, 'Plan', ids),
    findDefault: (session: ClientSession | null = null): Promise<Plan | null> =>
      model.findOne({ isDefault: true }, null, { session }).lean<Plan>(),
    /** A plan that somebody may have asked for: neither hidden nor archived. */
    findOffered: (handle: string, session: ClientSession): Promise<Plan | null> =>
      model
        .findOne({ handle, visibility: { $in: ['PUBLIC', 'BY_REQUEST'] }, status: 'ACTIVE' }, null, { session })
        .lean<Plan>(),
    findById: (id: string, session: ClientSession): Promise<Plan | null> =>
      model.findOne({ _id: id }, null, { session }).lean<Plan>(),
    findVisible: (caller: Caller, id: string, session: ClientSession): Promise<Plan | null> =>
      model.findOne({ _id: id, $and: [visibleTo(caller)] }, null, { session }).lean<Plan>(),
    readPage: (caller: Caller, filter: PlanFilter, args: ConnectionArgs): Promise<Connection<Plan>> =>
      list(
        {
          ...(filter.visibility ? { visibility: filter.visibility } : {}),
          ...(filter.status ? { status: filter.status } : {}),
          ...(filter.search ? matchingWords('words', filter.search) : {}),
          ...visibleTo(caller),
        },
        args,
      ),
    async insert(plan: Plan, session: ClientSession): Promise<void> {
      await model.insertOne(storedPlan(plan), { session })
    },
    change: (plan: Plan, changes: Partial<Plan>, session: ClientSession): Promise<Plan> => {
      const words = searchWords(changes.handle ?? plan.handle, changes.name ?? plan.name)
      return changeVersioned<StoredPlan>(model, session, plan, { ...changes, words })
    },
  }
}

/** A plan with the words that find it. */
export function storedPlan(plan: Plan): StoredPlan {
  return { ...plan, words: searchWords(plan.handle, plan.name) }
}
