import type { ClientSession, Connection } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'
import { seededId } from '../../../kit/ids.ts'
import { bindModel, prepareModels } from '../../../storage/documents.ts'
import { type Quantities, quantityNames } from '../quantities.ts'

export interface InventoryLevelDocument extends Quantities {
  readonly _id: string
  readonly skuId: string
  readonly locationId: string
  readonly version: number
  readonly updatedAt: Date
}

/** What a change does to a level, and what must be true of the level for it to be allowed. */
export interface LevelChange {
  readonly increments: Partial<Quantities>
  readonly onlyIf: Readonly<Record<string, unknown>>
}

const text = { type: String, required: true } as const
const quantity = { type: Number, required: true, min: 0, validate: Number.isInteger } as const

/** The id of a level follows from its SKU and warehouse, so there can be one only and commands read by primary key. */
export function levelId(skuId: string, locationId: string): string {
  return seededId('InventoryLevel', `${skuId}@${locationId}`)
}

export interface LevelFilter {
  readonly skuId?: string
  readonly locationId?: string
}

/** Stock levels. They belong to the platform, so every caller with the scope reads all of them. */
export function createInventoryLevelModel(connection: Connection) {
  const Level = bindModel<InventoryLevelDocument>(connection, 'InventoryLevel', {
    collection: 'inventory_levels',
    fields: {
      skuId: text,
      locationId: text,
      available: quantity,
      committed: quantity,
      reserved: quantity,
      safety: quantity,
      damaged: quantity,
      qualityControl: quantity,
      version: { type: Number, required: true },
      updatedAt: { type: Date, required: true },
    },
    indexes: [[{ skuId: 1, _id: 1 }], [{ locationId: 1, _id: 1 }]],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Level]),
    byIds: (ids: readonly string[], session: ClientSession | null = null): Promise<InventoryLevelDocument[]> =>
      Level.find({ _id: { $in: ids } }, null, { session }).lean(),
    bySkus: (skuIds: readonly string[]): Promise<InventoryLevelDocument[]> =>
      Level.find({ skuId: { $in: skuIds } }, null, { sort: { _id: 1 } }).lean(),
    page: (filter: LevelFilter, { after, sort, limit }: PageRequest): Promise<InventoryLevelDocument[]> =>
      Level.find({ ...filter, ...after }, null, { sort, limit }).lean(),
    count: (filter: LevelFilter): Promise<number> => Level.countDocuments({ ...filter }),
    /** Which of these SKUs have stock records anywhere. */
    async knownSkus(skuIds: readonly string[], session: ClientSession): Promise<string[]> {
      const found = await Level.aggregate<{ _id: string }>([
        { $match: { skuId: { $in: skuIds } } },
        { $group: { _id: '$skuId' } },
      ]).session(session)
      return found.map(({ _id }) => _id)
    },
    /** Checks and changes a level in one step; null when it is gone or `onlyIf` does not hold. */
    change: (
      session: ClientSession,
      id: string,
      { increments, onlyIf }: LevelChange,
      at: Date,
    ): Promise<InventoryLevelDocument | null> =>
      Level.findOneAndUpdate(
        { ...onlyIf, _id: id },
        { $inc: { ...increments, version: 1 }, $set: { updatedAt: at } },
        { session, returnDocument: 'after' },
      ).lean(),
    async insert(levels: readonly InventoryLevelDocument[], session: ClientSession | null = null): Promise<void> {
      await Level.insertMany(levels, { session, lean: true })
    },
  }
}

/** A level with nothing in it. */
export function emptyLevel(skuId: string, locationId: string, at: Date): InventoryLevelDocument {
  const quantities = Object.fromEntries(quantityNames.map((name) => [name, 0])) as unknown as Quantities
  return { _id: levelId(skuId, locationId), skuId, locationId, ...quantities, version: 1, updatedAt: at }
}
