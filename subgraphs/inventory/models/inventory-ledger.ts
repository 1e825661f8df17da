import { type ClientSession, type Connection, Schema } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { type Quantities, quantityNames } from '../quantities.ts'

export const adjustmentReasons = ['SALE', 'RETURN', 'RESTOCK', 'CORRECTION', 'DAMAGE'] as const
export type AdjustmentReason = (typeof adjustmentReasons)[number]

/** One line of a batch as it was applied. Written once and never changed: levels can be recomputed from these. */
export interface InventoryAdjustmentDocument {
  readonly _id: string
  readonly batchId: string
  readonly levelId: string
  readonly skuId: string
  readonly locationId: string
  readonly reason: AdjustmentReason
  /** What each quantity changed by; a quantity that is left out did not change. */
  readonly changes: Partial<Quantities>
  /** The version that the level got by this change. */
  readonly levelVersion: number
  readonly occurredAt: Date
}

/** One accepted command: who changed which levels. */
export interface InventoryBatchDocument {
  readonly _id: string
  readonly levelIds: readonly string[]
  readonly appId: string
  readonly organizationId: string
  readonly occurredAt: Date
}

const text = { type: String, required: true } as const
const moment = { type: Date, required: true } as const

const adjustmentSchema = new Schema<InventoryAdjustmentDocument>(
  {
    _id: text,
    batchId: text,
    levelId: text,
    skuId: text,
    locationId: text,
    reason: { ...text, enum: adjustmentReasons },
    changes: {
      type: new Schema(Object.fromEntries(quantityNames.map((name) => [name, Number])), { _id: false }),
      required: true,
    },
    levelVersion: { type: Number, required: true },
    occurredAt: moment,
  },
  { collection: 'inventory_adjustments', versionKey: false, autoCreate: false, autoIndex: false },
)
adjustmentSchema.index({ levelId: 1, levelVersion: 1 }, { unique: true })

const batchSchema = new Schema<InventoryBatchDocument>(
  { _id: text, levelIds: { type: [String], required: true }, appId: text, organizationId: text, occurredAt: moment },
  { collection: 'inventory_batches', versionKey: false, autoCreate: false, autoIndex: false },
)

export type InventoryLedgerModel = ReturnType<typeof createInventoryLedgerModel>

/** The append-only record of what was done to stock, and by whom. */
export function createInventoryLedgerModel(connection: Connection) {
  const Adjustment = connection.model<InventoryAdjustmentDocument>('InventoryAdjustment', adjustmentSchema)
  const Batch = connection.model<InventoryBatchDocument>('InventoryBatch', batchSchema)
  return {
    async prepare(): Promise<void> {
      await Promise.all([Adjustment.createCollection(), Batch.createCollection()])
      await Adjustment.createIndexes()
    },
    batchesByIds: (ids: readonly string[]): Promise<InventoryBatchDocument[]> =>
      Batch.find({ _id: { $in: ids } }).lean(),
    /** Records a batch and its lines in the transaction that applies them; answers the batch's id. */
    async record(
      session: ClientSession,
      batch: Omit<InventoryBatchDocument, '_id'>,
      adjustments: readonly Omit<InventoryAdjustmentDocument, '_id' | 'batchId' | 'occurredAt'>[],
    ): Promise<string> {
      const batchId = createId('InventoryAdjustment')
      await Batch.insertOne({ _id: batchId, ...batch }, { session })
      const { occurredAt } = batch
      await Adjustment.insertMany(
        adjustments.map((line) => ({ _id: createId('InventoryAdjustment'), batchId, occurredAt, ...line })),
        { session },
      )
      return batchId
    },
  }
}
