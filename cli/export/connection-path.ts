import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  getNamedType,
  isObjectType,
  parse,
} from 'graphql'
import { UsageError } from '../usage-error.ts'

/** A connection of the graph, named from the root. */
export interface ConnectionPath {
  /** The fields from the root to the connection, with their arguments. */
  readonly fields: readonly FieldNode[]
  /** The type of the connection's nodes. */
  readonly nodeType: GraphQLObjectType
}

/**
 * Reads a path such as `skus(productId: "prod_…")` or `organization(id: "org_…").invoices(status: OPEN)`: fields with
 * their arguments as GraphQL writes them, parted by dots.
 */
export function readConnectionPath(schema: GraphQLSchema, text: string): ConnectionPath {
  const fields = parsePath(text)
  let type = schema.getQueryType()
  if (!type) throw new UsageError('The graph has no queries.')
  for (const { name } of fields) {
    const known: ReturnType<GraphQLObjectType['getFields']> = type.getFields()
    const field = known[name.value]
    if (field === undefined) {
      throw new UsageError(`${type.name} has no field ${name.value}. It has ${Object.keys(known).join(', ')}.`)
    }
    const next = getNamedType(field.type)
    if (!isObjectType(next)) throw new UsageError(`${type.name}.${name.value} is no list, its type is ${next.name}.`)
    type = next
  }
  const nodes = type.getFields()['nodes']
  const nodeType = nodes && 'pageInfo' in type.getFields() ? getNamedType(nodes.type) : undefined
  if (!isObjectType(nodeType)) {
    const lists = Object.values(type.getFields())
      .filter((field) => getNamedType(field.type).name.endsWith('Connection'))
      .map(({ name }) => name)
    const hint = lists.length > 0 ? ` It has the lists ${lists.join(', ')}.` : ''
    throw new UsageError(`${text} is no list with pages, its type is ${type.name}.${hint}`)
  }
  return { fields, nodeType }
}

/** `a(x: 1).b` is parsed as the selection `{ a(x: 1) { b } }`, so that texts and lists in arguments are GraphQL's. */
function parsePath(text: string): FieldNode[] {
  const steps = splitSteps(text)
  const source = `{ ${steps.join(' { ')} ${'}'.repeat(steps.length)}`
  try {
    const [definition] = parse(source, { noLocation: true }).definitions
    const fields: FieldNode[] = []
    let selections: SelectionSetNode | undefined =
      definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : undefined
    while (selections) {
      const [selection, ...others] = selections.selections
      if (selection?.kind !== Kind.FIELD || others.length > 0) throw new UsageError(`${text} must name one list.`)
      fields.push(selection)
      selections = selection.selectionSet
    }
    return fields
  } catch (error) {
    if (error instanceof GraphQLError) throw new UsageError(`${text} cannot be read: ${error.message}`)
    throw error
  }
}

/** The parts between dots that stand neither in an argument list nor in a text. */
function splitSteps(text: string): string[] {
  const steps = ['']
  let depth = 0
  let quoted = false
  for (let place = 0; place < text.length; place += 1) {
    const character = text.charAt(place)
    if (character === '"' && text[place - 1] !== '\\') quoted = !quoted
    if (!quoted && character === '(') depth += 1
    if (!quoted && character === ')') depth -= 1
    if (!quoted && depth === 0 && character === '.') steps.push('')
    else steps[steps.length - 1] += character
  }
  return steps
}
