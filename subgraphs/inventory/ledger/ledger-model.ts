import type { ClientSession, Connection } from 'mongoose'
import { createId, idPrefixes } from '../../../kit/ids.ts'
import { bindModel, embeddedSchema, findByIds, prepareModels } from '../../../storage/documents.ts'
import { type Quantities, quantityNames } from '../levels/quantities.ts'
import { type ChangeReason, changeReasons } from './change-reason.ts'

/** One change of one level. Written once and never changed: levels can be rebuilt from these. */
export interface InventoryAdjustmentDocument {
  readonly _id: string
  readonly levelId: string
  readonly skuId: string
  readonly locationId: string
  readonly reason: ChangeReason
  /** What each quantity changed by; a quantity that is left out did not change. */
  readonly changes: Partial<Quantities>
  /** The version that the level got by this change; the versions of a level have no gap. */
  readonly levelVersion: number
  /** The reservation, shipment or batch that the change is part of. */
  readonly subject: string | null
  readonly reference: string | null
  readonly appId: string
  readonly organizationId: string
  readonly occurredAt: Date
}

/** One accepted command on many levels: who changed which. */
export interface InventoryBatchDocument {
  readonly _id: string
  readonly levelIds: readonly string[]
  readonly appId: string
  readonly organizationId: string
  readonly occurredAt: Date
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const moment = { type: Date, required: true } as const
const versionDigits = 8

const changes = embeddedSchema<Partial<Quantities>>(Object.fromEntries(quantityNames.map((name) => [name, Number])))

/**
 * The id of an entry follows from its level and version: so there can be one only, the entries of a level lie together
 * in their order without an index of their own, and a page of them is read by primary key.
 */
export function adjustmentId(levelId: string, levelVersion: number): string {
  const level = levelId.slice(idPrefixes.InventoryLevel.length + 1)
  return `${idPrefixes.InventoryAdjustment}_${level}${levelVersion.toString(36).padStart(versionDigits, '0')}`
}

/** The append-only record of what was done to stock, and by whom. */
export function createInventoryLedgerModel(connection: Connection) {
  const Adjustment = bindModel<InventoryAdjustmentDocument>(connection, 'InventoryAdjustment', {
    collection: 'inventory_adjustments',
    fields: {
      levelId: text,
      skuId: text,
      locationId: text,
      reason: { ...text, enum: changeReasons },
      changes: { type: changes, required: true },
      levelVersion: { type: Number, required: true },
      subject: optionalText,
      reference: optionalText,
      appId: text,
      organizationId: text,
      occurredAt: moment,
    },
    indexes: [],
  })
  const Batch = bindModel<InventoryBatchDocument>(connection, 'InventoryBatch', {
    collection: 'inventory_batches',
    fields: {
      levelIds: { type: [String], required: true },
      appId: text,
      organizationId: text,
      occurredAt: moment,
    },
    indexes: [],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Adjustment, Batch]),
    batchesByIds: (ids: readonly string[]): Promise<InventoryBatchDocument[]> =>
      findByIds(Batch, 'InventoryBatch', ids),
    byIds: (ids: readonly string[]): Promise<InventoryAdjustmentDocument[]> =>
      findByIds(Adjustment, 'InventoryAdjustment', ids),
    /** Notes a batch, so that its payload can be answered again; answers its id. */
    async recordBatch(session: ClientSession, batch: Omit<InventoryBatchDocument, '_id'>): Promise<string> {
      const batchId = createId('InventoryBatch')
      await Batch.insertOne({ _id: batchId, ...batch }, { session })
      return batchId
    },
    /** Appends entries in the transaction that changes their levels. */
    async append(
      entries: readonly Omit<InventoryAdjustmentDocument, '_id'>[],
      session: ClientSession | null = null,
    ): Promise<void> {
      if (entries.length === 0) return
      const documents = entries.map((entry) => ({ _id: adjustmentId(entry.levelId, entry.levelVersion), ...entry }))
      await Adjustment.insertMany(documents, { session, lean: true })
    },
    /** The entries after one and up to another, both by id, in the order of levels and of their versions. */
    between: (after: string, upTo: string, limit: number): Promise<InventoryAdjustmentDocument[]> =>
      Adjustment.find({ _id: { $gt: after, $lte: upTo } }, null, { sort: { _id: 1 }, limit }).lean(),
  }
}
