import type { ClientSession, Connection } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'
import type { Money } from '../../../kit/money.ts'
import { bindModel, countMatching, moneySchema, prepareModels } from '../../../storage/documents.ts'

/** The terms under which deals of a product family are registered. */
export interface DealProgramDocument {
  /** The product family. */
  readonly _id: string
  /** The least value of a deal in each currency that is taken. */
  readonly minimumValues: readonly Money[]
  readonly version: number
}

export interface SalesTerritoryDocument {
  /** The territory's code, for example `DACH`. */
  readonly _id: string
  readonly countries: readonly string[]
  readonly version: number
}

const texts = { type: [String], required: true } as const
const wholeNumber = { type: Number, required: true, validate: Number.isSafeInteger } as const

/** What the platform company lays down about registration: the least values and the territories. */
export function createDealTermsModel(connection: Connection) {
  const Program = bindModel<DealProgramDocument>(connection, 'DealProgram', {
    collection: 'deal_programs',
    fields: { minimumValues: { type: [moneySchema], required: true }, version: wholeNumber },
    indexes: [],
  })
  const Territory = bindModel<SalesTerritoryDocument>(connection, 'SalesTerritory', {
    collection: 'deal_territories',
    fields: { countries: texts, version: wholeNumber },
    // A country belongs to one territory, or a customer could be registered twice.
    indexes: [[{ countries: 1 }, { unique: true }]],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Program, Territory]),
    programOf: (session: ClientSession, family: string): Promise<DealProgramDocument | null> =>
      Program.findById(family, null, { session }).lean(),
    territoryOf: (session: ClientSession, country: string): Promise<SalesTerritoryDocument | null> =>
      Territory.findOne({ countries: country }, null, { session }).lean(),
    territoriesOf: (session: ClientSession, countries: readonly string[]): Promise<SalesTerritoryDocument[]> =>
      Territory.find({ countries: { $in: countries } }, null, { session }).lean(),
    programs: (page: PageRequest): Promise<DealProgramDocument[]> =>
      Program.find(page.after, null, { sort: page.sort, limit: page.limit }).lean(),
    territories: (page: PageRequest): Promise<SalesTerritoryDocument[]> =>
      Territory.find(page.after, null, { sort: page.sort, limit: page.limit }).lean(),
    programsByIds: (ids: readonly string[]): Promise<DealProgramDocument[]> =>
      Program.find({ _id: { $in: ids } }).lean(),
    territoriesByIds: (ids: readonly string[]): Promise<SalesTerritoryDocument[]> =>
      Territory.find({ _id: { $in: ids } }).lean(),
    count: (of: 'programs' | 'territories'): Promise<number> =>
      of === 'programs' ? countMatching(Program, {}) : countMatching(Territory, {}),
    async setProgram(session: ClientSession, family: string, minimumValues: readonly Money[]): Promise<void> {
      await Program.updateOne(
        { _id: family },
        { $set: { minimumValues }, $inc: { version: 1 } },
        { session, upsert: true },
      )
    },
    async setTerritory(session: ClientSession, code: string, countries: readonly string[]): Promise<void> {
      await Territory.updateOne({ _id: code }, { $set: { countries }, $inc: { version: 1 } }, { session, upsert: true })
    },
    async insert(data: {
      readonly programs: readonly DealProgramDocument[]
      readonly territories: readonly SalesTerritoryDocument[]
    }): Promise<void> {
      await Program.insertMany(data.programs)
      await Territory.insertMany(data.territories)
    },
  }
}
