import type { DocumentNode, GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { parseOperation } from './parse-operation.ts'

/** Documents by their text, valid against the schema that they are asked for with. */
export interface DocumentStore {
  /** Parses and validates a text that is not known yet. Throws a coded error with the first fault. */
  documentOf(schema: GraphQLSchema, text: string): DocumentNode
}

const maximumDocuments = 5_000
/** Of text; a parsed document takes about a hundred times as much memory as its text. */
const maximumCharacters = 512 * 1024

/**
 * Keeps documents parsed and validated once per text, those of a schema until it is replaced. Faulty ones are not kept:
 * there is no end of them, and each is paid for.
 */
export function createDocumentStore(): DocumentStore {
  const bySchema = new WeakMap<GraphQLSchema, LRUCache<string, DocumentNode>>()
  return {
    documentOf(schema, text) {
      let documents = bySchema.get(schema)
      if (documents === undefined) {
        documents = new LRUCache({
          max: maximumDocuments,
          maxSize: maximumCharacters,
          sizeCalculation: (_document, key) => Math.max(1, key.length),
        })
        bySchema.set(schema, documents)
      }
      const known = documents.get(text)
      if (known) return known
      const document = parseOperation(schema, text)
      documents.set(text, document)
      return document
    },
  }
}
