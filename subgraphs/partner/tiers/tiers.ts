import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { bindModel, embeddedSchema, moneySchema } from '../../../storage/documents.ts'
import { createDocuments } from '../documents.ts'
import type { TierThresholds } from './thresholds.ts'

export type TierAssignment = 'AUTOMATIC' | 'ON_APPROVAL' | 'MANUAL'

export interface PartnerTier {
  readonly _id: string
  readonly name: string
  /** Unique; 1 is where partners begin. */
  readonly level: number
  readonly benefits: readonly string[]
  /** Scopes that the apps of its partners have by it; absent in tiers of before there were any. */
  readonly grants?: readonly string[]
  readonly thresholds: TierThresholds
  readonly assignment: TierAssignment
  readonly graceDays: number
  readonly version: number
}

/** All of them are read with every evaluation. */
export const mostTiers = 50

const optionalNumber = { type: Number, default: null } as const
const thresholds = embeddedSchema<TierThresholds>({
  wonRevenue: { type: [moneySchema], required: true },
  wonDeals: optionalNumber,
  certifiedMembers: optionalNumber,
})

/** The tiers of the partner programme, the same for everyone. */
export function createTiers(connection: Connection) {
  const model = bindModel<PartnerTier>(connection, 'PartnerTier', {
    collection: 'partner_tiers',
    fields: {
      name: { type: String, required: true },
      level: { type: Number, required: true },
      benefits: { type: [String], required: true },
      grants: { type: [String], default: [] },
      thresholds: { type: thresholds, required: true },
      assignment: { type: String, required: true, enum: ['AUTOMATIC', 'ON_APPROVAL', 'MANUAL'] },
      graceDays: { type: Number, required: true },
      version: { type: Number, required: true },
    },
    indexes: [[{ level: 1 }, { unique: true }], [{ level: 1, _id: 1 }]],
  })
  const documents = createDocuments(model, 'PartnerTier', () => ({}))
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs) =>
      documents.page(caller, args, { filter: {}, sortField: 'level', direction: 1 }),
    /** Every tier, lowest first. */
    ladder: (session: ClientSession | null = null): Promise<PartnerTier[]> =>
      model.find({}, null, { session, sort: { level: 1 }, limit: mostTiers }).lean<PartnerTier[]>(),
  }
}

/** Grows with every change of the programme, because tiers are never deleted: who was evaluated by less is due. */
export function rulesVersion(ladder: readonly PartnerTier[]): number {
  return ladder.reduce((sum, { version }) => sum + version, 0)
}
