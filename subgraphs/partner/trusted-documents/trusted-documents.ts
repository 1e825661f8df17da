import { createHash } from 'node:crypto'
import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments } from '../documents.ts'

/** A document of the graph that an app may run by its hash. It never changes. */
export interface TrustedDocument {
  readonly _id: string
  readonly appId: string
  readonly organizationId: string
  /** SHA-256 of the text, in lower-case hexadecimal. */
  readonly hash: string
  readonly text: string
  readonly publishedAt: Date
  readonly version: number
}

export function hashOfDocument(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The documents that apps have published. */
export function createTrustedDocuments(connection: Connection) {
  const model = bindModel<TrustedDocument>(connection, 'TrustedDocument', {
    collection: 'partner_trusted_documents',
    fields: {
      appId: { type: String, required: true },
      organizationId: { type: String, required: true },
      hash: { type: String, required: true },
      text: { type: String, required: true },
      publishedAt: { type: Date, required: true },
      version: { type: Number, required: true },
    },
    indexes: [
      [{ appId: 1, hash: 1 }, { unique: true }],
      [{ appId: 1, publishedAt: -1, _id: -1 }],
      [{ organizationId: 1, publishedAt: -1, _id: -1 }],
      [{ publishedAt: -1, _id: -1 }],
    ],
  })
  const documents = createDocuments(model, 'TrustedDocument')
  return {
    ...documents,
    /** Of all apps that the caller may see, newest first. */
    list: (caller: Caller, args: ConnectionArgs) =>
      documents.page(caller, args, { filter: {}, sortField: 'publishedAt', direction: -1 }),
    /** Which of these hashes the app has published. */
    async published(session: ClientSession, appId: string, hashes: readonly string[]): Promise<Set<string>> {
      const found = await model
        .find({ appId, hash: { $in: [...hashes] } }, { hash: 1 }, { session })
        .lean<Pick<TrustedDocument, 'hash'>[]>()
      return new Set(found.map(({ hash }) => hash))
    },
    count: (session: ClientSession, appId: string): Promise<number> => model.countDocuments({ appId }, { session }),
    async remove(session: ClientSession, appId: string, hashes: readonly string[]): Promise<void> {
      await model.deleteMany({ appId, hash: { $in: [...hashes] } }, { session })
    },
    /** Unlike other reads not narrowed by a caller: a gateway asks for an app that it has identified. */
    async textOf(appId: string, hash: string): Promise<string | null> {
      const found = await model.findOne({ appId, hash }, { text: 1 }).lean<Pick<TrustedDocument, 'text'>>()
      return found?.text ?? null
    },
    /** Pages of documents by app; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<TrustedDocument>({
        model,
        parentField: 'appId',
        sortField: 'publishedAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}
