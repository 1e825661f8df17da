import {
  type DefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type NamedTypeNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  type TypeNode,
  isTypeDefinitionNode,
} from 'graphql'

type Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

const roots = ['Query', 'Mutation', 'Subscription']

/**
 * What is left of a schema when only some fields may be asked for: those fields, what they take and return, and nothing
 * that cannot be reached through them. A field whose object has no field left is not there either. `Query` always
 * remains, for there is no schema without it.
 */
export function visibleDefinitions(
  definitions: readonly DefinitionNode[],
  mayAsk: (typeName: string, field: string) => boolean,
): DefinitionNode[] {
  const types = new Map(definitions.filter(isTypeDefinitionNode).map((type) => [type.name.value, type]))
  const fielded = [...types.values()].filter(isFielded)
  const asked = new Map(
    fielded.map((type) => [
      type.name.value,
      (type.fields ?? []).filter((field) => mayAsk(type.name.value, field.name.value)),
    ]),
  )
  const dead = deadTypes(types, asked)
  const fieldsOf = (typeName: string): FieldDefinitionNode[] =>
    (asked.get(typeName) ?? []).filter((field) => !dead.has(namedType(field.type)))
  const reached = reachableTypes(types, fieldsOf, dead)
  const remains = ({ name }: NamedTypeNode): boolean => reached.has(name.value)

  return definitions.flatMap((definition): DefinitionNode[] => {
    if (!isTypeDefinitionNode(definition)) return [definition]
    if (!reached.has(definition.name.value)) return []
    if (isFielded(definition)) {
      const interfaces = (definition.interfaces ?? []).filter(remains)
      return [{ ...definition, interfaces, fields: fieldsOf(definition.name.value) }]
    }
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      return [{ ...definition, types: (definition.types ?? []).filter(remains) }]
    }
    return [definition]
  })
}

/** Types of which nothing can be asked, and those that consist of them alone. */
function deadTypes(
  types: ReadonlyMap<string, TypeDefinitionNode>,
  asked: ReadonlyMap<string, readonly FieldDefinitionNode[]>,
): ReadonlySet<string> {
  const dead = new Set<string>()
  const isDead = (type: TypeDefinitionNode): boolean => {
    if (isFielded(type)) return (asked.get(type.name.value) ?? []).every((field) => dead.has(namedType(field.type)))
    return type.kind === Kind.UNION_TYPE_DEFINITION && (type.types ?? []).every(({ name }) => dead.has(name.value))
  }
  for (let before = -1; before !== dead.size;) {
    before = dead.size
    for (const type of types.values()) if (isDead(type)) dead.add(type.name.value)
  }
  return dead
}

function reachableTypes(
  types: ReadonlyMap<string, TypeDefinitionNode>,
  fieldsOf: (typeName: string) => readonly FieldDefinitionNode[],
  dead: ReadonlySet<string>,
): ReadonlySet<string> {
  const reached = new Set<string>()
  const reachInputs = (values: readonly InputValueDefinitionNode[]): void => {
    for (const { type } of values) reach(namedType(type), 'taken')
  }
  const reach = (name: string, how: 'returned' | 'taken' | 'implemented'): void => {
    const type = types.get(name)
    if (type === undefined || dead.has(name)) return
    if (how === 'returned' && type.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      for (const other of types.values()) if (implementsType(other, name)) reach(other.name.value, 'returned')
    }
    if (reached.has(name)) return
    reached.add(name)
    if (isFielded(type)) {
      for (const { name: implemented } of type.interfaces ?? []) reach(implemented.value, 'implemented')
      for (const field of fieldsOf(name)) {
        reachInputs(field.arguments ?? [])
        reach(namedType(field.type), 'returned')
      }
    }
    if (type.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of type.types ?? []) reach(member.name.value, 'returned')
    }
    if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) reachInputs(type.fields ?? [])
  }
  for (const root of roots) reach(root, 'taken')
  // Not reached when nothing of it may be asked.
  return reached.add('Query')
}

function isFielded(type: TypeDefinitionNode): type is Fielded {
  return type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION
}

function implementsType(type: TypeDefinitionNode, name: string): boolean {
  return type.kind === Kind.OBJECT_TYPE_DEFINITION && (type.interfaces ?? []).some((each) => each.name.value === name)
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}
