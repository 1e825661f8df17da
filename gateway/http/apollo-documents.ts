import type { FastifyRequest } from 'fastify'
import { CodedError } from '../../kit/errors.ts'
import type { DocumentParams, PersistedDocuments } from '../operation/persisted-documents.ts'
import type { Identity } from '../request.ts'

/**
 * The document's text that ApolloServer will run, empty where it finds it by its hash itself. Of trusted documents it
 * knows nothing: they are looked up here, and the text is put where it reads the request.
 */
export async function apolloDocument(
  persisted: PersistedDocuments,
  identity: Identity,
  { body, query: search }: FastifyRequest,
): Promise<string> {
  const fromBody = isMap(body)
  const params = readParams(fromBody ? body : isMap(search) ? search : {})
  const { query, documentId } = params
  if (!identity.limits.trustedDocumentsOnly && documentId === undefined) return query ?? ''
  const { text } = await persisted.find(identity, params)
  if (fromBody) {
    delete body['documentId']
    delete body['extensions']
    body['query'] = text
  } else if (query === undefined && documentId !== undefined) {
    throw new CodedError('BAD_REQUEST', 'This gateway takes `documentId` by POST.')
  }
  return text
}

function readParams(from: Readonly<Record<string, unknown>>): DocumentParams {
  const { query, documentId, extensions } = from
  return {
    query: typeof query === 'string' ? query : undefined,
    documentId: typeof documentId === 'string' ? documentId : undefined,
    extensions: isMap(extensions) ? extensions : typeof extensions === 'string' ? parsed(extensions) : undefined,
  }
}

/** What is no JSON is refused by ApolloServer, in its own words. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
