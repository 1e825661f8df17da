import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, embeddedSchema, findByIds } from '../../../storage/documents.ts'
import { matchingWords, searchWords } from '../../../storage/search.ts'
import type { Access } from '../entitlements/access.ts'
import { countLanes, lanesOf, readLanes, visibleGoods } from '../entitlements/visible-goods.ts'
import { type GoodsStatus, productStatus } from './goods-status.ts'

export interface Pack {
  readonly unit: string
  readonly quantity: number
}

export interface Sku {
  readonly _id: string
  readonly productId: string
  /** The product's, kept here too, because it decides who may view the SKU. */
  readonly family: string
  readonly code: string
  readonly name: string
  readonly gtin: string
  readonly pack: Pack
  readonly minimumOrderQuantity: number
  readonly leadTimeDays: number
  readonly status: GoodsStatus
  /** By which it is found. */
  readonly words: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Which SKUs a list shows; null means any. */
export interface SkuFilter {
  readonly productId: string | null
  readonly family: string | null
  readonly status: GoodsStatus | null
  readonly gtin: string | null
  readonly search: string | null
}

/** The words by which a SKU is found. A code is found as a whole, too: searches split words as this does. */
export function skuWords({ name, code, gtin }: Pick<Sku, 'name' | 'code' | 'gtin'>): string[] {
  return searchWords(code, gtin, name)
}

const text = { type: String, required: true } as const

/** The orderable variants of products. Every read for a caller takes what that caller has access to. */
export function createSkus(connection: MongoConnection) {
  const model = bindModel<Sku>(connection, 'Sku', {
    collection: 'catalog_skus',
    fields: {
      productId: text,
      family: text,
      code: text,
      name: text,
      gtin: { ...text, match: /^\d{13,14}$/ },
      pack: {
        type: embeddedSchema<Pack>({ unit: text, quantity: { type: Number, required: true, min: 1 } }),
        required: true,
      },
      minimumOrderQuantity: { type: Number, required: true, min: 1 },
      leadTimeDays: { type: Number, required: true, min: 0 },
      status: { ...text, enum: ['ACTIVE', 'DISCONTINUED'] },
      words: { type: [String], required: true },
      version: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    indexes: [
      [{ code: 1 }, { unique: true }],
      [{ gtin: 1 }, { unique: true }],
      [{ code: 1, _id: 1 }],
      [{ productId: 1, code: 1, _id: 1 }],
      [{ family: 1, code: 1, _id: 1 }],
      [{ status: 1, code: 1, _id: 1 }],
      [{ family: 1, status: 1, code: 1, _id: 1 }],
      [{ status: 1, words: 1 }],
      [{ family: 1, status: 1, words: 1 }],
    ],
  })
  return {
    model,
    readByIds: (access: Access, ids: readonly string[]): Promise<Sku[]> =>
      findByIds(model, 'Sku', ids, visibleGoods(access, 'productId')),
    readByCodes: (access: Access, codes: readonly string[]): Promise<Sku[]> =>
      model.find({ code: { $in: [...codes] }, ...visibleGoods(access, 'productId') }).lean<Sku[]>(),
    readPage(access: Access, args: ConnectionArgs, filter: SkuFilter): Promise<Connection<Sku>> {
      const { productId, family, status, gtin, search } = filter
      const narrowed = {
        ...(productId === null ? {} : { productId }),
        ...(status !== null ? { status } : search === null ? {} : { status: { $in: [...productStatus.states] } }),
        ...(gtin === null ? {} : { gtin }),
        ...(search === null ? {} : matchingWords('words', search)),
      }
      const bounded = productId !== null || gtin !== null || search !== null
      const lanes = lanesOf(access, { idField: 'productId', family, bounded })
      return readConnection<Sku>(args, {
        sortField: 'code',
        direction: 1,
        read: (page) =>
          readLanes(lanes, { page, sortField: 'code' }, (lane) =>
            model
              .find({ ...narrowed, ...lane, ...page.after })
              .sort({ ...page.sort })
              .limit(page.limit)
              .lean<Sku[]>(),
          ),
        count: () =>
          countLanes(access, { idField: 'productId', family, narrowed }, (counted) =>
            model.countDocuments({ ...counted }),
          ),
      })
    },
    /** Pages of SKUs by product; one reader per request. For products that the caller may view, as all that it holds. */
    createPages: () =>
      createChildConnections<Sku>({ model, parentField: 'productId', sortField: 'code', direction: 1, filter: {} }),
    byId: (session: ClientSession, id: string): Promise<Sku | null> =>
      model.findById(id, null, { session }).lean<Sku | null>(),
    /** The SKUs of a product, which are few. */
    ofProduct: (session: ClientSession, productId: string): Promise<Sku[]> =>
      model.find({ productId }, null, { session }).lean<Sku[]>(),
    knownIds: async (session: ClientSession, ids: readonly string[]): Promise<Set<string>> => {
      const found = await model.find({ _id: { $in: [...ids] } }, { _id: 1 }, { session }).lean<{ _id: string }[]>()
      return new Set(found.map(({ _id }) => _id))
    },
    idsByCode: async (session: ClientSession, codes: readonly string[]): Promise<Map<string, string>> => {
      const found = await model
        .find({ code: { $in: [...codes] } }, { code: 1 }, { session })
        .lean<{ _id: string; code: string }[]>()
      return new Map(found.map(({ _id, code }) => [code, _id]))
    },
    /** The SKUs that have one of these codes or GTINs, each once. */
    async byCodesOrGtins(session: ClientSession, codes: readonly string[], gtins: readonly string[]): Promise<Sku[]> {
      const byCode = await model.find({ code: { $in: [...codes] } }, null, { session }).lean<Sku[]>()
      const byGtin = await model.find({ gtin: { $in: [...gtins] } }, null, { session }).lean<Sku[]>()
      return [...new Map([...byGtin, ...byCode].map((sku) => [sku._id, sku])).values()]
    },
    async countByProduct(session: ClientSession, productIds: readonly string[]): Promise<Map<string, number>> {
      const rows = await model
        .aggregate<{ _id: string; count: number }>([
          { $match: { productId: { $in: [...productIds] } } },
          { $group: { _id: '$productId', count: { $sum: 1 } } },
        ])
        .session(session)
      return new Map(rows.map(({ _id, count }) => [_id, count]))
    },
    /** Writes new and changed SKUs, with one command for each of the two. */
    async writeAll(
      session: ClientSession,
      { added, changed }: { readonly added: readonly Sku[]; readonly changed: readonly Sku[] },
    ): Promise<void> {
      if (changed.length > 0) {
        await model.bulkWrite(
          changed.map(({ _id, ...set }) => ({ updateOne: { filter: { _id }, update: { $set: set } } })),
          { session, ordered: true },
        )
      }
      // Checked line by line before, so mongoose need not build and validate an object of each.
      if (added.length > 0) await model.insertMany(added, { session, lean: true })
    },
    insert: (session: ClientSession, sku: Sku) => model.insertMany([sku], { session }),
    /** Writes a change of the version that was read in the same transaction, and answers the SKU as it then is. */
    async change(session: ClientSession, sku: Sku, fields: Partial<Omit<Sku, '_id' | 'version'>>): Promise<Sku> {
      noteChange(session, sku, fields)
      const changed = { ...sku, ...fields, version: sku.version + 1 }
      const { _id, ...set } = { ...changed, words: skuWords(changed) }
      await model.updateOne({ _id, version: sku.version }, { $set: set }, { session })
      return changed
    },
    /** What follows from its product for every SKU: the family that decides who views it, and its end. */
    async followProduct(
      session: ClientSession,
      productId: string,
      fields: Partial<Pick<Sku, 'family' | 'status'>> & Pick<Sku, 'updatedAt'>,
    ): Promise<Sku[]> {
      await model.updateMany({ productId }, { $set: fields, $inc: { version: 1 } }, { session })
      return model.find({ productId }, null, { session }).lean<Sku[]>()
    },
    /** The same for many products at once; an end is taken over, a beginning is not. */
    async followProducts(
      session: ClientSession,
      products: readonly { readonly after: Pick<Sku, '_id' | 'family' | 'status'> }[],
      updatedAt: Date,
    ): Promise<Sku[]> {
      if (products.length === 0) return []
      await model.bulkWrite(
        products.map(({ after: { _id: productId, family, status } }) => ({
          updateMany: {
            filter: { productId },
            update: {
              $set: { family, updatedAt, ...(status === 'DISCONTINUED' ? { status } : {}) },
              $inc: { version: 1 },
            },
          },
        })),
        { session, ordered: false },
      )
      const ids = products.map(({ after }) => after._id)
      return model.find({ productId: { $in: ids } }, null, { session }).lean<Sku[]>()
    },
  }
}
