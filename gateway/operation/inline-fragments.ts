import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/**
 * The operation with every fragment spread replaced by an inline fragment, so that later stages see fields where they
 * are selected. Call it after the limits are checked: it is they that bound the expansion.
 */
export function inlineFragments(document: DocumentNode, operation: OperationDefinitionNode): OperationDefinitionNode {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  )
  return { ...operation, selectionSet: inlineSelectionSet(operation.selectionSet, fragments) }
}

function inlineSelectionSet(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  return {
    ...selectionSet,
    selections: selectionSet.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value)
        if (fragment === undefined) throw new Error(`no fragment ${selection.name.value} in a validated document`)
        return {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: fragment.typeCondition,
          directives: selection.directives ?? [],
          selectionSet: inlineSelectionSet(fragment.selectionSet, fragments),
        }
      }
      return selection.selectionSet
        ? { ...selection, selectionSet: inlineSelectionSet(selection.selectionSet, fragments) }
        : selection
    }),
  }
}
