import type { ClientSession, Connection } from 'mongoose'
import { bindModel, embeddedSchema } from '../../../storage/documents.ts'

/** A coordinate that goes away, as an app has used it. */
export interface DeprecatedUse {
  readonly coordinate: string
  readonly reason: string | null
  readonly sunset: string | null
  readonly replacement: string | null
  readonly firstUsedAt: Date
  readonly lastUsedAt: Date
}

/** What an app uses of what goes away, and when it was told; `_id` is the app's id. */
export interface DeprecatedUsesOfApp {
  readonly _id: string
  readonly toldAt: Date | null
  readonly uses: readonly DeprecatedUse[]
  readonly version: number
}

const text = { type: String, default: null } as const
const date = { type: Date, required: true } as const

/** One document per app that uses what goes away. */
export function createDeprecatedUses(connection: Connection) {
  const model = bindModel<DeprecatedUsesOfApp>(connection, 'DeprecatedUses', {
    collection: 'partner_deprecated_uses',
    fields: {
      toldAt: { type: Date, default: null },
      uses: [
        embeddedSchema<DeprecatedUse>({
          coordinate: { type: String, required: true },
          reason: text,
          sunset: text,
          replacement: text,
          firstUsedAt: date,
          lastUsedAt: date,
        }),
      ],
      version: { type: Number, required: true },
    },
    indexes: [],
  })
  return {
    model,
    find: (session: ClientSession, appId: string): Promise<DeprecatedUsesOfApp | null> =>
      model.findOne({ _id: appId }, null, { session }).lean<DeprecatedUsesOfApp>(),
    /** Writes what was read before in the same transaction; of two writers one conflicts. */
    async save(session: ClientSession, before: DeprecatedUsesOfApp | null, after: DeprecatedUsesOfApp): Promise<void> {
      if (before === null) {
        await model.insertMany([after], { session })
        return
      }
      const { toldAt, uses, version } = after
      await model.updateOne(
        { _id: before._id, version: before.version },
        { $set: { toldAt, uses, version } },
        { session },
      )
    },
  }
}
