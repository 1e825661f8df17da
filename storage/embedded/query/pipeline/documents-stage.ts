import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileExpression } from '../expression/compile-expression.ts'
import { isDoc, typeOf } from '../value-type.ts'

/** The documents that `$documents` at the head of a pipeline gives: of an expression without a document. */
export function givenDocuments(pipeline: readonly Doc[]): Doc[] | undefined {
  const [first] = pipeline
  if (first === undefined || !('$documents' in first)) return undefined
  const documents = compileExpression(first['$documents'])({ root: {}, variables: undefined })
  if (!Array.isArray(documents)) {
    throw new CommandError('Location5858203', `an array is expected by $documents, not ${typeOf(documents)}`)
  }
  return documents.map((doc: unknown) => {
    if (isDoc(doc)) return doc
    throw new CommandError('Location40228', `$documents must hold objects, but one was of type: ${typeOf(doc)}`)
  })
}
