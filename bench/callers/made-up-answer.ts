import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql'

/** Items of a list whose length the query does not say, as those of a portal have about. */
const items = 3

/** An answer of the shape that a query without fragments asks for, to count the actual cost of. */
export function answerOf(schema: GraphQLSchema, document: DocumentNode): Record<string, unknown> {
  const [operation] = document.definitions
  const query = schema.getQueryType()
  if (operation?.kind !== Kind.OPERATION_DEFINITION || !query) throw new Error('the document has no query')
  return objectOf(query, operation.selectionSet, items)
}

function objectOf(
  type: GraphQLCompositeType,
  { selections }: SelectionSetNode,
  length: number,
): Record<string, unknown> {
  return Object.fromEntries(
    selections.flatMap((selection) => {
      if (selection.kind !== Kind.FIELD) throw new Error('fragments are not made up')
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined
      if (field === undefined) return []
      const named = getNamedType(field.type)
      const first = selection.arguments?.find(({ name }) => name.value === 'first')?.value
      const asked = first?.kind === Kind.INT ? Number(first.value) : items
      const one =
        selection.selectionSet && isCompositeType(named) ? objectOf(named, selection.selectionSet, asked) : 'value'
      const value = isListType(getNullableType(field.type)) ? Array.from({ length }, () => one) : one
      return [[selection.alias?.value ?? selection.name.value, value]]
    }),
  )
}
