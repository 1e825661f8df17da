import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { PageRequest } from '../../../kit/connection.ts'
import type { Money } from '../../../kit/money.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, embeddedSchema, findByIds, moneySchema, prepareModels } from '../../../storage/documents.ts'
import type { DealCustomer } from '../customer-key.ts'
import { type DealState, dealStates } from '../deal-state.ts'

export type DealDecision = 'APPROVE' | 'REJECT' | 'RETURN'

export interface DealRegistrationDocument {
  readonly _id: string
  readonly number: string
  readonly organizationId: string
  readonly state: DealState
  readonly customer: DealCustomer
  readonly productId: string
  readonly skuId: string | null
  readonly quantity: number | null
  readonly estimatedValue: Money
  readonly expectedCloseDate: Date
  readonly territory: string
  readonly conflictKey: string
  /** While true, no other registration can have the same conflict key: a unique index sees to it. */
  readonly exclusive: boolean
  readonly submittedAt: Date | null
  readonly decisionDueAt: Date | null
  readonly protectedUntil: Date | null
  readonly decision: { readonly outcome: DealDecision; readonly reason: string | null; readonly decidedAt: Date } | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const moment = { type: Date, required: true } as const
const optionalMoment = { type: Date, default: null } as const
const wholeNumber = { type: Number, required: true, validate: Number.isSafeInteger } as const
const customer = embeddedSchema<DealCustomer>({ name: text, domain: optionalText, taxId: optionalText, country: text })
const decision = embeddedSchema<NonNullable<DealRegistrationDocument['decision']>>({
  outcome: text,
  reason: optionalText,
  decidedAt: moment,
})

/** Which registrations a list shows; null means any state. */
export interface DealFilter {
  readonly state: DealState | null
}

/** The condition of a filter. */
export function inState({ state }: DealFilter): { state?: DealState } {
  return state ? { state } : {}
}

/** Deal registrations. They belong to partners: what a caller's organization does not own is not there for it. */
export function createDealRegistrationModel(connection: Connection) {
  const Deal = bindModel<DealRegistrationDocument>(connection, 'DealRegistration', {
    collection: 'deal_registrations',
    fields: {
      number: text,
      organizationId: text,
      state: { ...text, enum: dealStates },
      customer: { type: customer, required: true },
      productId: text,
      skuId: optionalText,
      quantity: { type: Number, default: null },
      estimatedValue: { type: moneySchema, required: true },
      expectedCloseDate: moment,
      territory: text,
      conflictKey: text,
      exclusive: { type: Boolean, required: true },
      submittedAt: optionalMoment,
      decisionDueAt: optionalMoment,
      protectedUntil: optionalMoment,
      decision: { type: decision, default: null },
      version: wholeNumber,
      createdAt: moment,
      updatedAt: moment,
    },
    indexes: [
      // What makes the first registration win: no two exclusive ones of a customer, family and territory can exist.
      [{ conflictKey: 1 }, { unique: true, partialFilterExpression: { exclusive: true } }],
      [{ number: 1 }, { unique: true }],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ createdAt: -1, _id: -1 }],
      [{ state: 1, createdAt: -1, _id: -1 }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Deal]),
    byIds: (caller: Caller, ids: readonly string[]): Promise<DealRegistrationDocument[]> =>
      findByIds(Deal, 'DealRegistration', ids, ownedBy(caller)),
    byId: (caller: Caller, session: ClientSession, id: string): Promise<DealRegistrationDocument | null> =>
      Deal.findOne({ ...ownedBy(caller), _id: id }, null, { session }).lean(),
    page: (caller: Caller, filter: DealFilter, page: PageRequest): Promise<DealRegistrationDocument[]> =>
      Deal.find({ ...ownedBy(caller), ...inState(filter), ...page.after }, null, {
        sort: page.sort,
        limit: page.limit,
      }).lean(),
    count: (caller: Caller, filter: DealFilter): Promise<number> =>
      Deal.countDocuments({ ...ownedBy(caller), ...inState(filter) }),
    /** The registrations of organizations, read together for all that a response asks about. */
    ofOrganizations: (caller: Caller) =>
      createChildConnections<DealRegistrationDocument>({
        model: Deal,
        parentField: 'organizationId',
        sortField: 'createdAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
    /**
     * The approved registration of this conflict key whose protection is over, whoever owns it. For the rule that an
     * expired protection keeps nobody out; never to be shown to a caller.
     */
    lapsed: (session: ClientSession, key: string, now: Date): Promise<DealRegistrationDocument | null> =>
      Deal.findOne({ conflictKey: key, exclusive: true, state: 'APPROVED', protectedUntil: { $lte: now } }, null, {
        session,
      }).lean(),
    async insert(deals: readonly DealRegistrationDocument[], session: ClientSession | null = null): Promise<void> {
      await Deal.insertMany(deals, { session })
    },
    /** Changes a registration as it was read; null when it has changed since. */
    change: (
      session: ClientSession,
      { _id, version }: Pick<DealRegistrationDocument, '_id' | 'version'>,
      changes: Partial<Omit<DealRegistrationDocument, '_id' | 'version'>>,
    ): Promise<DealRegistrationDocument | null> =>
      Deal.findOneAndUpdate(
        { _id, version },
        { $set: changes, $inc: { version: 1 } },
        { session, returnDocument: 'after' },
      ).lean(),
  }
}
