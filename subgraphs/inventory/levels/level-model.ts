import type { ClientSession, Connection, mongo } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'
import { seededId } from '../../../kit/ids.ts'
import { bindModel, prepareModels, countMatching } from '../../../storage/documents.ts'
import { type Quantities, emptyQuantities } from './quantities.ts'

export interface InventoryLevelDocument extends Quantities {
  readonly _id: string
  readonly skuId: string
  readonly locationId: string
  readonly version: number
  readonly updatedAt: Date
  /**
   * True while its warehouse is closed. Kept here too, so that goods that arrive and a warehouse that closes at the same
   * moment write the same document, and one of them sees the other.
   */
  readonly closed?: boolean
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

/** A level as it was read and as it is to be. */
export interface LevelUpdate {
  readonly before: InventoryLevelDocument
  readonly after: InventoryLevelDocument
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
      closed: { type: Boolean },
    },
    indexes: [[{ skuId: 1, _id: 1 }], [{ locationId: 1, _id: 1 }]],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Level]),
    byIds: (ids: readonly string[], session: ClientSession | null = null): Promise<InventoryLevelDocument[]> =>
      Level.find({ _id: { $in: ids } }, null, { session }).lean(),
    bySkus: (skuIds: readonly string[], session: ClientSession | null = null): Promise<InventoryLevelDocument[]> =>
      Level.find({ skuId: { $in: skuIds } }, null, { sort: { _id: 1 }, session }).lean(),
    page: (filter: LevelFilter, { after, sort, limit }: PageRequest): Promise<InventoryLevelDocument[]> =>
      Level.find({ ...filter, ...after }, null, { sort, limit }).lean(),
    count: (filter: LevelFilter): Promise<number> => countMatching(Level, { ...filter }),
    /** Levels in the order of their ids, from one on. */
    following: (after: string, limit: number): Promise<InventoryLevelDocument[]> =>
      Level.find({ _id: { $gt: after } }, null, { sort: { _id: 1 }, limit }).lean(),
    /** True when anything is or was kept at a warehouse that is not gone. */
    async holdsStock(locationId: string, session: ClientSession): Promise<boolean> {
      const held = { $or: Object.keys(emptyQuantities).map((name) => ({ [name]: { $gt: 0 } })) }
      return (await Level.exists({ locationId, ...held }).session(session)) !== null
    },
    /** Marks all levels of a warehouse that closes or opens again. */
    async markClosed(locationId: string, closed: boolean, session: ClientSession): Promise<void> {
      await Level.updateMany({ locationId }, { $set: { closed } }, { session })
    },
    /**
     * Writes levels that the transaction has read, in one command. False when one of them is no longer as it was read:
     * then nothing may be committed.
     */
    async update(session: ClientSession, updates: readonly LevelUpdate[]): Promise<boolean> {
      if (updates.length === 0) return true
      const operations = updates.map(
        ({ before, after: { _id, skuId: _sku, locationId: _location, ...after } }) =>
          ({
            updateOne: { filter: { _id, version: before.version }, update: { $set: after } },
          }) as mongo.AnyBulkWriteOperation<InventoryLevelDocument>,
      )
      // Past mongoose: what is written comes from `openStock`, and casting would cost more than the command.
      const { matchedCount } = await Level.collection.bulkWrite(operations as never, { session })
      return matchedCount === updates.length
    },
    async insert(levels: readonly InventoryLevelDocument[], session: ClientSession | null = null): Promise<void> {
      if (levels.length > 0) await Level.insertMany(levels, { session, lean: true })
    },
  }
}

/** A level with nothing in it, before its first change. */
export function emptyLevel(skuId: string, locationId: string, at: Date): InventoryLevelDocument {
  return { _id: levelId(skuId, locationId), skuId, locationId, ...emptyQuantities, version: 0, updatedAt: at }
}
