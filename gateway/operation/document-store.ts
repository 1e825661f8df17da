import type { DocumentNode, GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { parseOperation } from './parse-operation.ts'

/** Documents by their text, valid against the schema that they are asked for with. */
export interface DocumentStore {
  /** Parses and validates a text that is not known yet. Throws a coded error with the first fault. */
  documentOf(schema: GraphQLSchema, text: string): DocumentNode
  /** Documents of a schema, at most so many, those that are used most first. */
  mostUsed(schema: GraphQLSchema, most: number): readonly UsedDocument[]
  /** Takes a document of one schema over to another before it is asked for there; throws where it is not valid. */
  carryOver(schema: GraphQLSchema, used: UsedDocument): DocumentNode
}

export interface UsedDocument {
  readonly text: string
  readonly document: DocumentNode
  /** How often it was asked for. */
  readonly uses: number
}

interface Entry {
  readonly document: DocumentNode
  uses: number
}

const maximumDocuments = 5_000
/** Of text; a parsed document takes about a hundred times as much memory as its text. */
const maximumCharacters = 512 * 1024
/** Of what a document was used on the schema before, so much counts on the next: what is out of use fades. */
const remembered = 0.5

/**
 * Keeps documents parsed and validated once per text, those of a schema until it is replaced. Faulty ones are not kept:
 * there is no end of them, and each is paid for.
 */
export function createDocumentStore(): DocumentStore {
  const bySchema = new WeakMap<GraphQLSchema, LRUCache<string, Entry>>()

  const entriesOf = (schema: GraphQLSchema): LRUCache<string, Entry> => {
    let entries = bySchema.get(schema)
    if (entries === undefined) {
      entries = new LRUCache({
        max: maximumDocuments,
        maxSize: maximumCharacters,
        sizeCalculation: (_entry, key) => Math.max(1, key.length),
      })
      bySchema.set(schema, entries)
    }
    return entries
  }
  const take = (schema: GraphQLSchema, text: string, uses: number): DocumentNode => {
    const entries = entriesOf(schema)
    const known = entries.get(text)
    if (known) {
      known.uses += uses
      return known.document
    }
    const document = parseOperation(schema, text)
    entries.set(text, { document, uses })
    return document
  }
  return {
    documentOf: (schema, text) => take(schema, text, 1),
    mostUsed: (schema, most) =>
      [...(bySchema.get(schema)?.entries() ?? [])]
        .map(([text, { document, uses }]) => ({ text, document, uses }))
        .toSorted((a, b) => b.uses - a.uses)
        .slice(0, most),
    carryOver: (schema, { text, uses }) => take(schema, text, uses * remembered),
  }
}
