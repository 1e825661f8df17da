import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import { moment, optionalText, text } from '../schema-fields.ts'

/** What billing needs to know of an organization: which tier's rules apply. */
export interface OrganizationCopy {
  readonly _id: string
  readonly name: string
  readonly status: string
  readonly tierId: string | null
  /** When the event happened that this is from. */
  readonly asOf: Date
}

/** Billing's copy of organizations, kept by events of the partner subgraph. */
export function createOrganizationCopies(connection: Connection) {
  const model = bindModel<OrganizationCopy>(connection, 'BillingOrganization', {
    collection: 'billing_organizations',
    fields: { name: text, status: text, tierId: optionalText, asOf: moment },
    indexes: [],
  })
  return {
    model,
    find: (id: string, session: ClientSession): Promise<OrganizationCopy | null> =>
      model.findOne({ _id: id }, null, { session }).lean<OrganizationCopy>(),
    /** Keeps what is newer: an event that is handled again must not bring the past back. */
    async keep({ _id, ...copy }: OrganizationCopy, session: ClientSession): Promise<void> {
      const known = await model.findOne({ _id }, { asOf: 1 }, { session }).lean<OrganizationCopy>()
      if (known !== null && known.asOf > copy.asOf) return
      await model.updateOne({ _id }, { $set: copy }, { session, upsert: true })
    },
  }
}
