import { type DefinitionNode, type DocumentNode, Kind, type NameNode, print, visit } from 'graphql'

/** What federation adds to a schema by itself, which a published text does not have. */
const federationNames = /^(_Any|_Entity|_Service|link__\w+|federation__\w+)$/
const federationFields: ReadonlySet<string> = new Set(['Query._service', 'Query._entities'])

/**
 * What two texts of one subgraph's schema do not have in common, each as one sentence; order, descriptions and how
 * types are split into extensions do not count, nor does what federation adds. Meant for a schema that was published
 * and the one that the subgraph says it runs.
 */
export function sdlDifferences(published: DocumentNode, served: DocumentNode): readonly string[] {
  const [ours, theirs] = [membersOf(published), membersOf(served)]
  const missing = [...ours].filter(([name]) => !theirs.has(name)).map(([name]) => `It does not have ${name}.`)
  const unknown = [...theirs]
    .filter(([name]) => !ours.has(name))
    .map(([name]) => `It has ${name}, which was not published.`)
  const others = [...ours].flatMap(([name, form]) => {
    const other = theirs.get(name)
    return other === undefined || other === form ? [] : [`It has ${name} as ${other}, published is ${form}.`]
  })
  return [...missing, ...others, ...unknown]
}

interface Member {
  readonly kind: Kind
  readonly name: NameNode
}

/** Types, fields, arguments and values by their coordinate, with what clients see of each. */
function membersOf(document: DocumentNode): ReadonlyMap<string, string> {
  const members = new Map<string, string>()
  for (const definition of document.definitions) {
    const name = nameOf(definition)
    if (name === undefined || federationNames.test(name)) continue
    members.set(name, 'a type')
    visit(definition, {
      FieldDefinition: (field) => {
        const coordinate = `${name}.${field.name.value}`
        if (federationFields.has(coordinate)) return false
        const given = (field.arguments ?? []).map((argument) => withType(argument, print(argument.type))).toSorted()
        members.set(coordinate, `${print(field.type)}${given.length > 0 ? ` (${given.join(', ')})` : ''}`)
        return false
      },
      InputValueDefinition: (value) => void members.set(`${name}.${value.name.value}`, print(value.type)),
      EnumValueDefinition: (value) => void members.set(`${name}.${value.name.value}`, 'a value'),
    })
  }
  // A root type that holds nothing but what federation adds is not in a published text.
  if (![...members.keys()].some((member) => member.startsWith('Query.'))) members.delete('Query')
  return members
}

function withType({ name }: Member, type: string): string {
  return `${name.value}: ${type}`
}

function nameOf(definition: DefinitionNode): string | undefined {
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION:
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.UNION_TYPE_EXTENSION:
    case Kind.SCALAR_TYPE_DEFINITION:
    case Kind.SCALAR_TYPE_EXTENSION:
      return definition.name.value
    default:
      return undefined
  }
}
