import type { ClientSession, Connection } from 'mongoose'
import type { Money } from '../../../kit/money.ts'
import { bindModel, moneySchema, prepareModels } from '../../../storage/documents.ts'

/** The terms under which deals of a product family are registered. */
export interface DealProgramDocument {
  /** The product family. */
  readonly _id: string
  /** The least value of a deal in each currency that is taken. */
  readonly minimumValues: readonly Money[]
}

/** What registration needs to know of a product; the catalog owns everything else of it. */
export interface RegistrableProductDocument {
  readonly _id: string
  readonly family: string
  readonly skuIds: readonly string[]
}

export interface SalesTerritoryDocument {
  /** The territory's code, for example `DACH`. */
  readonly _id: string
  readonly countries: readonly string[]
}

/** Where an organization may register deals. Without one it may not at all. */
export interface RegistrationEntitlementDocument {
  /** The organization. */
  readonly _id: string
  readonly territories: readonly string[]
}

const text = { type: String, required: true } as const
const texts = { type: [String], required: true } as const
export interface DealProgramData {
  readonly programs: readonly DealProgramDocument[]
  readonly products: readonly RegistrableProductDocument[]
  readonly territories: readonly SalesTerritoryDocument[]
  readonly entitlements: readonly RegistrationEntitlementDocument[]
}

/** What decides whether a registration is acceptable, whoever asks. */
export interface RegistrationTerms {
  readonly product: RegistrableProductDocument | null
  readonly program: DealProgramDocument | null
  readonly territory: SalesTerritoryDocument | null
  readonly entitlement: RegistrationEntitlementDocument | null
}

/** The rules of deal registration as data: this subgraph's own copies, because it reads no other's collections. */
export function createDealProgramModel(connection: Connection) {
  const Program = bindModel<DealProgramDocument>(connection, 'DealProgram', {
    collection: 'deal_programs',
    fields: { minimumValues: { type: [moneySchema], required: true } },
    indexes: [],
  })
  const Product = bindModel<RegistrableProductDocument>(connection, 'RegistrableProduct', {
    collection: 'deal_products',
    fields: { family: text, skuIds: texts },
    indexes: [],
  })
  const Territory = bindModel<SalesTerritoryDocument>(connection, 'SalesTerritory', {
    collection: 'deal_territories',
    fields: { countries: texts },
    indexes: [[{ countries: 1 }]],
  })
  const Entitlement = bindModel<RegistrationEntitlementDocument>(connection, 'RegistrationEntitlement', {
    collection: 'deal_entitlements',
    fields: { territories: texts },
    indexes: [],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Program, Product, Territory, Entitlement]),
    /** The terms for an organization that registers a product for a customer in a country. */
    async termsFor(
      session: ClientSession,
      deal: { readonly organizationId: string; readonly productId: string; readonly country: string },
    ): Promise<RegistrationTerms> {
      const product = await Product.findById(deal.productId, null, { session }).lean()
      return {
        product,
        program: product ? await Program.findById(product.family, null, { session }).lean() : null,
        territory: await Territory.findOne({ countries: deal.country }, null, { session }).lean(),
        entitlement: await Entitlement.findById(deal.organizationId, null, { session }).lean(),
      }
    },
    async insert(data: DealProgramData): Promise<void> {
      await Program.insertMany(data.programs)
      await Product.insertMany(data.products)
      await Territory.insertMany(data.territories)
      await Entitlement.insertMany(data.entitlements)
    },
  }
}
