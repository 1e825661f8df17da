import type { ClientSession, Connection } from 'mongoose'
import type { Money } from '../../../kit/money.ts'
import { bindModel, moneySchema } from '../../../storage/documents.ts'

/** For how long a won deal counts. */
export const countedMs = 365 * 24 * 60 * 60 * 1000

/** What this subgraph keeps of a deal that was won, be it reopened since. */
export interface WonDeal {
  /** The deal. */
  readonly _id: string
  readonly organizationId: string
  readonly value: Money
  readonly counts: boolean
  readonly wonAt: Date
  /** The event that was heard last, so that one which is heard again changes nothing. */
  readonly eventId: string
  readonly heardAt: Date
}

/** The deals that count for tiers, as their events told. */
export function createWonDeals(connection: Connection) {
  const model = bindModel<WonDeal>(connection, 'WonDeal', {
    collection: 'partner_won_deals',
    fields: {
      organizationId: { type: String, required: true },
      value: { type: moneySchema, required: true },
      counts: { type: Boolean, required: true },
      wonAt: { type: Date, required: true },
      eventId: { type: String, required: true },
      heardAt: { type: Date, required: true },
    },
    indexes: [[{ organizationId: 1, counts: 1, wonAt: 1 }]],
  })
  return {
    model,
    find: (session: ClientSession, id: string): Promise<WonDeal | null> =>
      model.findOne({ _id: id }, null, { session }).lean<WonDeal>(),
    async write(session: ClientSession, deal: WonDeal): Promise<void> {
      await model.replaceOne({ _id: deal._id }, deal, { session, upsert: true })
    },
    /** Number and value per currency of what counts now, and when the first of it will no longer. */
    async sum(session: ClientSession, organizationId: string, now: Date) {
      const rows = await model.aggregate<{ _id: string; minorUnits: number; deals: number; oldest: Date }>(
        [
          { $match: counted(organizationId, now) },
          {
            $group: {
              _id: '$value.currencyCode',
              minorUnits: { $sum: '$value.minorUnits' },
              deals: { $sum: 1 },
              oldest: { $min: '$wonAt' },
            },
          },
        ],
        { session },
      )
      const oldest = rows.map((row) => row.oldest.getTime())
      return {
        wonDeals: rows.reduce((sum, { deals }) => sum + deals, 0),
        wonRevenue: rows
          .map(({ _id, minorUnits }): Money => ({ currencyCode: _id, minorUnits }))
          .toSorted((a, b) => (a.currencyCode < b.currencyCode ? -1 : 1)),
        changesAt: oldest.length === 0 ? null : new Date(Math.min(...oldest) + countedMs),
      }
    },
  }
}

function counted(organizationId: string, now: Date) {
  return { organizationId, counts: true, wonAt: { $gt: new Date(now.getTime() - countedMs) } }
}
