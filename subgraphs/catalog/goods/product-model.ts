import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import { matchingWords, searchWords } from '../../../storage/search.ts'
import type { Access } from '../entitlements/access.ts'
import { countLanes, lanesOf, readLanes, visibleGoods } from '../entitlements/visible-goods.ts'
import { type GoodsStatus, productStatus } from './goods-status.ts'

export interface Product {
  readonly _id: string
  readonly name: string
  readonly family: string
  readonly description: string
  readonly status: GoodsStatus
  readonly externalId: string | null
  /** By which it is found. */
  readonly words: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Which products a list shows; null means any. */
export interface ProductFilter {
  readonly family: string | null
  readonly status: GoodsStatus | null
  readonly search: string | null
}

/** The words by which a product is found. */
export function productWords(product: Pick<Product, 'name' | 'family' | 'externalId'>): string[] {
  return searchWords(product.name, product.family, product.externalId)
}

const text = { type: String, required: true } as const

/** What is sold. Every read for a caller takes what that caller has access to: other products are not there. */
export function createProducts(connection: MongoConnection) {
  const model = bindModel<Product>(connection, 'Product', {
    collection: 'catalog_products',
    fields: {
      name: text,
      family: text,
      description: { type: String, default: '' },
      status: { ...text, enum: ['ACTIVE', 'DISCONTINUED'] },
      externalId: { type: String, default: null },
      words: { type: [String], required: true },
      version: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    indexes: [
      [{ name: 1, _id: 1 }],
      [{ family: 1, name: 1, _id: 1 }],
      [{ status: 1, name: 1, _id: 1 }],
      [{ family: 1, status: 1, name: 1, _id: 1 }],
      [{ status: 1, words: 1 }],
      [{ family: 1, status: 1, words: 1 }],
      [{ externalId: 1 }, { unique: true, partialFilterExpression: { externalId: { $gt: '' } } }],
    ],
  })
  return {
    model,
    readByIds: (access: Access, ids: readonly string[]): Promise<Product[]> =>
      findByIds(model, 'Product', ids, visibleGoods(access, '_id')),
    readPage(
      access: Access,
      args: ConnectionArgs,
      { family, status, search }: ProductFilter,
    ): Promise<Connection<Product>> {
      const narrowed = {
        ...(status !== null ? { status } : search === null ? {} : { status: { $in: [...productStatus.states] } }),
        ...(search === null ? {} : matchingWords('words', search)),
      }
      const lanes = lanesOf(access, { idField: '_id', family, bounded: search !== null })
      return readConnection<Product>(args, {
        sortField: 'name',
        direction: 1,
        read: (page) =>
          readLanes(lanes, { page, sortField: 'name' }, (lane) =>
            model
              .find({ ...narrowed, ...lane, ...page.after })
              .sort({ ...page.sort })
              .limit(page.limit)
              .lean<Product[]>(),
          ),
        count: () =>
          countLanes(access, { idField: '_id', family, narrowed }, (filter) => model.countDocuments({ ...filter })),
      })
    },
    byId: (session: ClientSession, id: string): Promise<Product | null> =>
      model.findById(id, null, { session }).lean<Product | null>(),
    byExternalIds: (session: ClientSession, externalIds: readonly string[]): Promise<Product[]> =>
      model.find({ externalId: { $in: [...externalIds] } }, null, { session }).lean<Product[]>(),
    /** Writes new and changed products, with one command for each of the two. */
    async writeAll(
      session: ClientSession,
      { added, changed }: { readonly added: readonly Product[]; readonly changed: readonly Product[] },
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
    /** Writes products to which something was added, so that they cannot change their family or end meanwhile. */
    async touch(session: ClientSession, ids: readonly string[], updatedAt: Date): Promise<void> {
      if (ids.length === 0) return
      await model.updateMany({ _id: { $in: [...ids] } }, { $set: { updatedAt }, $inc: { version: 1 } }, { session })
    },
    insert: (session: ClientSession, product: Product) => model.insertMany([product], { session }),
    /** Writes a change of the version that was read in the same transaction, and answers the product as it then is. */
    async change(
      session: ClientSession,
      product: Product,
      fields: Partial<Omit<Product, '_id' | 'version'>>,
    ): Promise<Product> {
      noteChange(session, product, fields)
      const changed = { ...product, ...fields, version: product.version + 1 }
      const { _id, ...set } = { ...changed, words: productWords(changed) }
      await model.updateOne({ _id, version: product.version }, { $set: set }, { session })
      return changed
    },
  }
}
