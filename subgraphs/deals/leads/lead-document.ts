import type { Money } from '../../../kit/money.ts'
import { type DocumentDefinition, embeddedSchema, moneySchema } from '../../../storage/documents.ts'
import type { DealCustomer } from '../customers/customer.ts'
import { customerSchema } from '../registrations/deal-document.ts'
import { type LeadState, leadStates } from './lead-state.ts'

/** Whom to speak with at the customer. */
export interface LeadContact {
  readonly name: string
  readonly email: string | null
  readonly phone: string | null
}

export interface LeadDocument {
  readonly _id: string
  /** How the system that it came from names it; its own id where it came from none. */
  readonly externalId: string
  /** Whose data it is before a partner has it: the platform company. */
  readonly createdBy: string
  /** The partner who has it now; null while it is new. */
  readonly organizationId: string | null
  readonly state: LeadState
  readonly customer: DealCustomer
  readonly contact: LeadContact
  readonly family: string | null
  readonly productId: string | null
  readonly estimatedValue: Money | null
  readonly note: string | null
  /** Who gets it next, in this order, when the one who has it declines or lets the time pass. */
  readonly candidates: readonly string[]
  readonly acceptHours: number
  readonly acceptDueAt: Date | null
  readonly acceptedAt: Date | null
  /** Why the partner who had it last has it no more. */
  readonly passedOn: {
    readonly organizationId: string
    readonly reason: 'DECLINED' | 'TIMED_OUT'
    readonly comment: string | null
    readonly at: Date
  } | null
  readonly closeReason: string | null
  readonly dealId: string | null
  readonly searchWords: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const moment = { type: Date, required: true } as const
const optionalMoment = { type: Date, default: null } as const
const contact = embeddedSchema<LeadContact>({ name: text, email: optionalText, phone: optionalText })
const passedOn = embeddedSchema<NonNullable<LeadDocument['passedOn']>>({
  organizationId: text,
  reason: text,
  comment: optionalText,
  at: moment,
})

/** How leads are stored. */
export const leadDefinition: DocumentDefinition<LeadDocument> = {
  collection: 'deal_leads',
  fields: {
    externalId: text,
    createdBy: text,
    organizationId: optionalText,
    state: { ...text, enum: leadStates },
    customer: { type: customerSchema, required: true },
    contact: { type: contact, required: true },
    family: optionalText,
    productId: optionalText,
    estimatedValue: { type: moneySchema, default: null },
    note: optionalText,
    candidates: { type: [String], required: true },
    acceptHours: { type: Number, required: true },
    acceptDueAt: optionalMoment,
    acceptedAt: optionalMoment,
    passedOn: { type: passedOn, default: null },
    closeReason: optionalText,
    dealId: optionalText,
    searchWords: { type: [String], required: true },
    version: { type: Number, required: true },
    createdAt: moment,
    updatedAt: moment,
  },
  indexes: [
    // What makes an import that is repeated change nothing.
    [{ externalId: 1 }, { unique: true }],
    [{ organizationId: 1, createdAt: -1, _id: -1 }],
    [{ organizationId: 1, state: 1, createdAt: -1, _id: -1 }],
    [{ organizationId: 1, searchWords: 1 }],
    [{ createdAt: -1, _id: -1 }],
    [{ state: 1, createdAt: -1, _id: -1 }],
    [{ family: 1, createdAt: -1, _id: -1 }],
    [{ searchWords: 1 }],
    [{ acceptDueAt: 1 }],
  ],
}
