import { type FieldNode, Kind, type OperationDefinitionNode, OperationTypeNode, type SelectionNode } from 'graphql'

/** The `__schema` and `__type` fields of an operation, which the gateway answers itself; null when there are none. */
export function introspectionPart(operation: OperationDefinitionNode): OperationDefinitionNode | null {
  return keepSelections(operation, isIntrospection)
}

/** The `rateLimit` fields of a query, which the gateway answers itself too; null when there are none. */
export function rateLimitPart(operation: OperationDefinitionNode): OperationDefinitionNode | null {
  return operation.operation === OperationTypeNode.QUERY ? keepSelections(operation, isRateLimit) : null
}

/** The operation without what the gateway answers itself; null when nothing else is selected. */
export function dataPart(operation: OperationDefinitionNode): OperationDefinitionNode | null {
  const isQuery = operation.operation === OperationTypeNode.QUERY
  return keepSelections(operation, (field) => !isIntrospection(field) && !(isQuery && isRateLimit(field)))
}

/** Whether an operation asks anything that the gateway answers itself. */
export function hasRateLimitOrIntrospection(operation: OperationDefinitionNode): boolean {
  return introspectionPart(operation) !== null || rateLimitPart(operation) !== null
}

function isRateLimit(field: FieldNode): boolean {
  return field.name.value === 'rateLimit'
}

function isIntrospection(field: FieldNode): boolean {
  return field.name.value === '__schema' || field.name.value === '__type'
}

function keepSelections(
  operation: OperationDefinitionNode,
  keep: (field: FieldNode) => boolean,
): OperationDefinitionNode | null {
  const filter = (selections: readonly SelectionNode[]): SelectionNode[] =>
    selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return keep(selection) ? [selection] : []
      if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('fragments must be inlined first')
      const inner = filter(selection.selectionSet.selections)
      if (inner.length === 0) return []
      return [{ ...selection, selectionSet: { ...selection.selectionSet, selections: inner } }]
    })
  const selections = filter(operation.selectionSet.selections)
  return selections.length === 0 ? null : { ...operation, selectionSet: { ...operation.selectionSet, selections } }
}
