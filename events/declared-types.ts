import type { ClientSession, Connection } from 'mongoose'
import type { DeclaredEventType, EventTypeRegister } from '../kit/declared-event-types.ts'
import { isShippedEventType } from '../kit/event-types.ts'
import { createId } from '../kit/ids.ts'

export const declaredTypesOf = (connection: Connection) => connection.collection<DeclaredEventType>('event_types')

/** Makes the indexes that every question below uses. */
export async function prepareDeclaredTypes(connection: Connection): Promise<void> {
  const types = declaredTypesOf(connection)
  await types.createIndex({ name: 1 }, { unique: true })
  await types.createIndex({ scope: 1, name: 1 })
  await types.createIndex({ subgraph: 1 })
}

/** The register of declared types on the database of the log. */
export function createEventTypeRegister(connection: Connection): EventTypeRegister {
  const read = async (filter: object, session?: ClientSession): Promise<DeclaredEventType[]> => {
    const found = await declaredTypesOf(connection)
      .find(filter, session ? { session } : {})
      .toArray()
    // What a later version of the product has taken for itself is the product's.
    return found.filter(({ name }) => !isShippedEventType(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }
  return {
    readable: ({ scopes, sandbox }, wanted) =>
      scopes.length === 0
        ? Promise.resolve([])
        : read({
            scope: { $in: [...scopes] },
            ...(wanted == null ? {} : { name: { $in: [...wanted] } }),
            ...(sandbox ? {} : { live: true }),
          }),
    named: (names, session) => read({ name: { $in: [...names] } }, session),
    async declare(session, subgraph, declared) {
      const types = declaredTypesOf(connection)
      const known = await types.find({ subgraph }, { session }).toArray()
      const wanted = new Map(declared.map((type) => [type.name, type]))
      const ended = known.filter((type) => !goesOn(type, wanted.get(type.name)))
      if (ended.length > 0) await types.deleteMany({ _id: { $in: ended.map(({ _id }) => _id) } }, { session })
      const lasting = new Map(known.filter((type) => !ended.includes(type)).map((type) => [type.name, type]))
      for (const { name, description } of declared) {
        const former = lasting.get(name)
        if (former === undefined || former.description === description) continue
        await types.updateOne({ _id: former._id }, { $set: { description } }, { session })
      }
      const fresh = declared
        .filter(({ name }) => !lasting.has(name))
        .map(({ name, description, scope, live }) => {
          return { _id: createId('EventTypeDeclaration'), name, subgraph, description, scope, live }
        })
      if (fresh.length > 0) await types.insertMany(fresh, { session, ordered: true })
    },
  }
}

/**
 * Whether a declaration stays the one that it is: for readers with the same scope, of the same graphs. What was handed in
 * to try a type in the sandbox is not told to live apps once theirs declares it. Other words for what has happened change
 * nothing of who may read.
 */
function goesOn(known: DeclaredEventType, wanted: { readonly scope: string; readonly live: boolean } | undefined) {
  return wanted !== undefined && wanted.scope === known.scope && wanted.live === known.live
}
