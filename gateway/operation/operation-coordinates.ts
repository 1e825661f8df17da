import { createHash } from 'node:crypto'
import {
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import type { DeprecatedUse } from './deprecations.ts'

/** The parts of the graph that an operation asks for. */
export interface OperationCoordinates {
  /** Equal for operations that ask for the same, however they are written. */
  readonly id: string
  /** Fields as `Type.field` and the arguments given to them as `Type.field(argument:)`, sorted, each once. */
  readonly coordinates: readonly string[]
  /** Those that go away, as clients are told; left out where there are none. */
  readonly deprecated?: readonly DeprecatedUse[]
}

export const noCoordinates: OperationCoordinates = { id: '', coordinates: [] }

/**
 * What an operation uses of the schema, for usage: worked out once when it is prepared. A field of an interface is the
 * interface's, as the client has written it. Fragments must be inlined.
 */
export function operationCoordinates(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode | null,
): OperationCoordinates {
  const root = operation && schema.getRootType(operation.operation)
  if (!root) return noCoordinates
  const found = new Set<string>()
  const visit = ({ selections }: SelectionSetNode, typeName: string): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        visit(selection.selectionSet, selection.typeCondition?.name.value ?? typeName)
        continue
      }
      if (selection.kind !== Kind.FIELD || selection.name.value.startsWith('__')) continue
      const type = schema.getType(typeName)
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined
      if (field === undefined) continue
      const coordinate = `${typeName}.${field.name}`
      found.add(coordinate)
      for (const { name } of selection.arguments ?? []) found.add(`${coordinate}(${name.value}:)`)
      if (selection.selectionSet) visit(selection.selectionSet, getNamedType(field.type).name)
    }
  }
  visit(operation.selectionSet, root.name)
  const coordinates = [...found].toSorted()
  return { id: createHash('sha256').update(coordinates.join(' ')).digest('base64url').slice(0, 16), coordinates }
}
