import { type ASTNode, type DocumentNode, type GraphQLError, getLocation } from 'graphql'

/** A place in a text, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export const beginning: Place = { line: 1, column: 1 }

/** Where a coordinate (`Type`, `Type.field`, `Type.field(argument:)`, `Enum.VALUE`) is written; else the beginning. */
export function placeOf(document: DocumentNode | null, coordinate: string | null): Place {
  if (document === null || coordinate === null) return beginning
  const [typeName = '', member, argument] = coordinate.split(/[.(:]+/)
  let best: ASTNode | undefined
  for (const definition of document.definitions) {
    if (!('name' in definition) || definition.name?.value !== typeName) continue
    best ??= definition.name
    const members: readonly { name: { value: string } }[] = [
      ...('fields' in definition ? (definition.fields ?? []) : []),
      ...('values' in definition ? (definition.values ?? []) : []),
    ]
    const found = members.find(({ name }) => name.value === member)
    if (found === undefined) continue
    const args = 'arguments' in found ? (found.arguments as readonly { name: ASTNode & { value: string } }[]) : []
    return placeOfNode(
      args.find(({ name }) => name.value === argument)?.name ?? (found.name as ASTNode & typeof found.name),
    )
  }
  return best === undefined ? beginning : placeOfNode(best)
}

export function placeOfNode(node: ASTNode): Place {
  return node.loc === undefined ? beginning : getLocation(node.loc.source, node.loc.start)
}

/** Where an error of graphql-js points to. */
export function placeOfError({ locations, nodes }: GraphQLError): Place {
  const [first] = locations ?? []
  if (first) return first
  const [node] = nodes ?? []
  return node ? placeOfNode(node) : beginning
}
