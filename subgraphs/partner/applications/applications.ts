import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'
import { type StoredValue, storedValues } from '../extra-fields/stored-values.ts'
import { type OrganizationType, organizationTypes } from '../organizations/organization-status.ts'
import { type ApplicationStatus, applicationStatuses } from './application-status.ts'

/** What a company has written on the page of the sign-up. */
export interface Application {
  readonly _id: string
  readonly name: string
  readonly type: OrganizationType
  readonly country: string
  readonly website: string
  readonly applicantName: string
  readonly applicantEmail: string
  /** Its handle; billing says which plans there are. */
  readonly planHandle: string
  readonly extraFields: readonly StoredValue[]
  readonly status: ApplicationStatus
  readonly reason: string | null
  /** The organization that it has become; null until its address is confirmed. */
  readonly organizationId: string | null
  /** The address while it stands for this application, so that two of one address cannot both be confirmed. */
  readonly claimedEmail?: string
  readonly createdAt: Date
  readonly confirmedAt: Date | null
  readonly decidedAt: Date | null
  /** When it is forgotten; null once it is confirmed. */
  readonly expiresAt: Date | null
  readonly version: number
}

export interface ApplicationFilter {
  readonly status?: ApplicationStatus | null
}

/** Applications are of companies that have no organization yet: nobody but the operator sees them. */
const visibleTo = (caller: Caller) => (caller.operator ? {} : { _id: '' })

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const optionalMoment = { type: Date, default: null } as const

/** Applications of companies to become partners. */
export function createApplications(connection: Connection) {
  const model = bindModel<Application>(connection, 'PartnerApplication', {
    collection: 'partner_applications',
    fields: {
      name: text,
      type: { ...text, enum: organizationTypes },
      country: text,
      website: text,
      applicantName: text,
      applicantEmail: text,
      planHandle: text,
      extraFields: storedValues,
      status: { ...text, enum: applicationStatuses },
      reason: optionalText,
      organizationId: optionalText,
      claimedEmail: String,
      createdAt: { type: Date, required: true },
      confirmedAt: optionalMoment,
      decidedAt: optionalMoment,
      expiresAt: optionalMoment,
      version: { type: Number, required: true },
    },
    indexes: [
      [{ claimedEmail: 1 }, { unique: true, partialFilterExpression: { claimedEmail: { $exists: true } } }],
      [{ applicantEmail: 1, createdAt: -1 }],
      [{ createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1 }],
      [{ expiresAt: 1 }, { expireAfterSeconds: 0 }],
    ],
  })
  const documents = createDocuments(model, 'PartnerApplication', visibleTo)
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & ApplicationFilter) =>
      documents.page(caller, args, {
        filter: given({ status: args.status }),
        sortField: 'createdAt',
        direction: -1,
      }),
    countSince: (session: ClientSession, applicantEmail: string, since: Date): Promise<number> =>
      model.countDocuments({ applicantEmail, createdAt: { $gt: since } }, { session }),
    isClaimed: async (session: ClientSession, email: string): Promise<boolean> =>
      (await model.findOne({ claimedEmail: email }, { _id: 1 }, { session }).lean()) !== null,
    /** The application that an organization has come from; null for one that came another way. */
    ofOrganization: (session: ClientSession, organizationId: string): Promise<Application | null> =>
      model.findOne({ organizationId }, null, { session }).lean<Application>(),
    /** Lets the address apply again. */
    async release(session: ClientSession, organizationId: string): Promise<void> {
      await model.updateOne({ organizationId }, { $unset: { claimedEmail: 1 } }, { session })
    },
  }
}
