import type { Money } from '../../../kit/money.ts'
import { type DocumentDefinition, embeddedSchema, moneySchema } from '../../../storage/documents.ts'
import type { DealCustomer } from '../customers/customer.ts'
import { type DealState, dealStates } from './deal-state.ts'
import { type DealEvidence, evidenceKinds } from './evidence.ts'

export type DealDecision = 'APPROVE' | 'REJECT' | 'RETURN'

export interface DealRegistrationDocument {
  readonly _id: string
  readonly number: string
  readonly organizationId: string
  readonly state: DealState
  readonly customer: DealCustomer
  readonly productId: string
  readonly family: string
  readonly skuId: string | null
  readonly quantity: number | null
  /** Null in a draft only, like `expectedCloseDate`. */
  readonly estimatedValue: Money | null
  readonly expectedCloseDate: Date | null
  readonly reserveStock: boolean
  readonly territory: string
  readonly conflictKey: string
  /** While true, no other registration can have the same conflict key: a unique index sees to it. */
  readonly exclusive: boolean
  /** When exclusivity ends unless something happens before. */
  readonly heldUntil: Date | null
  readonly submittedAt: Date | null
  readonly decisionDueAt: Date | null
  /** When it is to be told that no decision was made in time; null when it was told or is of no interest any more. */
  readonly decisionNoticeAt: Date | null
  readonly protectedUntil: Date | null
  /** When the partner is next to be told that its protection ends soon. */
  readonly protectionNoticeAt: Date | null
  readonly extendedAt: Date | null
  readonly decision: { readonly outcome: DealDecision; readonly reason: string | null; readonly decidedAt: Date } | null
  readonly evidence: readonly DealEvidence[]
  /** The lead that it came from. */
  readonly leadId: string | null
  readonly opportunityId: string | null
  /** What the customer ordered for; null until it has. */
  readonly wonValue: Money | null
  readonly closedAt: Date | null
  readonly closeReason: string | null
  readonly searchWords: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const moment = { type: Date, required: true } as const
const optionalMoment = { type: Date, default: null } as const
const flag = { type: Boolean, required: true } as const
const wholeNumber = { type: Number, required: true, validate: Number.isSafeInteger } as const
export const customerSchema = embeddedSchema<DealCustomer>({
  name: text,
  domain: optionalText,
  taxId: optionalText,
  country: text,
})
const decision = embeddedSchema<NonNullable<DealRegistrationDocument['decision']>>({
  outcome: text,
  reason: optionalText,
  decidedAt: moment,
})
const evidence = embeddedSchema<DealEvidence>({
  id: text,
  kind: { ...text, enum: evidenceKinds },
  text,
  url: optionalText,
  addedAt: moment,
})

/** How registrations are stored; each list and each timer has its index. */
export const dealDefinition: DocumentDefinition<DealRegistrationDocument> = {
  collection: 'deal_registrations',
  fields: {
    number: text,
    organizationId: text,
    state: { ...text, enum: dealStates },
    customer: { type: customerSchema, required: true },
    productId: text,
    family: text,
    skuId: optionalText,
    quantity: { type: Number, default: null },
    estimatedValue: { type: moneySchema, default: null },
    expectedCloseDate: optionalMoment,
    reserveStock: flag,
    territory: text,
    conflictKey: text,
    exclusive: flag,
    heldUntil: optionalMoment,
    submittedAt: optionalMoment,
    decisionDueAt: optionalMoment,
    decisionNoticeAt: optionalMoment,
    protectedUntil: optionalMoment,
    protectionNoticeAt: optionalMoment,
    extendedAt: optionalMoment,
    decision: { type: decision, default: null },
    evidence: { type: [evidence], required: true },
    leadId: optionalText,
    opportunityId: optionalText,
    wonValue: { type: moneySchema, default: null },
    closedAt: optionalMoment,
    closeReason: optionalText,
    searchWords: { type: [String], required: true },
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
    [{ organizationId: 1, searchWords: 1 }],
    [{ createdAt: -1, _id: -1 }],
    [{ state: 1, createdAt: -1, _id: -1 }],
    [{ family: 1, createdAt: -1, _id: -1 }],
    [{ territory: 1, createdAt: -1, _id: -1 }],
    [{ searchWords: 1 }],
    [{ heldUntil: 1 }],
    [{ decisionNoticeAt: 1 }],
    [{ protectionNoticeAt: 1 }],
  ],
}
