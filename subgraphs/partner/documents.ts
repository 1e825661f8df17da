import type { ClientSession, Model, QueryFilter, UpdateQuery } from 'mongoose'
import { type Caller, ownedBy } from '../../kit/caller.ts'
import { type ConnectionArgs, readConnection } from '../../kit/connection.ts'
import { type IdentifiedType, isIdOf } from '../../kit/ids.ts'
import { noteChange } from '../../storage/audit.ts'
import { findByIds } from '../../storage/documents.ts'
import { matchingWords } from '../../storage/search.ts'

export interface Versioned {
  readonly _id: string
  readonly version: number
}

export type Filter = Readonly<Record<string, unknown>>

interface ListOptions<Doc> {
  readonly filter: Filter
  readonly sortField: keyof Doc & string
  readonly direction: 1 | -1
  /** Words to search for; the operator's search goes by the index of words, which is narrower than any other. */
  readonly search?: string | null | undefined
}

/** What all models of this subgraph can do; `visibleTo` narrows every read that a caller causes. */
export function createDocuments<Doc extends Versioned>(
  model: Model<Doc>,
  type: IdentifiedType,
  visibleTo: (caller: Caller) => Filter = ownedBy,
) {
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Doc[]> =>
      findByIds(model, type, ids, visibleTo(caller)),
    /** One document as the transaction sees it; null for an unknown id and for another partner's. */
    async find(caller: Caller, session: ClientSession, id: string): Promise<Doc | null> {
      if (!isIdOf(type, id)) return null
      const filter = all<Doc>({ _id: id }, visibleTo(caller))
      return model.findOne(filter, null, { session }).lean<Doc>()
    },
    /** A page of what the caller may see; the filter narrows it further. */
    page(caller: Caller, args: ConnectionArgs, { filter: narrowed, search, sortField, direction }: ListOptions<Doc>) {
      const filter = search == null ? narrowed : { ...narrowed, ...matchingWords('words', search) }
      // Left to itself a planner may walk an index in the order of the list until a page is full.
      const hint = search != null && caller.operator ? { hint: { words: 1 } as const } : {}
      const condition = all<Doc>(filter, visibleTo(caller))
      return readConnection<Doc>(args, {
        sortField,
        direction,
        read: ({ after, sort, limit }) =>
          model.find(all<Doc>(filter, visibleTo(caller), after), null, { sort, limit, ...hint }).lean<Doc[]>(),
        // To count all there is would read all there is; the collection knows it.
        count: () =>
          Object.keys(condition).length === 0 ? model.estimatedDocumentCount() : model.countDocuments(condition, hint),
      })
    },
    async insert(session: ClientSession, ...documents: readonly Doc[]): Promise<void> {
      await model.insertMany(documents, { session })
    },
    /**
     * Changes a document as the transaction has read it. Another writer makes the transaction conflict and run again,
     * so that a document which is no longer the same is a fault.
     */
    async change(
      session: ClientSession,
      document: Versioned,
      changes: Partial<Omit<Doc, '_id' | 'version'>>,
    ): Promise<Doc> {
      const { _id, version } = document
      noteChange(session, document, changes)
      const filter = { _id, version } as unknown as QueryFilter<Doc>
      const update = { $set: changes, $inc: { version: 1 } } as unknown as UpdateQuery<Doc>
      const changed = await model.findOneAndUpdate(filter, update, { session, returnDocument: 'after' }).lean<Doc>()
      if (changed === null) throw new Error(`${_id} changed inside the transaction that read it`)
      return changed
    },
  }
}

export type Documents<Doc extends Versioned> = ReturnType<typeof createDocuments<Doc>>

/** Every condition at once, none replacing another; the first stays at the top, where it picks the index. */
export function all<Doc>(filter: Filter, ...others: readonly Filter[]): QueryFilter<Doc> {
  const further = others.filter((other) => Object.keys(other).length > 0)
  if (Object.keys(filter).length === 0 && further.length === 1) return further[0] as QueryFilter<Doc>
  return further.length === 0 ? filter : { ...filter, $and: further }
}

/** A filter without the arguments that were left out. */
export function given(filter: Filter): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== null))
}
