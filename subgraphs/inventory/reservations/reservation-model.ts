import type { ClientSession, Connection, mongo } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { PageRequest } from '../../../kit/connection.ts'
import { idPrefixes } from '../../../kit/ids.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds, prepareModels, countMatching } from '../../../storage/documents.ts'
import { type ReservationState, reservationStates } from './reservation-state.ts'

export interface ReservationDocument {
  readonly _id: string
  readonly organizationId: string
  readonly skuId: string
  readonly locationId: string
  readonly levelId: string
  readonly quantity: number
  readonly state: ReservationState
  readonly dealId: string | null
  /** The allocation that it draws on. */
  readonly allocationId: string | null
  readonly reference: string | null
  readonly expiresAt: Date
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface ReservationFilter {
  readonly organizationId?: string
  readonly state?: ReservationState
  readonly skuId?: string
  readonly dealId?: string
  readonly reference?: string
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const moment = { type: Date, required: true } as const

/** The id of a line's reservation follows from its order's, so that the reservations of an order are found by key. */
export function reservationId(orderId: string, line: number): string {
  return `${idPrefixes.Reservation}_${orderId.slice(orderId.indexOf('_') + 1)}${line.toString(36).padStart(2, '0')}`
}

/** Reservations. They belong to partners: what a caller's organization does not own is not there for it. */
export function createReservationModel(connection: Connection) {
  const Reservation = bindModel<ReservationDocument>(connection, 'Reservation', {
    collection: 'reservations',
    fields: {
      organizationId: text,
      skuId: text,
      locationId: text,
      levelId: text,
      quantity: { type: Number, required: true, min: 1, validate: Number.isSafeInteger },
      state: { ...text, enum: reservationStates },
      dealId: optionalText,
      allocationId: optionalText,
      reference: optionalText,
      expiresAt: moment,
      version: { type: Number, required: true },
      createdAt: moment,
      updatedAt: moment,
    },
    indexes: [
      [{ organizationId: 1, _id: -1 }],
      [{ organizationId: 1, state: 1, _id: -1 }],
      [{ state: 1, _id: -1 }],
      [{ skuId: 1, organizationId: 1, _id: -1 }],
      [{ dealId: 1, _id: -1 }, { partialFilterExpression: { dealId: { $gt: '' } } }],
      [{ reference: 1, _id: -1 }, { partialFilterExpression: { reference: { $gt: '' } } }],
      [{ expiresAt: 1, _id: 1 }, { partialFilterExpression: { state: 'HELD' } }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Reservation]),
    byIds: (
      caller: Caller,
      ids: readonly string[],
      session: ClientSession | null = null,
    ): Promise<ReservationDocument[]> =>
      session === null
        ? findByIds(Reservation, 'Reservation', ids, ownedBy(caller))
        : Reservation.find({ _id: { $in: ids }, ...ownedBy(caller) }, null, { session }).lean(),
    /** Whoever owns them, for work in the name of the platform. */
    anyByIds: (ids: readonly string[], session: ClientSession): Promise<ReservationDocument[]> =>
      Reservation.find({ _id: { $in: ids } }, null, { session }).lean(),
    /** The reservations that an order made, in the order of its lines. */
    ofOrder(caller: Caller, orderId: string): Promise<ReservationDocument[]> {
      const range = { $gte: reservationId(orderId, 0), $lte: reservationId(orderId, 36 ** 2 - 1) }
      return Reservation.find({ _id: range, ...ownedBy(caller) }, null, { sort: { _id: 1 } }).lean()
    },
    page: (caller: Caller, filter: ReservationFilter, page: PageRequest): Promise<ReservationDocument[]> =>
      Reservation.find({ $and: [ownedBy(caller), { ...filter }, page.after] }, null, {
        sort: page.sort,
        limit: page.limit,
      }).lean(),
    count: (caller: Caller, filter: ReservationFilter): Promise<number> =>
      countMatching(Reservation, caller.operator ? { ...filter } : { $and: [ownedBy(caller), { ...filter }] }),
    /** Those of deals, read together for all that a response asks about. */
    ofDeals: (caller: Caller) =>
      createChildConnections({
        model: Reservation,
        parentField: 'dealId',
        sortField: '_id',
        direction: -1,
        filter: ownedBy(caller),
      }),
    /** The reservations of one organization's deal that are not at their end. */
    openOfDeal: (
      deal: { readonly dealId: string; readonly organizationId: string },
      session: ClientSession,
    ): Promise<ReservationDocument[]> =>
      Reservation.find({ ...deal, state: { $in: ['HELD', 'COMMITTED'] } }, null, { session, limit: 1_000 }).lean(),
    /** Held reservations whose time is over, the longest overdue first. */
    overdue: (at: Date, limit: number): Promise<ReservationDocument[]> =>
      Reservation.find({ state: 'HELD', expiresAt: { $lte: at } }, null, {
        sort: { expiresAt: 1, _id: 1 },
        limit,
      }).lean(),
    /** Writes fields of reservations as the transaction has read them; false when one is no longer so. */
    async update(
      session: ClientSession,
      changes: readonly {
        readonly before: ReservationDocument
        readonly fields: Partial<Pick<ReservationDocument, 'state' | 'expiresAt' | 'updatedAt'>>
      }[],
    ): Promise<boolean> {
      if (changes.length === 0) return true
      const operations = changes.map(({ before: { _id, version }, fields }) => ({
        updateOne: { filter: { _id, version }, update: { $set: fields, $inc: { version: 1 } } },
      })) as mongo.AnyBulkWriteOperation<ReservationDocument>[]
      const { matchedCount } = await Reservation.collection.bulkWrite(operations as never, { session })
      return matchedCount === changes.length
    },
    async insert(reservations: readonly ReservationDocument[], session: ClientSession | null = null): Promise<void> {
      if (reservations.length > 0) await Reservation.insertMany(reservations, { session, lean: true })
    },
  }
}
