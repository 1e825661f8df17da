import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel, findByIds, prepareModels } from '../../../storage/documents.ts'

/** What became of the stock that an approved deal asked for. */
export interface DealStockDocument {
  /** The deal's id. */
  readonly _id: string
  readonly organizationId: string
  /** The order that holds it; null when nothing could be held. */
  readonly orderId: string | null
  readonly refusalCode: string | null
  readonly refusalMessage: string | null
  readonly decidedAt: Date
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const

/** One note per deal, so that an approval is acted on once, however often its event comes. */
export function createDealStockModel(connection: Connection) {
  const DealStock = bindModel<DealStockDocument>(connection, 'DealStock', {
    collection: 'deal_stock',
    fields: {
      organizationId: text,
      orderId: optionalText,
      refusalCode: optionalText,
      refusalMessage: optionalText,
      decidedAt: { type: Date, required: true },
    },
    indexes: [],
  })
  return {
    prepare: (): Promise<void> => prepareModels([DealStock]),
    byIds: (caller: Caller, ids: readonly string[]): Promise<DealStockDocument[]> =>
      findByIds(DealStock, 'DealRegistration', ids, ownedBy(caller)),
    isDecided: async (dealId: string, session: ClientSession): Promise<boolean> =>
      (await DealStock.findById(dealId, { _id: 1 }, { session }).lean()) !== null,
    async insert(note: DealStockDocument, session: ClientSession): Promise<void> {
      await DealStock.insertOne(note, { session })
    },
  }
}
