import {
  type DocumentNode,
  Kind,
  type NameNode,
  type StringValueNode,
  type TypeSystemDefinitionNode,
  type TypeSystemExtensionNode,
} from 'graphql'

interface Described {
  readonly name: NameNode
  readonly description?: StringValueNode | undefined
}

/**
 * Coordinates of types, fields, arguments, enum values and input fields without a description. The root types and
 * types of other subgraphs that are only extended are described elsewhere, but what is added to them is not.
 */
export function findUndescribed(document: DocumentNode): string[] {
  return document.definitions.flatMap((definition) => {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_DEFINITION:
        return [...(roots.has(definition.name.value) ? [] : missing('', definition)), ...undescribedMembers(definition)]
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_EXTENSION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      case Kind.ENUM_TYPE_EXTENSION:
        return undescribedMembers(definition)
      default:
        return []
    }
  })
}

const roots = new Set(['Query', 'Mutation', 'Subscription'])

function undescribedMembers(type: TypeSystemDefinitionNode | TypeSystemExtensionNode): string[] {
  if (!('name' in type) || type.name === undefined) return []
  const prefix = `${type.name.value}.`
  return membersOf(type).flatMap((member) => [
    ...missing(prefix, member),
    ...('arguments' in member ? (member.arguments ?? []) : []).flatMap((argument) =>
      missing(`${prefix}${member.name.value}:`, argument),
    ),
  ])
}

function membersOf(type: TypeSystemDefinitionNode | TypeSystemExtensionNode) {
  switch (type.kind) {
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
      return type.values ?? []
    default:
      return 'fields' in type ? (type.fields ?? []) : []
  }
}

function missing(prefix: string, { name, description }: Described): string[] {
  return description?.value.trim() ? [] : [`${prefix}${name.value}`]
}
