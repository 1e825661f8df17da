import type { ClientSession, Connection, mongo } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { PageRequest } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds, prepareModels, countMatching } from '../../../storage/documents.ts'

export interface ChannelAllocationDocument {
  readonly _id: string
  readonly organizationId: string
  readonly skuId: string
  /** Null for any warehouse. */
  readonly locationId: string | null
  /** Units that the organization may have, and that nobody else gets while it has not drawn them. */
  readonly quantity: number
  /** Units of it that are held, committed or fulfilled. */
  readonly drawn: number
  readonly validFrom: Date
  readonly validUntil: Date
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface AllocationFilter {
  readonly organizationId?: string
  readonly skuId?: string
}

const text = { type: String, required: true } as const
const moment = { type: Date, required: true } as const
const units = { type: Number, required: true, min: 0, validate: Number.isSafeInteger } as const

/** Channel allocations. They belong to the organizations that they are for: another's are not there for a partner. */
export function createAllocationModel(connection: Connection) {
  const Allocation = bindModel<ChannelAllocationDocument>(connection, 'ChannelAllocation', {
    collection: 'channel_allocations',
    fields: {
      organizationId: text,
      skuId: text,
      locationId: { type: String, default: null },
      quantity: units,
      drawn: units,
      validFrom: moment,
      validUntil: moment,
      version: { type: Number, required: true },
      createdAt: moment,
      updatedAt: moment,
    },
    indexes: [
      [{ organizationId: 1, _id: 1 }],
      [{ organizationId: 1, skuId: 1, _id: 1 }],
      [{ skuId: 1, _id: 1 }],
      [{ skuId: 1, validUntil: 1 }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Allocation]),
    byIds: (
      caller: Caller,
      ids: readonly string[],
      session: ClientSession | null = null,
    ): Promise<ChannelAllocationDocument[]> =>
      session === null
        ? findByIds(Allocation, 'ChannelAllocation', ids, ownedBy(caller))
        : Allocation.find({ _id: { $in: ids }, ...ownedBy(caller) }, null, { session }).lean(),
    page: (caller: Caller, filter: AllocationFilter, page: PageRequest): Promise<ChannelAllocationDocument[]> =>
      Allocation.find({ $and: [ownedBy(caller), { ...filter }, page.after] }, null, {
        sort: page.sort,
        limit: page.limit,
      }).lean(),
    count: (caller: Caller, filter: AllocationFilter): Promise<number> =>
      countMatching(Allocation, caller.operator ? { ...filter } : { $and: [ownedBy(caller), { ...filter }] }),
    /** Those of organizations, read together for all that a response asks about. */
    ofOrganizations: (caller: Caller) =>
      createChildConnections({
        model: Allocation,
        parentField: 'organizationId',
        sortField: '_id',
        direction: 1,
        filter: ownedBy(caller),
      }),
    /**
     * The allocations of SKUs that end after a moment, of every organization: to judge what is left for one of them.
     * What it answers must not reach a partner.
     */
    ofSkus: (
      skuIds: readonly string[],
      endingAfter: Date,
      session: ClientSession | null = null,
    ): Promise<ChannelAllocationDocument[]> =>
      Allocation.find({ skuId: { $in: skuIds }, validUntil: { $gt: endingAfter } }, null, { session }).lean(),
    /** Adds to what was drawn, or gives it back, of allocations as the transaction has read them. */
    async draw(
      session: ClientSession,
      changes: readonly { readonly id: string; readonly units: number }[],
      at: Date,
    ): Promise<void> {
      if (changes.length === 0) return
      const operations = changes.map(({ id, units: drawn }) => ({
        updateOne: {
          // What is given back of an allocation never makes it negative; what is drawn never exceeds it.
          filter: { _id: id, $expr: { $lte: [{ $add: ['$drawn', drawn] }, '$quantity'] }, drawn: { $gte: -drawn } },
          update: { $inc: { drawn, version: 1 }, $set: { updatedAt: at } },
        },
      })) as mongo.AnyBulkWriteOperation<ChannelAllocationDocument>[]
      const { matchedCount } = await Allocation.collection.bulkWrite(operations as never, { session })
      if (matchedCount !== changes.length) throw new Error('an allocation changed inside its transaction')
    },
    async insert(
      allocations: readonly ChannelAllocationDocument[],
      session: ClientSession | null = null,
    ): Promise<void> {
      if (allocations.length > 0) await Allocation.insertMany(allocations, { session, lean: true })
    },
    /** Changes an allocation that still has the version which was read. */
    async change(
      session: ClientSession,
      document: ChannelAllocationDocument,
      fields: Partial<Pick<ChannelAllocationDocument, 'quantity' | 'validUntil' | 'updatedAt'>>,
    ): Promise<boolean> {
      const { _id, version } = document
      noteChange(session, document, fields)
      const update = { $set: fields, $inc: { version: 1 } }
      return (await Allocation.updateOne({ _id, version }, update, { session })).matchedCount === 1
    },
  }
}
