import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'

/** What all apps of an organization may use together; null is unlimited. */
export interface OrganizationCeiling {
  /** The organization's id. */
  readonly _id: string
  readonly bucketSize: number | null
  readonly restoreRate: number | null
  readonly monthlyCalls: number | null
}

const optionalNumber = { type: Number, default: null } as const

/** The ceilings that the operator has set; most organizations have none. */
export function createOrganizationCeilings(connection: Connection) {
  const model = bindModel<OrganizationCeiling>(connection, 'OrganizationCeiling', {
    collection: 'billing_organization_ceilings',
    fields: { bucketSize: optionalNumber, restoreRate: optionalNumber, monthlyCalls: optionalNumber },
    indexes: [],
  })
  return {
    model,
    readByIds: (ids: readonly string[]): Promise<OrganizationCeiling[]> =>
      model.find({ _id: { $in: [...ids] } }).lean<OrganizationCeiling[]>(),
    async set({ _id, ...limits }: OrganizationCeiling, session: ClientSession): Promise<void> {
      await model.updateOne({ _id }, { $set: limits }, { session, upsert: true })
    },
    async remove(organizationId: string, session: ClientSession): Promise<void> {
      await model.deleteOne({ _id: organizationId }, { session })
    },
  }
}
