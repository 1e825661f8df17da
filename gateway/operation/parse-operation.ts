import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  getOperationAST,
  parse,
  validate,
} from 'graphql'
import { CodedError } from '../../kit/errors.ts'
import { checkDocumentSize, operationLimits } from './operation-limits.ts'
import { withoutSuggestion } from './without-suggestion.ts'

/**
 * Parses and validates a document, with the codes and limits of ApolloServer as it is set up here. Throws a coded error
 * with the first fault.
 */
export function parseOperation(schema: GraphQLSchema, query: string): DocumentNode {
  let document: DocumentNode
  try {
    document = parse(query, { maxTokens: operationLimits.tokens })
  } catch (error) {
    // The parser is recursive: a document of thousands of open brackets exhausts its stack.
    if (error instanceof RangeError) throw new CodedError('GRAPHQL_PARSE_FAILED', 'The document is nested too deeply.')
    if (!(error instanceof GraphQLError)) throw error
    throw new CodedError('GRAPHQL_PARSE_FAILED', error.message, { locations: error.locations })
  }
  // Before validation, which compares fields of one name in pairs.
  checkDocumentSize(document)
  const [fault] = validateSafely(schema, document)
  if (fault) {
    throw new CodedError('GRAPHQL_VALIDATION_FAILED', withoutSuggestion(fault.message), { locations: fault.locations })
  }
  return document
}

/** The operation to run; OPERATION_RESOLUTION_FAILURE when the name fits none or more than one could be meant. */
export function selectOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName)
  if (operation) return operation
  throw new CodedError(
    'OPERATION_RESOLUTION_FAILURE',
    operationName === undefined
      ? 'The document has several operations; say with `operationName` which one to run.'
      : `The document has no operation named "${operationName}".`,
  )
}

/** graphql 16 throws on `subscription ($x: Boolean!) { f @include(if: $x) }` instead of reporting it. */
function validateSafely(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  try {
    return validate(schema, document)
  } catch (error) {
    // What else it may throw is not meant for clients.
    return [error instanceof GraphQLError ? error : new GraphQLError('The document cannot be validated.')]
  }
}
