import type { Connection } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'
import { bindModel, findByIds, prepareModels } from '../../../storage/documents.ts'

export interface LocationDocument {
  readonly _id: string
  readonly code: string
  readonly name: string
  readonly country: string
  readonly city: string
  readonly timeZone: string
}

const text = { type: String, required: true } as const

/** Warehouses. They belong to the platform, so every caller with the scope reads all of them. */
export function createLocationModel(connection: Connection) {
  const Location = bindModel<LocationDocument>(connection, 'Location', {
    collection: 'locations',
    fields: { code: text, name: text, country: text, city: text, timeZone: text },
    indexes: [[{ code: 1 }, { unique: true }]],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Location]),
    byIds: (ids: readonly string[]): Promise<LocationDocument[]> => findByIds(Location, 'Location', ids),
    page: ({ after, sort, limit }: PageRequest): Promise<LocationDocument[]> =>
      Location.find(after, null, { sort, limit }).lean(),
    count: (): Promise<number> => Location.countDocuments(),
    async insert(locations: readonly LocationDocument[]): Promise<void> {
      await Location.insertMany(locations)
    },
  }
}
