import type { ClientSession, Connection } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { bindModel, embeddedSchema, findByIds, prepareModels } from '../../../storage/documents.ts'
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

const changes = embeddedSchema<Partial<Quantities>>(Object.fromEntries(quantityNames.map((name) => [name, Number])))

/** The append-only record of what was done to stock, and by whom. */
export function createInventoryLedgerModel(connection: Connection) {
  const Adjustment = bindModel<InventoryAdjustmentDocument>(connection, 'InventoryAdjustment', {
    collection: 'inventory_adjustments',
    fields: {
      batchId: text,
      levelId: text,
      skuId: text,
      locationId: text,
      reason: { ...text, enum: adjustmentReasons },
      changes: { type: changes, required: true },
      levelVersion: { type: Number, required: true },
      occurredAt: moment,
    },
    indexes: [[{ levelId: 1, levelVersion: 1 }, { unique: true }]],
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
    /** Records a batch and its lines in the transaction that applies them; answers the batch's id. */
    async record(
      session: ClientSession,
      batch: Omit<InventoryBatchDocument, '_id'>,
      adjustments: readonly Omit<InventoryAdjustmentDocument, '_id' | 'batchId' | 'occurredAt'>[],
    ): Promise<string> {
      const batchId = createId('InventoryBatch')
      await Batch.insertOne({ _id: batchId, ...batch }, { session })
      const { occurredAt } = batch
      await Adjustment.insertMany(
        adjustments.map((line) => ({ _id: createId('InventoryAdjustment'), batchId, occurredAt, ...line })),
        { session, lean: true },
      )
      return batchId
    },
  }
}
