import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SourceLocation,
  type ValidationRule,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { CodedError } from '../../kit/errors.ts'
import { checkDocumentSize, operationLimits } from './operation-limits.ts'
import { withoutSuggestion } from './without-suggestion.ts'

/** Faults of a document that are told at once; validation ends there. */
const mostFaults = 5

/** A document that cannot be run: its first fault, with its place as GraphQL errors tell it. */
export class DocumentFault extends CodedError {
  override readonly locations: readonly SourceLocation[] | undefined
  /** All faults that were found, this one first. */
  readonly all: readonly DocumentFault[]

  constructor(code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED', [fault, ...others]: readonly GraphQLError[]) {
    super(code, withoutSuggestion(fault?.message ?? 'The document cannot be validated.'))
    this.locations = fault?.locations
    this.all = [this, ...others.map((other) => new DocumentFault(code, [other]))]
  }
}

/**
 * Parses and validates a document, with the codes and limits of ApolloServer as it is set up here. Throws a coded error,
 * a DocumentFault where the document has a place that is at fault.
 */
export function parseOperation(schema: GraphQLSchema, query: string): DocumentNode {
  let document: DocumentNode
  try {
    document = parse(query, { maxTokens: operationLimits.tokens })
  } catch (error) {
    // The parser is recursive: a document of thousands of open brackets exhausts its stack.
    if (error instanceof RangeError) throw new CodedError('GRAPHQL_PARSE_FAILED', 'The document is nested too deeply.')
    if (!(error instanceof GraphQLError)) throw error
    throw new DocumentFault('GRAPHQL_PARSE_FAILED', [error])
  }
  // Before validation, which compares fields of one name in pairs.
  checkDocumentSize(document)
  const faults = validateSafely(schema, document)
  if (faults.length > 0) throw new DocumentFault('GRAPHQL_VALIDATION_FAILED', faults.slice(0, mostFaults))
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

/**
 * graphql 16 validates no field of an operation whose type the schema does not have, as a contract may have no
 * mutations. The specification has had this rule since September 2025.
 */
const operationTypeExists: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation)) return
    context.reportError(
      new GraphQLError(`The ${node.operation} operation is not supported by the schema.`, { nodes: node }),
    )
  },
})
const rules = [operationTypeExists, ...specifiedRules]

/** graphql 16 throws on `subscription ($x: Boolean!) { f @include(if: $x) }` instead of reporting it. */
function validateSafely(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules, { maxErrors: mostFaults })
  } catch (error) {
    // What else it may throw is not meant for clients.
    return [error instanceof GraphQLError ? error : new GraphQLError('The document cannot be validated.')]
  }
}
