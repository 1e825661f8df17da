import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import { matchingWords, searchWords } from '../../../storage/search.ts'
import { granteeKey } from '../entitlements/entitlement.ts'
import { type OrganizationCopy, preferredCurrency } from '../organizations/organization-copy-model.ts'
import { type PriceList, type PriceListReach, inPrecedence, priceListReaches } from './price-list.ts'

/** That a price list applies to somebody: exactly one of the three is not null, as the list's reach says. */
export interface PriceListAssignment {
  readonly _id: string
  readonly priceListId: string
  readonly organizationId: string | null
  readonly tierId: string | null
  readonly territory: string | null
  /** To whom, in one text, for the index. */
  readonly target: string
}

/** So many lists apply to one target at most, the default included, so that a price stays cheap to find. */
export const mostListsPerTarget = 25

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const

/** The words by which a list is found. */
export function priceListWords({ name, externalId }: Pick<PriceList, 'name' | 'externalId'>): string[] {
  return searchWords(name, externalId)
}

/** Price lists and to whom they apply. */
export function createPriceLists(connection: MongoConnection) {
  const model = bindModel<PriceList>(connection, 'PriceList', {
    collection: 'catalog_price_lists',
    fields: {
      name: text,
      reach: { ...text, enum: [...priceListReaches] },
      currencyCode: { ...text, match: /^[A-Z]{3}$/ },
      validFrom: { type: Date, required: true },
      validTo: { type: Date, default: null },
      externalId: optionalText,
      words: { type: [String], required: true },
      version: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    indexes: [
      [{ name: 1, _id: 1 }],
      [{ reach: 1, name: 1, _id: 1 }],
      [{ words: 1 }],
      [{ externalId: 1 }, { unique: true, partialFilterExpression: { externalId: { $gt: '' } } }],
    ],
  })
  const assignments = bindModel<PriceListAssignment>(connection, 'PriceListAssignment', {
    collection: 'catalog_price_list_assignments',
    fields: {
      priceListId: text,
      organizationId: optionalText,
      tierId: optionalText,
      territory: optionalText,
      target: text,
    },
    indexes: [[{ target: 1, priceListId: 1 }, { unique: true }], [{ priceListId: 1, target: 1 }]],
  })

  /** The lists that apply to each organization that the caller may know of, the first to be asked first. */
  async function readByOrganizations(
    caller: Caller,
    asked: readonly { readonly organizationId: string; readonly copy: OrganizationCopy | null }[],
  ): Promise<{ organizationId: string; lists: PriceList[] }[]> {
    const visible = asked.filter((one) => caller.operator || one.organizationId === caller.organizationId)
    const targetsOf = new Map(visible.map((one) => [one.organizationId, targetKeysOf(one.copy, one.organizationId)]))
    const assigned = await assignments
      .find({ target: { $in: [...new Set([...targetsOf.values()].flat())] } })
      .lean<PriceListAssignment[]>()
    const [byId, defaults] = await Promise.all([
      findByIds(model, 'PriceList', [...new Set(assigned.map(({ priceListId }) => priceListId))]),
      model.find({ reach: 'DEFAULT' }).lean<PriceList[]>(),
    ])
    const listById = new Map(byId.map((list) => [list._id, list]))
    return visible.map(({ organizationId, copy }) => {
      const targets = new Set(targetsOf.get(organizationId))
      const own = new Set(assigned.flatMap(({ target, priceListId }) => (targets.has(target) ? [priceListId] : [])))
      const lists = [...[...own].flatMap((id) => listById.get(id) ?? []), ...defaults]
      return { organizationId, lists: inPrecedence(lists, preferredCurrency(copy)) }
    })
  }

  return {
    model,
    assignments,
    readByOrganizations,
    /** Lists that the caller's own prices may come from; a list made for another organization stays hidden. */
    async readByIds(
      caller: Caller,
      ids: readonly string[],
      readOwn: () => Promise<readonly PriceList[]>,
    ): Promise<PriceList[]> {
      if (caller.operator) return findByIds(model, 'PriceList', ids)
      return (await readOwn()).filter(({ _id }) => ids.includes(_id))
    },
    readPage(
      args: ConnectionArgs,
      { reach, search }: { readonly reach: PriceListReach | null; readonly search: string | null },
    ): Promise<Connection<PriceList>> {
      const filter = {
        reach: reach ?? { $in: [...priceListReaches] },
        ...(search === null ? {} : matchingWords('words', search)),
      }
      return readConnection<PriceList>(args, {
        sortField: 'name',
        direction: 1,
        read: ({ after, sort, limit }) =>
          model
            // Without a reach the order of names leads: a condition that all lists meet would ask for a sort.
            .find({ ...(reach === null && search === null ? {} : filter), ...after })
            .sort({ ...sort })
            .limit(limit)
            .lean<PriceList[]>(),
        count: () => model.countDocuments(filter),
      })
    },
    readAssignments: (priceListIds: readonly string[]): Promise<PriceListAssignment[]> =>
      assignments
        .find({ priceListId: { $in: [...priceListIds] } })
        .sort({ priceListId: 1, target: 1 })
        .lean<PriceListAssignment[]>(),
    byId: (session: ClientSession, id: string): Promise<PriceList | null> =>
      model.findById(id, null, { session }).lean<PriceList | null>(),
    async byIdsOrExternalIds(session: ClientSession, names: readonly string[]): Promise<PriceList[]> {
      const byIds = await model.find({ _id: { $in: [...names] } }, null, { session }).lean<PriceList[]>()
      const byNames = await model.find({ externalId: { $in: [...names] } }, null, { session }).lean<PriceList[]>()
      return [...new Map([...byIds, ...byNames].map((list) => [list._id, list])).values()]
    },
    /** Writes lists whose prices have changed, with one command, and answers them as they then are. */
    async touch(session: ClientSession, lists: readonly PriceList[], updatedAt: Date): Promise<PriceList[]> {
      if (lists.length === 0) return []
      const ids = lists.map(({ _id }) => _id)
      await model.updateMany({ _id: { $in: ids } }, { $set: { updatedAt }, $inc: { version: 1 } }, { session })
      return lists.map((list) => ({ ...list, updatedAt, version: list.version + 1 }))
    },
    async insert(session: ClientSession, list: PriceList): Promise<void> {
      await model.insertMany([list], { session })
    },
    /**
     * Writes a change and answers the list as it then is. Whoever changes prices or assignments calls it as well, so
     * that two such changes of one list conflict and one of them runs again on what the other left.
     */
    async change(session: ClientSession, list: PriceList, fields: Partial<Omit<PriceList, '_id' | 'version'>>) {
      noteChange(session, list, fields)
      const changed: PriceList = { ...list, ...fields, version: list.version + 1 }
      const { _id, ...set } = { ...changed, words: priceListWords(changed) }
      await model.updateOne({ _id, version: list.version }, { $set: set }, { session })
      return changed
    },
    async countOfTarget(session: ClientSession, target: string): Promise<number> {
      const found = await assignments.find({ target }, { _id: 1 }, { session }).limit(mostListsPerTarget).lean()
      return found.length
    },
    async countDefaults(session: ClientSession): Promise<number> {
      const found = await model.find({ reach: 'DEFAULT' }, { _id: 1 }, { session }).limit(mostListsPerTarget).lean()
      return found.length
    },
    async assign(session: ClientSession, assignment: PriceListAssignment): Promise<void> {
      await assignments.insertMany([assignment], { session })
    },
    async unassign(session: ClientSession, priceListId: string, target: string): Promise<boolean> {
      const { deletedCount } = await assignments.deleteOne({ priceListId, target }, { session })
      return deletedCount === 1
    },
  }
}

/** By which texts lists reach an organization, whatever its state: an old contract explains an old price. */
function targetKeysOf(organization: OrganizationCopy | null, id: string): string[] {
  const nobody = { organizationId: null, tierId: null, territory: null }
  return [
    granteeKey({ ...nobody, organizationId: id }),
    ...(organization?.tierId ? [granteeKey({ ...nobody, tierId: organization.tierId })] : []),
    ...(organization?.territories ?? []).map((territory) => granteeKey({ ...nobody, territory })),
  ]
}
