import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import { currencyOf } from './currency-of-country.ts'

/** What prices and entitlements need to know of an organization; the partner subgraph owns it. */
export interface OrganizationCopy {
  readonly _id: string
  readonly name: string
  readonly status: string
  readonly tierId: string | null
  readonly territories: readonly string[]
  readonly country: string
  /** Chosen by the operator; null for that of the country. */
  readonly chosenCurrency: string | null
  /** When the organization was as told here. */
  readonly asOf: Date
}

/** The currency in which an organization is quoted by preference. */
export function preferredCurrency(organization: OrganizationCopy | null): string | null {
  if (organization === null) return null
  return organization.chosenCurrency ?? currencyOf(organization.country)
}

/** The catalog's own copy of organizations, fed by their events. */
export function createOrganizationCopies(connection: Connection) {
  const model = bindModel<OrganizationCopy>(connection, 'CatalogOrganization', {
    collection: 'catalog_organizations',
    fields: {
      name: { type: String, default: '' },
      status: { type: String, required: true },
      tierId: { type: String, default: null },
      territories: { type: [String], required: true },
      country: { type: String, default: '' },
      chosenCurrency: { type: String, default: null },
      asOf: { type: Date, required: true },
    },
    indexes: [],
  })
  return {
    model,
    readByIds: (ids: readonly string[]): Promise<OrganizationCopy[]> =>
      model.find({ _id: { $in: [...ids] } }).lean<OrganizationCopy[]>(),
    byId: (session: ClientSession, id: string): Promise<OrganizationCopy | null> =>
      model.findById(id, null, { session }).lean<OrganizationCopy | null>(),
    /** Takes over what an event tells, unless a later one has told otherwise; events may be handled again. */
    async take(session: ClientSession, told: Omit<OrganizationCopy, 'chosenCurrency'>): Promise<void> {
      const { _id, ...fields } = told
      const known = await model.findById(_id, { asOf: 1 }, { session }).lean<Pick<OrganizationCopy, 'asOf'> | null>()
      if (known !== null && known.asOf > told.asOf) return
      await model.updateOne(
        { _id },
        { $set: { ...fields, territories: [...told.territories] }, $setOnInsert: { chosenCurrency: null } },
        { session, upsert: true },
      )
    },
    async chooseCurrency(session: ClientSession, id: string, chosenCurrency: string | null): Promise<boolean> {
      const { matchedCount } = await model.updateOne({ _id: id }, { $set: { chosenCurrency } }, { session })
      return matchedCount === 1
    },
  }
}
