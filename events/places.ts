import type { ClientSession, Connection } from 'mongoose'
import { type Place, placesOf, readRelayState } from './collections.ts'

/** Another process has moved the reaction's place. */
export class PlaceMoved extends Error {
  constructor() {
    super('another process has handled these events')
    this.name = 'PlaceMoved'
  }
}

/** Gives reactions that are new their place; those that have one keep it. */
export async function openPlaces(
  connection: Connection,
  reactions: readonly { readonly name: string; readonly beginsAt?: 'oldest' | 'now' | undefined }[],
): Promise<void> {
  const { position, oldest } = await readRelayState(connection)
  await placesOf(connection).bulkWrite(
    reactions.map(({ name, beginsAt }) => ({
      updateOne: {
        filter: { _id: name },
        update: { $setOnInsert: { position: beginsAt === 'now' ? position : oldest - 1, parked: 0 } },
        upsert: true,
      },
    })),
    { ordered: false },
  )
}

export async function readPlace(connection: Connection, name: string): Promise<Place> {
  const place = await placesOf(connection).findOne({ _id: name })
  if (place === null) throw new Error(`the place of ${name} in the event log was removed`)
  return place
}

/** Moves a place by compare-and-set, so that what is done in the same transaction is done once. */
export async function movePlace(
  connection: Connection,
  { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
  session?: ClientSession,
): Promise<Place> {
  const moved = await placesOf(connection).findOneAndUpdate(
    { _id: name, position: from },
    { $set: { position: to } },
    { returnDocument: 'after', ...(session ? { session } : {}) },
  )
  if (moved === null) throw new PlaceMoved()
  return moved
}
