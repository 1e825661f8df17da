import { type Connection, Schema } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'

export interface LocationDocument {
  readonly _id: string
  readonly code: string
  readonly name: string
  readonly country: string
  readonly city: string
  readonly timeZone: string
}

const text = { type: String, required: true } as const

const schema = new Schema<LocationDocument>(
  { _id: text, code: text, name: text, country: text, city: text, timeZone: text },
  { collection: 'locations', versionKey: false, autoCreate: false, autoIndex: false },
)
schema.index({ code: 1 }, { unique: true })

export type LocationModel = ReturnType<typeof createLocationModel>

/** Warehouses. They belong to the platform, so every caller with the scope reads all of them. */
export function createLocationModel(connection: Connection) {
  const Location = connection.model<LocationDocument>('Location', schema)
  return {
    async prepare(): Promise<void> {
      await Location.createCollection()
      await Location.createIndexes()
    },
    byIds: (ids: readonly string[]): Promise<LocationDocument[]> => Location.find({ _id: { $in: ids } }).lean(),
    page: ({ after, sort, limit }: PageRequest): Promise<LocationDocument[]> =>
      Location.find(after, null, { sort, limit }).lean(),
    count: (): Promise<number> => Location.countDocuments(),
    async insert(locations: readonly LocationDocument[]): Promise<void> {
      await Location.insertMany(locations)
    },
  }
}
