import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import { type PriceList, inPrecedence } from '../pricing.ts'

/** That the prices of a list apply to an organization, by its tier or by a contract of its own. */
export interface PriceListAssignment {
  readonly _id: string
  readonly organizationId: string
  readonly priceListId: string
}

/** Price lists and to whom they apply. */
export function createPriceLists(connection: Connection) {
  const model = bindModel<PriceList>(connection, 'PriceList', {
    collection: 'catalog_price_lists',
    fields: {
      name: { type: String, required: true },
      reach: { type: String, required: true, enum: ['DEFAULT', 'TIER', 'ORGANIZATION'] },
      currencyCode: { type: String, required: true, match: /^[A-Z]{3}$/ },
      validFrom: { type: Date, required: true },
      validTo: { type: Date, default: null },
    },
    indexes: [[{ reach: 1 }]],
  })
  const assignments = bindModel<PriceListAssignment>(connection, 'PriceListAssignment', {
    collection: 'catalog_price_list_assignments',
    fields: {
      organizationId: { type: String, required: true },
      priceListId: { type: String, required: true },
    },
    indexes: [[{ organizationId: 1, priceListId: 1 }, { unique: true }]],
  })

  /** The lists that apply to each organization, the default one included, first in precedence first. */
  async function readByOrganizations(
    caller: Caller,
    organizationIds: readonly string[],
  ): Promise<{ organizationId: string; lists: PriceList[] }[]> {
    const assigned = await assignments
      .find({ $and: [{ organizationId: { $in: [...organizationIds] } }, ownedBy(caller)] })
      .lean<PriceListAssignment[]>()
    const lists = await model
      .find({ $or: [{ _id: { $in: assigned.map(({ priceListId }) => priceListId) } }, { reach: 'DEFAULT' }] })
      .lean<PriceList[]>()
    return organizationIds.map((organizationId) => {
      const own = new Set(
        assigned.filter((entry) => entry.organizationId === organizationId).map(({ priceListId }) => priceListId),
      )
      return {
        organizationId,
        lists: inPrecedence(lists.filter(({ _id, reach }) => reach === 'DEFAULT' || own.has(_id))),
      }
    })
  }

  return {
    model,
    assignments,
    readByOrganizations,
    /** Lists that the caller's own prices may come from; a list made for another organization stays hidden. */
    async readByIds(caller: Caller, ids: readonly string[]): Promise<PriceList[]> {
      if (caller.operator) return findByIds(model, 'PriceList', ids)
      const [own] = await readByOrganizations(caller, [caller.organizationId])
      return own?.lists.filter(({ _id }) => ids.includes(_id)) ?? []
    },
  }
}
