import {
  type ConstDirectiveNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** How long an answer may be kept, and for whom: for all who may see the same fields, or for who asked. */
export interface CachePolicy {
  readonly maxAgeSeconds: number
  readonly scope: 'PUBLIC' | 'PRIVATE'
}

/** What one `@cacheControl` says. */
interface Hint {
  readonly maxAge: number | undefined
  readonly scope: string | undefined
  readonly inherits: boolean
}

const noHint: Hint = { maxAge: undefined, scope: undefined, inherits: false }

/**
 * The cache policy of a query whose fragments are inlined, from `@cacheControl` in the supergraph as Apollo defines it:
 * the least age of all fields counts, and one private field makes all of it private. A root field or an object that no
 * directive speaks of has age 0, so nothing is kept unless the schema says so: the policy is then null. A value takes
 * the age of its object, and so does an object whose type inherits, but only where a subgraph of the object's own field
 * answers it: that others have declared nothing must not make their fields last.
 */
export function cachePolicyOf(supergraph: GraphQLSchema, operation: OperationDefinitionNode): CachePolicy | null {
  const rootType = supergraph.getQueryType()
  if (operation.operation !== OperationTypeNode.QUERY || !rootType) return null
  let least = Infinity
  let isPrivate = false
  const visitField = (field: FieldNode, type: GraphQLCompositeType, parent: Parent): void => {
    const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field.name.value] : undefined
    // `__typename` is known without asking anyone.
    if (definition === undefined) return
    const returned = getNamedType(definition.type)
    const own = hintOf(definition.astNode?.directives)
    const ofType = isCompositeType(returned) ? hintOf(returned.astNode?.directives) : noHint
    const subgraphs = subgraphsOf(definition, type)
    const ofParent = subgraphs.some((name) => parent.subgraphs.includes(name))
    const inherits = own.inherits || (ofParent && (ofType.inherits || !isCompositeType(returned)))
    const age = own.maxAge ?? ofType.maxAge ?? (inherits ? parent.age : null) ?? 0
    least = Math.min(least, age)
    isPrivate ||= own.scope === 'PRIVATE' || (own.scope === undefined && ofType.scope === 'PRIVATE')
    if (field.selectionSet && isCompositeType(returned)) visitSet(field.selectionSet, returned, { age, subgraphs })
  }
  const visitSet = (set: SelectionSetNode, type: GraphQLCompositeType, parent: Parent): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) visitField(selection, type, parent)
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const named = selection.typeCondition ? supergraph.getType(selection.typeCondition.name.value) : type
        visitSet(selection.selectionSet, isCompositeType(named) ? named : type, parent)
      }
    }
  }
  visitSet(operation.selectionSet, rootType, { age: null, subgraphs: [] })
  if (least <= 0 || least === Infinity) return null
  return { maxAgeSeconds: least, scope: isPrivate ? 'PRIVATE' : 'PUBLIC' }
}

/** The age and the subgraphs of the object that a field stands on; an operation's root has no age. */
interface Parent {
  readonly age: number | null
  readonly subgraphs: readonly string[]
}

function hintOf(directives: readonly ConstDirectiveNode[] | undefined): Hint {
  const directive = directives?.find(({ name }) => name.value === 'cacheControl')
  if (directive === undefined) return noHint
  const value = (name: string) => directive.arguments?.find((argument) => argument.name.value === name)?.value
  const [maxAge, scope, inherits] = [value('maxAge'), value('scope'), value('inheritMaxAge')]
  return {
    maxAge: maxAge?.kind === Kind.INT ? Number(maxAge.value) : undefined,
    scope: scope?.kind === Kind.ENUM ? scope.value : undefined,
    inherits: inherits?.kind === Kind.BOOLEAN && inherits.value,
  }
}

/** The subgraphs that can answer a field, by the names that the supergraph gives them. */
function subgraphsOf({ astNode }: GraphQLField<unknown, unknown>, type: GraphQLCompositeType): readonly string[] {
  const ofField = graphsIn(astNode?.directives, 'join__field')
  return ofField.length > 0 ? ofField : graphsIn(type.astNode?.directives, 'join__type')
}

function graphsIn(directives: readonly ConstDirectiveNode[] | undefined, name: string): string[] {
  return (directives ?? []).flatMap((directive) => {
    if (directive.name.value !== name) return []
    const value = (wanted: string) => directive.arguments?.find((argument) => argument.name.value === wanted)?.value
    const [graph, external] = [value('graph'), value('external')]
    if (external?.kind === Kind.BOOLEAN && external.value) return []
    return graph?.kind === Kind.ENUM ? [graph.value] : []
  })
}
