import type { ClientSession, Connection, mongo } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'
import { bindModel, embeddedSchema, findByIds, prepareModels, countMatching } from '../../../storage/documents.ts'
import { matchingWords, searchWords } from '../../../storage/search.ts'
import { type ShipmentState, isOpen, shipmentStates } from './shipment-state.ts'

export interface ShipmentLine {
  readonly skuId: string
  /** Units that are announced. */
  readonly quantity: number
  /** Units that have arrived, whatever their condition. */
  readonly received: number
}

export interface IncomingShipmentDocument {
  readonly _id: string
  /** The sender's number, by which a shipment is known outside. */
  readonly reference: string
  readonly supplier: string
  readonly locationId: string
  readonly state: ShipmentState
  /** False once nothing more is to come: what is promised reads the open ones only. */
  readonly open: boolean
  readonly expectedAt: Date
  readonly lines: readonly ShipmentLine[]
  readonly words: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface ShipmentFilter {
  readonly state?: ShipmentState | null
  readonly locationId?: string | null
  readonly skuId?: string | null
  readonly search?: string | null
}

const text = { type: String, required: true } as const
const moment = { type: Date, required: true } as const
const units = { type: Number, required: true, min: 0, validate: Number.isSafeInteger } as const
const line = embeddedSchema<ShipmentLine>({ skuId: text, quantity: units, received: units })

/** The words by which a shipment is found. */
export function shipmentWords(shipment: { readonly reference: string; readonly supplier: string }): string[] {
  return searchWords(shipment.reference, shipment.supplier)
}

function conditionOf({ state, locationId, skuId, search }: ShipmentFilter): Record<string, unknown> {
  return {
    ...(state ? { state } : {}),
    ...(locationId ? { locationId } : {}),
    ...(skuId ? { 'lines.skuId': skuId } : {}),
    ...(search ? matchingWords('words', search) : {}),
  }
}

/** Incoming shipments. They belong to the platform, as the stock does that they become. */
export function createShipmentModel(connection: Connection) {
  const Shipment = bindModel<IncomingShipmentDocument>(connection, 'IncomingShipment', {
    collection: 'incoming_shipments',
    fields: {
      reference: text,
      supplier: text,
      locationId: text,
      state: { ...text, enum: shipmentStates },
      open: { type: Boolean, required: true },
      expectedAt: moment,
      lines: { type: [line], required: true },
      words: { type: [String], required: true },
      version: { type: Number, required: true },
      createdAt: moment,
      updatedAt: moment,
    },
    indexes: [
      [{ reference: 1 }, { unique: true }],
      [{ expectedAt: 1, _id: 1 }],
      [{ state: 1, expectedAt: 1, _id: 1 }],
      [{ locationId: 1, expectedAt: 1, _id: 1 }],
      [{ locationId: 1, state: 1, expectedAt: 1, _id: 1 }],
      [{ 'lines.skuId': 1, expectedAt: 1, _id: 1 }],
      [{ 'lines.skuId': 1, open: 1, expectedAt: 1 }],
      [{ words: 1 }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Shipment]),
    byIds: (ids: readonly string[], session: ClientSession | null = null): Promise<IncomingShipmentDocument[]> =>
      session === null
        ? findByIds(Shipment, 'IncomingShipment', ids)
        : Shipment.find({ _id: { $in: ids } }, null, { session }).lean(),
    byReferences: (references: readonly string[], session: ClientSession): Promise<IncomingShipmentDocument[]> =>
      Shipment.find({ reference: { $in: references } }, null, { session }).lean(),
    page: (filter: ShipmentFilter, { after, sort, limit }: PageRequest): Promise<IncomingShipmentDocument[]> =>
      Shipment.find({ ...conditionOf(filter), ...after }, null, {
        sort,
        limit,
        // Without it a database may walk the whole list in its order, for a word that few shipments have.
        ...(filter.search ? { hint: { words: 1 } } : {}),
      }).lean(),
    count: (filter: ShipmentFilter): Promise<number> => countMatching(Shipment, conditionOf(filter)),
    /** The shipments that bring some of these SKUs after one moment and up to another. */
    bringing: (skuIds: readonly string[], after: Date, upTo: Date): Promise<IncomingShipmentDocument[]> =>
      Shipment.find({
        'lines.skuId': { $in: skuIds },
        open: true,
        expectedAt: { $gt: after, $lte: upTo },
      }).lean(),
    /** True while more of a shipment may arrive at a warehouse. */
    isExpectedAt: async (locationId: string, session: ClientSession): Promise<boolean> =>
      (await Shipment.exists({ locationId, state: { $in: shipmentStates.filter(isOpen) } }).session(session)) !== null,
    /** Writes shipments as the transaction has read them, in one command; false when one is no longer so. */
    async update(
      session: ClientSession,
      changes: readonly {
        readonly before: IncomingShipmentDocument
        readonly fields: Partial<
          Pick<IncomingShipmentDocument, 'state' | 'open' | 'expectedAt' | 'lines' | 'updatedAt'>
        >
      }[],
    ): Promise<boolean> {
      if (changes.length === 0) return true
      const operations = changes.map(({ before: { _id, version }, fields }) => ({
        updateOne: { filter: { _id, version }, update: { $set: fields, $inc: { version: 1 } } },
      })) as mongo.AnyBulkWriteOperation<IncomingShipmentDocument>[]
      const { matchedCount } = await Shipment.collection.bulkWrite(operations as never, { session })
      return matchedCount === changes.length
    },
    async insert(
      shipments: readonly Omit<IncomingShipmentDocument, 'words'>[],
      session: ClientSession | null = null,
    ): Promise<void> {
      const documents = shipments.map((shipment) => ({ ...shipment, words: shipmentWords(shipment) }))
      if (documents.length > 0) await Shipment.insertMany(documents, { session, lean: true })
    },
  }
}
