import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'

/** An operation that asks for some fields of one type, by the shortest way that a schema has to that type. */
export interface CoordinateOperation {
  readonly operation: OperationDefinitionNode
  readonly typeName: string
  /** The response path to the type's selection. */
  readonly path: readonly string[]
  readonly fields: readonly string[]
}

type Field = GraphQLField<unknown, unknown>

interface Way {
  readonly root: OperationTypeNode
  readonly steps: readonly { readonly field: Field; readonly on: string | null }[]
}

/** Every coordinate of a schema's object types, introspection's own left out. */
export function coordinatesOf(schema: GraphQLSchema): Set<string> {
  return new Set(
    Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter(({ name }) => !name.startsWith('__'))
      .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)),
  )
}

/** The shortest way to each object type of a schema. */
export function waysTo(schema: GraphQLSchema): ReadonlyMap<string, Way> {
  const ways = new Map<string, Way>()
  for (const root of Object.values(OperationTypeNode)) {
    const type = schema.getRootType(root)
    if (type) ways.set(type.name, { root, steps: [] })
  }
  // A map is walked in the order of insertion, what is added on the way included: breadth first.
  for (const [typeName, way] of ways) {
    for (const field of Object.values(fieldsOf(schema, typeName))) {
      const returned = getNamedType(field.type)
      const objects = isObjectType(returned)
        ? [returned]
        : isAbstractType(returned)
          ? schema.getPossibleTypes(returned)
          : []
      for (const { name } of objects) {
        if (ways.has(name)) continue
        ways.set(name, { root: way.root, steps: [...way.steps, { field, on: isAbstractType(returned) ? name : null }] })
      }
    }
  }
  return ways
}

/**
 * Operations that ask for fields of one type, at most 25 each. The way there and what is selected below a field with an
 * object are taken from `known`, the schema of who asks; the fields themselves from `whole`.
 */
export function operationsFor(
  { whole, known, ways }: { whole: GraphQLSchema; known: GraphQLSchema; ways: ReadonlyMap<string, Way> },
  typeName: string,
  names: readonly string[],
): CoordinateOperation[] {
  const way = ways.get(typeName)
  if (way === undefined) throw new Error(`no way to ${typeName}`)
  // A subscription has one root field.
  const size = way.root === OperationTypeNode.SUBSCRIPTION && way.steps.length === 0 ? 1 : 25
  const chunks = Array.from({ length: Math.ceil(names.length / size) }, (_, index) =>
    names.slice(index * size, (index + 1) * size),
  )
  return chunks.map((fields) => {
    const asked = fields.map((name): SelectionNode => {
      const field = fieldsOf(whole, typeName)[name]
      if (field === undefined) throw new Error(`no field ${typeName}.${name}`)
      return selectionOf(
        field,
        isCompositeType(getNamedType(field.type)) ? leafOf(known, getNamedType(field.type).name) : undefined,
      )
    })
    const inner = way.steps.reduceRight<SelectionSetNode>(
      (selectionSet, { field, on }) =>
        setOf([selectionOf(field, on === null ? selectionSet : setOf([fragmentOn(on, selectionSet)]))]),
      setOf(asked),
    )
    return {
      operation: { kind: Kind.OPERATION_DEFINITION, operation: way.root, selectionSet: inner },
      typeName,
      path: way.steps.map(({ field }) => field.name),
      fields,
    }
  })
}

/** Something below an object that costs least: a scalar of it, else the way to one, else what is always there. */
function leafOf(schema: GraphQLSchema, typeName: string, seen: readonly string[] = []): SelectionSetNode {
  const fields = Object.values(fieldsOf(schema, typeName))
  const scalar = fields.find(({ type }) => !isCompositeType(getNamedType(type)))
  if (scalar) return setOf([selectionOf(scalar)])
  const deeper = fields.find(({ type }) => !seen.includes(getNamedType(type).name))
  if (!deeper) return setOf([selectionNamed('__typename')])
  return setOf([selectionOf(deeper, leafOf(schema, getNamedType(deeper.type).name, [...seen, typeName]))])
}

export function fieldsOf(schema: GraphQLSchema, typeName: string): Readonly<Record<string, Field>> {
  const type = schema.getType(typeName)
  return isObjectType(type) ? type.getFields() : {}
}

function selectionOf(field: Field, selectionSet?: SelectionSetNode): FieldNode {
  const args = field.args.filter(isRequiredArgument).map(({ name, type }) => ({
    kind: Kind.ARGUMENT as const,
    name: { kind: Kind.NAME as const, value: name },
    value: literalOf(type),
  }))
  return { ...selectionNamed(field.name), arguments: args, ...(selectionSet && { selectionSet }) }
}

function selectionNamed(name: string): FieldNode {
  return { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } }
}

function setOf(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections }
}

function fragmentOn(typeName: string, selectionSet: SelectionSetNode): SelectionNode {
  const typeCondition = { kind: Kind.NAMED_TYPE as const, name: { kind: Kind.NAME as const, value: typeName } }
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet }
}

/** The least that an argument accepts. */
function literalOf(type: GraphQLInputType): ValueNode {
  if (isNonNullType(type)) return literalOf(type.ofType)
  if (isListType(type)) return { kind: Kind.LIST, values: [] }
  if (isEnumType(type)) return { kind: Kind.ENUM, value: type.getValues()[0]?.name ?? '' }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequiredInputField)
    return {
      kind: Kind.OBJECT,
      fields: fields.map((field) => ({
        kind: Kind.OBJECT_FIELD,
        name: { kind: Kind.NAME, value: field.name },
        value: literalOf(field.type),
      })),
    }
  }
  if (type.name === 'Boolean') return { kind: Kind.BOOLEAN, value: false }
  if (type.name === 'Int' || type.name === 'Float') return { kind: Kind.INT, value: '1' }
  return { kind: Kind.STRING, value: type.name === 'DateTimeISO' ? '2026-11-02T09:30:00.000Z' : 'x' }
}
