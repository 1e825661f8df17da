import type { ClientSession, Connection } from 'mongoose'
import type { Money } from '../../../kit/money.ts'
import { bindModel, embeddedSchema, moneySchema } from '../../../storage/documents.ts'
import { createDocuments } from '../documents.ts'

/** Where an organization stands in the programme, as last evaluated. */
export interface TierStanding {
  /** The organization. */
  readonly _id: string
  readonly organizationId: string
  readonly wonRevenue: readonly Money[]
  readonly wonDeals: number
  readonly certifiedMembers: number
  readonly reachedTierId: string | null
  readonly graceEndsAt: Date | null
  readonly heldUntil: Date | null
  readonly declined: { readonly tierId: string; readonly until: Date } | null
  readonly evaluatedAt: Date | null
  /** When something will have changed by time alone; null when only an event can change it. */
  readonly evaluateAt: Date | null
  /** The version of the programme by which it was evaluated. */
  readonly rulesVersion: number
  readonly version: number
}

const wholeNumber = { type: Number, required: true } as const
const optionalMoment = { type: Date, default: null } as const
const declined = embeddedSchema<NonNullable<TierStanding['declined']>>({
  tierId: { type: String, required: true },
  until: { type: Date, required: true },
})

/** The standing of an organization that was never evaluated and is due. */
export function newStanding(organizationId: string, now: Date): TierStanding {
  return {
    _id: organizationId,
    organizationId,
    wonRevenue: [],
    wonDeals: 0,
    certifiedMembers: 0,
    reachedTierId: null,
    graceEndsAt: null,
    heldUntil: null,
    declined: null,
    evaluatedAt: null,
    evaluateAt: now,
    rulesVersion: 0,
    version: 1,
  }
}

/** The standings of organizations. */
export function createStandings(connection: Connection) {
  const model = bindModel<TierStanding>(connection, 'TierStanding', {
    collection: 'partner_tier_standings',
    fields: {
      organizationId: { type: String, required: true },
      wonRevenue: { type: [moneySchema], required: true },
      wonDeals: wholeNumber,
      certifiedMembers: wholeNumber,
      reachedTierId: { type: String, default: null },
      graceEndsAt: optionalMoment,
      heldUntil: optionalMoment,
      declined: { type: declined, default: null },
      evaluatedAt: optionalMoment,
      evaluateAt: optionalMoment,
      rulesVersion: wholeNumber,
      version: wholeNumber,
    },
    indexes: [[{ evaluateAt: 1 }], [{ rulesVersion: 1 }]],
  })
  return {
    ...createDocuments(model, 'Organization'),
    findById: (session: ClientSession, id: string): Promise<TierStanding | null> =>
      model.findOne({ _id: id }, null, { session }).lean<TierStanding>(),
    /** Ids of what is due by time or by a change of the programme. */
    async due(now: Date, rulesVersion: number, limit: number): Promise<string[]> {
      const byTime = await model.find({ evaluateAt: { $lte: now } }, { _id: 1 }, { limit }).lean<{ _id: string }[]>()
      if (byTime.length > 0) return byTime.map(({ _id }) => _id)
      const outdated = { rulesVersion: { $lt: rulesVersion } }
      return (await model.find(outdated, { _id: 1 }, { limit }).lean<{ _id: string }[]>()).map(({ _id }) => _id)
    },
    /** Has organizations evaluated by the next run of the timer, in the transaction of what has changed for them. */
    async evaluateSoon(session: ClientSession, organizationIds: readonly string[], now: Date): Promise<void> {
      const writes = organizationIds.map((id) => {
        const { _id, evaluateAt, version, ...blank } = newStanding(id, now)
        return {
          updateOne: {
            filter: { _id },
            update: { $set: { evaluateAt }, $inc: { version }, $setOnInsert: blank },
            upsert: true,
          },
        }
      })
      if (writes.length > 0) await model.bulkWrite(writes, { session })
    },
  }
}
