import type { Connection } from 'mongoose'
import { bindModel, findByIds } from '../../../storage/documents.ts'

export interface PartnerTier {
  readonly _id: string
  readonly name: string
  readonly level: number
  readonly benefits: readonly string[]
}

/** The tiers of the partner programme, the same for everyone. */
export function createTiers(connection: Connection) {
  const model = bindModel<PartnerTier>(connection, 'PartnerTier', {
    collection: 'partner_tiers',
    fields: {
      name: { type: String, required: true },
      level: { type: Number, required: true },
      benefits: { type: [String], required: true },
    },
    indexes: [[{ level: 1 }, { unique: true }]],
  })
  return {
    model,
    readByIds: (ids: readonly string[]): Promise<PartnerTier[]> => findByIds(model, 'PartnerTier', ids),
  }
}
