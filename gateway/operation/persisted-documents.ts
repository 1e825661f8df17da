import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { CodedError } from '../../kit/errors.ts'
import type { Identity } from '../request.ts'

/** What a request says of its document: the text, its hash, or both. */
export interface DocumentParams {
  readonly query?: string | undefined
  /** `sha256:` and the hash of the text (GraphQL over HTTP, appendix A). */
  readonly documentId?: string | undefined
  /** `{ persistedQuery: { version: 1, sha256Hash } }`: Apollo's automatic persisted queries. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

export interface NamedDocument {
  readonly text: string
  /** Keeps the text under its hash; called when it is known to be valid. Null when there is nothing to keep. */
  readonly keep: (() => void) | null
}

export interface PersistedDocuments {
  /**
   * The text that a request asks to run. Throws PERSISTED_QUERY_NOT_FOUND for a hash of no known text,
   * TRUSTED_DOCUMENT_REQUIRED for a text that the plan does not let the app send, BAD_REQUEST for no document at all.
   */
  find(identity: Identity, params: DocumentParams): Promise<NamedDocument>
}

/** Documents that clients have sent with their hash, wherever they are kept. */
export interface SentDocuments {
  get(hash: string): Promise<string | undefined> | string | undefined
  set(hash: string, text: string): void
}

/** The text of a document that an app has published under its hash; null when there is none. */
export type TrustedDocuments = (appId: string, hash: string) => Promise<string | null>

/**
 * Finds documents by hash: those that the app has published, then those that any client has sent with it. A hash that
 * is checked names one text whoever sent it, so all apps share the second kind; what it answers depends on who asks.
 */
export function createPersistedDocuments(options: {
  readonly sent: SentDocuments
  readonly trusted: TrustedDocuments
}): PersistedDocuments {
  const { sent, trusted } = options
  return {
    async find({ caller: { appId }, limits }, params) {
      // An empty text is none: the payload of graphql-ws must have one.
      const query = params.query === '' ? undefined : params.query
      const hash = hashOf(params)
      if (limits.trustedDocumentsOnly) {
        if (query !== undefined && hash !== undefined && hash !== sha256(query)) throw mismatch()
        const wanted = hash ?? (query === undefined ? undefined : sha256(query))
        if (wanted === undefined) throw noDocument()
        const text = await trusted(appId, wanted)
        if (text !== null) return { text, keep: null }
        throw new CodedError(
          'TRUSTED_DOCUMENT_REQUIRED',
          `The plan ${limits.planName} runs only documents that the app has published; publish this one, or ask for another plan.`,
          { documentId: `sha256:${wanted}` },
        )
      }
      if (query !== undefined) {
        if (hash === undefined) return { text: query, keep: null }
        if (hash !== sha256(query)) throw mismatch()
        return { text: query, keep: () => sent.set(hash, query) }
      }
      if (hash === undefined) throw noDocument()
      const text = (await sent.get(hash)) ?? (await trusted(appId, hash))
      // The message is part of Apollo's protocol: older clients look for it.
      if (text === null) throw new CodedError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
      return { text, keep: null }
    },
  }
}

/** Documents that were sent with their hash, in this process, bounded by what they take. */
export function createSentDocuments(): SentDocuments {
  const texts = new LRUCache<string, string>({
    maxSize: 4 * 1024 * 1024,
    sizeCalculation: (text, hash) => text.length + hash.length,
  })
  return { get: (hash) => texts.get(hash), set: (hash, text) => void texts.set(hash, text) }
}

/** The identifier of a document's text: lower-case hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The hash that a request names its document by; undefined when it names none. */
function hashOf({ documentId, extensions }: DocumentParams): string | undefined {
  const persisted = extensions?.['persistedQuery']
  if (documentId !== undefined) {
    const hash = /^(?:sha256:)?([\da-f]{64})$/.exec(documentId)?.[1]
    if (hash === undefined) {
      throw new CodedError('BAD_REQUEST', '`documentId` must be sha256: and the hash of the document, in hexadecimal.')
    }
    return hash
  }
  if (persisted === undefined || persisted === null) return undefined
  if (typeof persisted === 'object' && 'version' in persisted && persisted.version === 1 && 'sha256Hash' in persisted) {
    const { sha256Hash } = persisted
    if (typeof sha256Hash === 'string' && /^[\da-f]{64}$/.test(sha256Hash)) return sha256Hash
  }
  throw new CodedError(
    'BAD_REQUEST',
    '`extensions.persistedQuery` must be { "version": 1, "sha256Hash": "…" }, the hash in lower-case hexadecimal.',
  )
}

function mismatch(): CodedError {
  return new CodedError('BAD_REQUEST', 'The hash is not that of the document: provided sha does not match query.')
}

function noDocument(): CodedError {
  return new CodedError('BAD_REQUEST', 'The request has no document: { "query": "…" }, or the id of a persisted one.')
}
