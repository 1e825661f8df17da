import type { Collection } from '../engine/collection.ts'
import { checkValid } from '../engine/validation.ts'
import type { Doc } from '../query/bson.ts'
import { flagArgument } from './arguments.ts'
import type { Context } from './command.ts'

/** Throws for a document that the collection must not hold, unless the client asks for no validation. */
export function checkWritten({ body }: Context, collection: Collection, after: Doc, before?: Doc): void {
  if (collection.options['validator'] === undefined || flagArgument(body, 'bypassDocumentValidation')) return
  checkValid(collection, after, before)
}
