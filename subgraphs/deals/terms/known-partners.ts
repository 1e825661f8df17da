import type { ClientSession, Connection } from 'mongoose'
import { bindModel, prepareModels } from '../../../storage/documents.ts'

/** What this subgraph must know of an organization; the partner subgraph owns it. */
export interface KnownOrganizationDocument {
  readonly _id: string
  readonly name: string
  readonly type: string
  readonly status: string
  readonly tierId: string | null
  readonly territories: readonly string[]
}

/** A right to register deals, as the catalog has granted it; null stands for any. */
export interface RegistrationGrantDocument {
  /** The entitlement. */
  readonly _id: string
  readonly organizationId: string | null
  readonly tierId: string | null
  readonly territory: string | null
  readonly productId: string | null
  readonly family: string | null
}

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const

/** Copies of who may register what, fed by events, because a subgraph reads no other's collections. */
export function createKnownPartnersModel(connection: Connection) {
  const Organization = bindModel<KnownOrganizationDocument>(connection, 'DealsKnownOrganization', {
    collection: 'deal_organizations',
    fields: {
      name: text,
      type: text,
      status: text,
      tierId: optionalText,
      territories: { type: [String], required: true },
    },
    indexes: [],
  })
  const Grant = bindModel<RegistrationGrantDocument>(connection, 'RegistrationGrant', {
    collection: 'deal_grants',
    fields: {
      organizationId: optionalText,
      tierId: optionalText,
      territory: optionalText,
      productId: optionalText,
      family: optionalText,
    },
    indexes: [[{ organizationId: 1, tierId: 1 }]],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Organization, Grant]),
    organization: (session: ClientSession, id: string): Promise<KnownOrganizationDocument | null> =>
      Organization.findById(id, null, { session }).lean(),
    organizationsByIds: (ids: readonly string[]): Promise<KnownOrganizationDocument[]> =>
      Organization.find({ _id: { $in: ids } }).lean(),
    organizations: (session: ClientSession, ids: readonly string[]): Promise<KnownOrganizationDocument[]> =>
      Organization.find({ _id: { $in: ids } }, null, { session }).lean(),
    /** A grant by which the organization may register this product in this territory; null without one. */
    grantFor: (
      session: ClientSession,
      organization: KnownOrganizationDocument,
      deal: { readonly territory: string; readonly productId: string; readonly family: string },
    ): Promise<RegistrationGrantDocument | null> =>
      Grant.findOne(
        {
          organizationId: { $in: [organization._id, null] },
          tierId: { $in: [...new Set([organization.tierId, null])] },
          territory: { $in: [deal.territory, null] },
          productId: { $in: [deal.productId, null] },
          family: { $in: [deal.family, null] },
        },
        null,
        { session },
      ).lean(),
    async putOrganization(session: ClientSession, { _id, ...fields }: KnownOrganizationDocument): Promise<void> {
      await Organization.updateOne({ _id }, { $set: fields }, { session, upsert: true })
    },
    async putGrant(session: ClientSession, { _id, ...fields }: RegistrationGrantDocument): Promise<void> {
      await Grant.updateOne({ _id }, { $set: fields }, { session, upsert: true })
    },
    async removeGrant(session: ClientSession, id: string): Promise<void> {
      await Grant.deleteOne({ _id: id }, { session })
    },
    async insert(data: {
      readonly organizations: readonly KnownOrganizationDocument[]
      readonly grants: readonly RegistrationGrantDocument[]
    }): Promise<void> {
      await Organization.insertMany(data.organizations)
      await Grant.insertMany(data.grants)
    },
  }
}
