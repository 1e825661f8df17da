import type { ClientSession, Connection } from 'mongoose'
import type { PageRequest } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, findByIds, prepareModels, countMatching } from '../../../storage/documents.ts'

export const locationStatuses = ['OPEN', 'CLOSED'] as const
export type LocationStatus = (typeof locationStatuses)[number]

export interface LocationDocument {
  readonly _id: string
  readonly code: string
  readonly name: string
  readonly country: string
  readonly city: string
  readonly timeZone: string
  readonly status: LocationStatus
  readonly version: number
}

export interface LocationFilter {
  readonly country?: string
  readonly status?: LocationStatus
}

const text = { type: String, required: true } as const

/** Warehouses. They belong to the platform, so every caller with the scope reads all of them. */
export function createLocationModel(connection: Connection) {
  const Location = bindModel<LocationDocument>(connection, 'Location', {
    collection: 'locations',
    fields: {
      code: text,
      name: text,
      country: text,
      city: text,
      timeZone: text,
      status: { type: String, enum: locationStatuses, default: 'OPEN' },
      version: { type: Number, default: 1 },
    },
    indexes: [
      [{ code: 1 }, { unique: true }],
      [{ code: 1, _id: 1 }],
      [{ country: 1, code: 1, _id: 1 }],
      [{ status: 1, code: 1, _id: 1 }],
      [{ country: 1, status: 1, code: 1, _id: 1 }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Location]),
    byIds: (ids: readonly string[], session: ClientSession | null = null): Promise<LocationDocument[]> =>
      session === null
        ? findByIds(Location, 'Location', ids)
        : Location.find({ _id: { $in: ids } }, null, { session }).lean(),
    byCodes: (codes: readonly string[], session: ClientSession): Promise<LocationDocument[]> =>
      Location.find({ code: { $in: codes } }, null, { session }).lean(),
    page: (filter: LocationFilter, { after, sort, limit }: PageRequest): Promise<LocationDocument[]> =>
      Location.find({ ...filter, ...after }, null, { sort, limit }).lean(),
    count: (filter: LocationFilter): Promise<number> => countMatching(Location, { ...filter }),
    /** Changes a warehouse that still has the version which was read. */
    async change(
      session: ClientSession,
      document: LocationDocument,
      fields: Partial<Omit<LocationDocument, '_id' | 'version'>>,
    ): Promise<boolean> {
      const { _id, version } = document
      noteChange(session, document, fields)
      const update = { $set: fields, $inc: { version: 1 } }
      return (await Location.updateOne({ _id, version }, update, { session })).matchedCount === 1
    },
    async insert(
      locations: readonly (Omit<LocationDocument, 'status' | 'version'> & Partial<LocationDocument>)[],
      session: ClientSession | null = null,
    ): Promise<void> {
      await Location.insertMany(locations, { session })
    },
  }
}
