import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'
import { type StoredValue, storedValues } from '../extra-fields/stored-values.ts'
import {
  type OrganizationStatus,
  type OrganizationType,
  organizationStatuses,
  organizationTypes,
} from './organization-status.ts'

export interface Organization {
  readonly _id: string
  /** Absent where there is none, so that the unique index leaves it out. */
  readonly externalId?: string
  readonly name: string
  readonly type: OrganizationType
  readonly status: OrganizationStatus
  readonly statusReason: string | null
  readonly statusChangedAt: Date
  readonly tierId: string | null
  readonly territories: readonly string[]
  readonly country: string
  readonly website: string
  /** Null: what partners have by default. */
  readonly allowedScopes: readonly string[] | null
  readonly extraFields: readonly StoredValue[]
  /** True for the platform company itself. */
  readonly operator: boolean
  readonly words: readonly string[]
  /** Grows with every change of its members and apps, so that changes which must not pass each other conflict. */
  readonly revision: number
  readonly createdAt: Date
  readonly version: number
}

/** Which organizations a list shows; what is null or left out does not narrow it. */
export interface OrganizationFilter {
  readonly status?: OrganizationStatus | null
  readonly type?: OrganizationType | null
  readonly tierId?: string | null
  readonly territory?: string | null
  readonly country?: string | null
  readonly externalId?: string | null
  readonly search?: string | null
}

/** The tenancy filter of organizations themselves, whose owner is their own id. */
const visibleTo = (caller: Caller) => (caller.operator ? {} : { _id: caller.organizationId })

const text = { type: String, required: true } as const
const moment = { type: Date, required: true } as const
const wholeNumber = { type: Number, required: true, validate: Number.isSafeInteger } as const

/** Organizations; a partner finds its own only, the operator all. */
export function createOrganizations(connection: Connection) {
  const model = bindModel<Organization>(connection, 'Organization', {
    collection: 'partner_organizations',
    fields: {
      externalId: String,
      name: text,
      type: { ...text, enum: organizationTypes },
      status: { ...text, enum: organizationStatuses },
      statusReason: { type: String, default: null },
      statusChangedAt: moment,
      tierId: { type: String, default: null },
      territories: { type: [String], required: true },
      country: text,
      website: text,
      allowedScopes: { type: [String], default: null },
      extraFields: storedValues,
      operator: { type: Boolean, required: true },
      words: { type: [String], required: true },
      revision: wholeNumber,
      createdAt: moment,
      version: wholeNumber,
    },
    indexes: [
      [{ externalId: 1 }, { unique: true, partialFilterExpression: { externalId: { $exists: true } } }],
      [{ name: 1, _id: 1 }],
      [{ status: 1, name: 1, _id: 1 }],
      [{ type: 1, name: 1, _id: 1 }],
      [{ tierId: 1, name: 1, _id: 1 }],
      [{ country: 1, name: 1, _id: 1 }],
      [{ territories: 1, name: 1, _id: 1 }],
      [{ words: 1 }],
    ],
  })
  const documents = createDocuments(model, 'Organization', visibleTo)
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & OrganizationFilter) =>
      documents.page(caller, args, {
        filter: conditionOf(args),
        search: args.search,
        sortField: 'name',
        direction: 1,
      }),
    /** Whoever asks: for work without a caller, and never to be shown to one. */
    findAny: (session: ClientSession, id: string): Promise<Organization | null> =>
      model.findOne({ _id: id }, null, { session }).lean<Organization>(),
    findMany: (session: ClientSession, ids: readonly string[]): Promise<Organization[]> =>
      ids.length === 0
        ? Promise.resolve([])
        : model.find({ _id: { $in: [...ids] } }, null, { session }).lean<Organization[]>(),
    findByExternalIds: (ids: readonly string[], session: ClientSession): Promise<Organization[]> =>
      model.find({ externalId: { $in: [...ids] } }, null, { session }).lean<Organization[]>(),
    async dropExternalId(session: ClientSession, id: string): Promise<void> {
      await model.updateOne({ _id: id }, { $unset: { externalId: 1 } }, { session })
    },
    /** Writes many changed documents at once, each as the transaction has read it. */
    async changeMany(
      session: ClientSession,
      changes: readonly { readonly before: Organization; readonly changes: Partial<Organization> }[],
    ): Promise<void> {
      if (changes.length === 0) return
      const writes = changes.map(({ before: { _id, version }, changes: $set }) => ({
        updateOne: { filter: { _id, version }, update: { $set, $inc: { version: 1 } } },
      }))
      const { matchedCount } = await model.bulkWrite(writes, { session })
      if (matchedCount !== changes.length)
        throw new Error('organizations changed inside the transaction that read them')
    },
    /** Makes the transaction conflict with every other one that changes the organization's members or apps. */
    async touch(session: ClientSession, id: string): Promise<void> {
      await model.updateOne({ _id: id }, { $inc: { revision: 1 } }, { session })
    },
  }
}

function conditionOf({ territory, status, type, tierId, country, externalId }: OrganizationFilter) {
  return given({ status, type, tierId, country, externalId, territories: territory })
}
