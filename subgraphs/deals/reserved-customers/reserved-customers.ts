import type { ClientSession, Connection } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, embeddedSchema, findByIds, prepareModels } from '../../../storage/documents.ts'
import { matchingWords } from '../../../storage/search.ts'
import { allOf, searchHint } from '../list-filter.ts'
import type { DealCustomer } from '../customers/customer.ts'

export const reservationKinds = ['DIRECT_OPPORTUNITY', 'NAMED_ACCOUNT'] as const

export type ReservationKind = (typeof reservationKinds)[number]

/** A customer that the platform company keeps for itself. */
export interface ReservedCustomerDocument {
  readonly _id: string
  readonly kind: ReservationKind
  readonly customer: DealCustomer
  /** By each of which a registration may name the customer. */
  readonly identities: readonly string[]
  /** Null for all product families. */
  readonly family: string | null
  readonly note: string | null
  readonly active: boolean
  readonly searchWords: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Which entries a list shows; null means any. */
export interface ReservedCustomerFilter {
  readonly kind: ReservationKind | null
  readonly active: boolean
  readonly search: string | null
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const texts = { type: [String], required: true } as const
const moment = { type: Date, required: true } as const
const customer = embeddedSchema<DealCustomer>({ name: text, domain: optionalText, taxId: optionalText, country: text })

function conditions({ kind, active, search }: ReservedCustomerFilter) {
  return {
    active,
    ...(kind === null ? {} : { kind }),
    ...(search === null ? {} : matchingWords('searchWords', search)),
  }
}

/** The lists of direct opportunities and named accounts. They are the operator's alone: no partner reads them. */
export function createReservedCustomersModel(connection: Connection) {
  const Reserved = bindModel<ReservedCustomerDocument>(connection, 'ReservedCustomer', {
    collection: 'deal_reserved_customers',
    fields: {
      kind: { ...text, enum: reservationKinds },
      customer: { type: customer, required: true },
      identities: texts,
      family: optionalText,
      note: optionalText,
      active: { type: Boolean, required: true },
      searchWords: texts,
      version: { type: Number, required: true },
      createdAt: moment,
      updatedAt: moment,
    },
    indexes: [
      [{ identities: 1 }],
      [{ searchWords: 1 }],
      [{ active: 1, createdAt: -1, _id: -1 }],
      [{ active: 1, kind: 1, createdAt: -1, _id: -1 }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Reserved]),
    byIds: (ids: readonly string[]): Promise<ReservedCustomerDocument[]> =>
      findByIds(Reserved, 'ReservedCustomer', ids),
    byId: (session: ClientSession, id: string): Promise<ReservedCustomerDocument | null> =>
      Reserved.findById(id, null, { session }).lean(),
    page: (filter: ReservedCustomerFilter, page: PageRequest): Promise<ReservedCustomerDocument[]> =>
      Reserved.find(allOf(conditions(filter), page.after), null, {
        sort: page.sort,
        limit: page.limit,
        ...searchHint(filter.search, null),
      }).lean(),
    count: (filter: ReservedCustomerFilter): Promise<number> => Reserved.countDocuments(conditions(filter)),
    /** An active entry about a customer, in one of its identities, that covers the product family. */
    about: (
      session: ClientSession,
      identities: readonly string[],
      family: string,
    ): Promise<ReservedCustomerDocument | null> =>
      Reserved.findOne({ identities: { $in: identities }, active: true, family: { $in: [family, null] } }, null, {
        session,
      }).lean(),
    async insert(entries: readonly ReservedCustomerDocument[], session: ClientSession | null = null): Promise<void> {
      await Reserved.insertMany(entries, { session })
    },
    /** Changes an entry as it was read; null when it has changed since. */
    change(
      session: ClientSession,
      document: Pick<ReservedCustomerDocument, '_id' | 'version'>,
      changes: Partial<Omit<ReservedCustomerDocument, '_id' | 'version'>>,
    ): Promise<ReservedCustomerDocument | null> {
      const { _id, version } = document
      noteChange(session, document, changes)
      const update = { $set: changes, $inc: { version: 1 } } as const
      return Reserved.findOneAndUpdate({ _id, version }, update, { session, returnDocument: 'after' }).lean()
    },
  }
}
