import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  getLocation,
} from 'graphql'

/** A place in a document, from 1. */
export interface DocumentPlace {
  readonly line: number
  readonly column: number
}

/** Where a node is written. */
export function placeOfNode({ loc }: ASTNode): DocumentPlace {
  return loc === undefined ? { line: 1, column: 1 } : getLocation(loc.source, loc.start)
}

/** Where a field of an answer is asked for, by its response path; where the operation begins if it is not found. */
export function placeOfPath(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  path: readonly string[],
): DocumentPlace {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  )
  const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection): FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection]
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet)
      const fragment = fragments.get(selection.name.value)
      return fragment ? fieldsOf(fragment.selectionSet) : []
    })
  let found: readonly FieldNode[] = []
  let sets: readonly SelectionSetNode[] = [operation.selectionSet]
  for (const key of path) {
    found = sets.flatMap(fieldsOf).filter(({ alias, name }) => (alias ?? name).value === key)
    sets = found.flatMap(({ selectionSet }) => selectionSet ?? [])
  }
  return placeOfNode(found[0] ?? operation)
}
