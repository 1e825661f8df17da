import {
  type DocumentNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type TypeNode,
  parse,
  print,
} from 'graphql'
import { type GraphAsker, GraphUnreachable } from '../../../kit/ask-graph.ts'
import { refuse } from '../../../storage/mutate.ts'

/** A selection that can be kept. */
export interface Selection {
  readonly text: string
  readonly variables: readonly string[]
}

export const longestSelection = 10_000
const mostTokens = 2_000
const timeoutMs = 10_000
/** What a variable of these types is given when a selection is only checked. */
const samples: Readonly<Record<string, unknown>> = {
  ID: 'none',
  String: 'none',
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTimeISO: '2026-01-01T00:00:00.000Z',
}

const field = ['input', 'selection']
const unpublished =
  'The plan of the app runs only documents that it has published: publish this very selection, without blanks around it.'

/**
 * Checks a selection: one query whose variables are what events hold, and which the graph would run for the app. It is
 * reckoned and not run. Throws MutationRefused.
 */
export async function checkSelection(
  text: string,
  {
    appId,
    graph,
    isPublished,
  }: {
    readonly appId: string
    readonly graph: GraphAsker | undefined
    /** Whether the app has published this very text as a trusted document. */
    readonly isPublished: () => Promise<boolean>
  },
): Promise<Selection> {
  const { document, operation } = readSelection(text)
  const declared = (operation.variableDefinitions ?? []).map(({ variable, type }) => ({
    name: variable.name.value,
    type,
  }))
  for (const { name, type } of declared) {
    if (Object.hasOwn(samples, namedType(type))) continue
    const known = Object.keys(samples).join(', ')
    throw refuse('INVALID_SELECTION', field, `The variable $${name} has none of the types that events hold: ${known}.`)
  }
  if (graph === undefined) {
    throw refuse('SELECTION_UNAVAILABLE', field, 'This installation cannot run selections; leave it out.')
  }
  const variables = Object.fromEntries(declared.map(({ name, type }) => [name, sampleOf(type)]))
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const { errors = [] } = await graph.askAs(appId, { query: print(asDryRun(document, operation)), variables, signal })
    const [error] = errors
    if (error?.extensions?.['code'] === 'TRUSTED_DOCUMENT_REQUIRED') {
      // Of the question of the dry run, which nobody publishes; what will be sent is the selection itself.
      if (!(await isPublished())) throw refuse('INVALID_SELECTION', field, unpublished)
    } else if (error !== undefined) throw refuse('INVALID_SELECTION', field, `The graph refuses it: ${error.message}`)
  } catch (error) {
    if (!(error instanceof GraphUnreachable)) throw error
    throw refuse('SELECTION_UNAVAILABLE', field, 'The graph cannot be asked about the selection now; try again.')
  }
  return { text, variables: declared.map(({ name }) => name) }
}

function readSelection(text: string): { document: DocumentNode; operation: OperationDefinitionNode } {
  if (text.length > longestSelection) {
    throw refuse('INVALID_SELECTION', field, `A selection has at most ${longestSelection} characters.`)
  }
  try {
    const document = parse(text, { maxTokens: mostTokens })
    const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    const [operation] = operations
    if (operation !== undefined && operations.length === 1 && operation.operation === OperationTypeNode.QUERY) {
      return { document, operation }
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw refuse('INVALID_SELECTION', field, error.message)
  }
  throw refuse('INVALID_SELECTION', field, 'A selection is one query, such as query ($subject: ID!) { … }.')
}

/** The same query with a question that has the gateway reckon it instead of running it. */
function asDryRun(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const question = parse('{ tributaryDryRun: rateLimit(dryRun: true) { admitted } }').definitions[0]
  if (question?.kind !== Kind.OPERATION_DEFINITION) throw new Error('the question of a dry run is no operation')
  const asked: OperationDefinitionNode = {
    ...operation,
    selectionSet: {
      ...operation.selectionSet,
      selections: [...operation.selectionSet.selections, ...question.selectionSet.selections],
    },
  }
  return { ...document, definitions: document.definitions.map((node) => (node === operation ? asked : node)) }
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}

function sampleOf(type: TypeNode): unknown {
  if (type.kind === Kind.NON_NULL_TYPE) return sampleOf(type.type)
  return type.kind === Kind.LIST_TYPE ? [sampleOf(type.type)] : samples[type.name.value]
}
