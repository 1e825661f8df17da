import {
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  isTypeDefinitionNode,
  parse,
  printSchema,
} from 'graphql'

/** Definitions of what the text of a schema tells besides types; federation's scalar of scopes is a text to clients. */
const directiveDefinitions = parse(
  `
  "Asks for a caller who is known; every caller of this graph is."
  directive @authenticated on FIELD_DEFINITION | OBJECT
  "Asks for all scopes of one of these lists."
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT
  "What one value costs in points; without it an object costs 1, a scalar 0, a mutation 10 more."
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  "By what the cost of a list is multiplied: the largest of its slicing arguments, else the assumed size."
  directive @listSize(
    assumedSize: Int
    slicingArguments: [String!]
    sizedFields: [String!]
    requireOneSlicingArgument: Boolean = true
  ) on FIELD_DEFINITION
  "When something deprecated goes away, what to use instead, and when it answers an error as a notice."
  directive @sunset(date: String!, replacement: String, brownouts: [String!]) on FIELD_DEFINITION | ARGUMENT_DEFINITION
  `,
  { noLocation: true },
).definitions

const told: ReadonlySet<string> = new Set(['authenticated', 'requiresScopes', 'cost', 'listSize', 'sunset'])

/** The API schema as definitions, with the directives of the supergraph that tell clients of access, cost and sunset. */
export function describeWithDirectives(graph: {
  readonly apiSchema: GraphQLSchema
  readonly supergraphSchema: GraphQLSchema
}): DocumentNode {
  const { definitions } = parse(printSchema(graph.apiSchema), { noLocation: true })
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      ...directiveDefinitions,
      ...definitions.map((definition) =>
        isTypeDefinitionNode(definition)
          ? withDirectives(definition, graph.supergraphSchema.getType(definition.name.value)?.astNode)
          : definition,
      ),
    ],
  }
}

interface Element {
  readonly name: { readonly value: string }
  readonly directives?: readonly ConstDirectiveNode[] | undefined
  readonly fields?: readonly Element[] | undefined
  readonly arguments?: readonly Element[] | undefined
}

/** A definition and what is in it, each with the directives that its namesake in the supergraph has. */
function withDirectives<Node extends Element>(node: Node, source: Element | null | undefined): Node {
  if (!source) return node
  const own = (source.directives ?? []).filter(({ name }) => told.has(name.value))
  return {
    ...node,
    ...(node.fields && { fields: paired(node.fields, source.fields) }),
    ...(node.arguments && { arguments: paired(node.arguments, source.arguments) }),
    directives: [...(node.directives ?? []), ...own],
  }
}

function paired(members: readonly Element[], sources: readonly Element[] = []): readonly Element[] {
  const byName = new Map(sources.map((source) => [source.name.value, source]))
  return members.map((member) => withDirectives(member, byName.get(member.name.value)))
}
