import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  getNamedType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { CodedError } from '../../kit/errors.ts'
import { type Condition, anyOccurrence, conditionOf } from '../operation/condition.ts'
import type { Variables } from '../request.ts'
import { type DataObject, type ResponsePath, isObject } from './data.ts'
import { matchesType } from './representation.ts'

/** A field of the answer: from which key it comes, how it must look, and what is selected below it. */
interface ProjectedField {
  readonly responseKey: string
  /** Null for `__typename`, whose value is known without any data. */
  readonly type: GraphQLOutputType | null
  readonly included: (variables: Variables) => boolean
  readonly selection: Selection | null
}

interface Projecting {
  readonly variables: Variables
  readonly errors: CodedError[]
}

/**
 * Turns the data that plans have put together into exactly what the operation selected, in its order, as JSON text
 * (`null` when a value that cannot be null is missing up to the root).
 */
export type Projection = (data: DataObject, variables: Variables) => { text: string; errors: CodedError[] }

/**
 * Compiles the projection of an operation whose fragments are inlined: aliases, type conditions, `@skip`/`@include`,
 * `__typename`, enum values that the API schema does not have, and null propagation. What was not fetched is null.
 */
export function createProjection(apiSchema: GraphQLSchema, operation: OperationDefinitionNode): Projection {
  const rootType = apiSchema.getRootType(operation.operation)
  if (!rootType) throw new Error(`the API schema has no ${operation.operation} type`)
  const selection = new Selection(apiSchema, rootType, [operation.selectionSet])
  return (data, variables) => {
    const projecting: Projecting = { variables, errors: [] }
    return { text: JSON.stringify(projectObject(selection, data, projecting, [])), errors: projecting.errors }
  }
}

/** What is selected on a type; the fields are worked out per object type, on first use. */
class Selection {
  readonly #schema: GraphQLSchema
  readonly #type: GraphQLCompositeType
  readonly #sets: readonly SelectionSetNode[]
  readonly #fields = new Map<string, readonly ProjectedField[]>()

  constructor(schema: GraphQLSchema, type: GraphQLCompositeType, sets: readonly SelectionSetNode[]) {
    this.#schema = schema
    this.#type = type
    this.#sets = sets
  }

  /** The object type of some data: the only possible one, or what its `__typename` says. */
  typeNameOf(data: Readonly<DataObject>): string | null {
    if (isObjectType(this.#type)) return this.#type.name
    return typeof data['__typename'] === 'string' ? data['__typename'] : null
  }

  fieldsFor(typeName: string): readonly ProjectedField[] {
    let fields = this.#fields.get(typeName)
    if (fields === undefined) {
      fields = this.#collect(typeName)
      this.#fields.set(typeName, fields)
    }
    return fields
  }

  #collect(typeName: string): readonly ProjectedField[] {
    const type = this.#schema.getType(typeName)
    if (!isObjectType(type)) return []
    const nodes = new Map<string, { node: FieldNode; conditions: Condition[] }[]>()
    const visitSet = (set: SelectionSetNode, conditions: readonly Condition[]): void => {
      for (const selection of set.selections) {
        const own = conditionOf(selection.directives)
        const all = own === null ? conditions : [...conditions, own]
        if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('fragments must be inlined before projection')
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value
          if (condition === undefined || matchesType(this.#schema, condition, typeName)) {
            visitSet(selection.selectionSet, all)
          }
          continue
        }
        const key = selection.alias?.value ?? selection.name.value
        nodes.set(key, [...(nodes.get(key) ?? []), { node: selection, conditions: [...all] }])
      }
    }
    for (const set of this.#sets) visitSet(set, [])
    return [...nodes].flatMap(([responseKey, found]): ProjectedField[] => {
      const name = found[0]?.node.name.value ?? responseKey
      const returned = name === '__typename' ? null : type.getFields()[name]?.type
      if (returned === undefined) return []
      const included = anyOccurrence(found.map(({ conditions }) => conditions))
      if (returned === null) return [{ responseKey, type: null, included, selection: null }]
      const named = getNamedType(returned)
      const sets = found.flatMap(({ node }) => (node.selectionSet ? [node.selectionSet] : []))
      const selection = isCompositeType(named) ? new Selection(this.#schema, named, sets) : null
      return [{ responseKey, type: returned, included, selection }]
    })
  }
}

function projectObject(
  selection: Selection,
  data: Readonly<DataObject>,
  projecting: Projecting,
  path: ResponsePath,
): DataObject | null {
  const typeName = selection.typeNameOf(data)
  if (typeName === null) return null
  const result: DataObject = {}
  for (const field of selection.fieldsFor(typeName)) {
    if (!field.included(projecting.variables)) continue
    const value =
      field.type === null
        ? typeName
        : projectValue(field, field.type, data[field.responseKey], projecting, [...path, field.responseKey])
    if (value === propagatedNull) return null
    result[field.responseKey] = value
  }
  return result
}

/** Says that the parent must become null because a non-null value below it is missing. */
const propagatedNull = Symbol('propagated null')

function projectValue(
  field: ProjectedField,
  type: GraphQLOutputType,
  value: unknown,
  projecting: Projecting,
  path: ResponsePath,
): unknown {
  if (isNonNullType(type)) {
    const errorsBefore = projecting.errors.length
    const inner = projectValue(field, type.ofType, value, projecting, path)
    if (inner !== null) return inner
    // One error for the value that is missing, none for the parents that become null because of it.
    if (projecting.errors.length === errorsBefore) {
      projecting.errors.push(new CodedError('INTERNAL', 'A value that cannot be null is missing.', {}, path))
    }
    return propagatedNull
  }
  if (value === undefined || value === null) return null
  if (isListType(type)) {
    if (!Array.isArray(value)) return null
    const items: unknown[] = []
    for (const [index, item] of value.entries()) {
      const projected = projectValue(field, type.ofType, item, projecting, [...path, index])
      if (projected === propagatedNull) return null
      items.push(projected)
    }
    return items
  }
  if (field.selection) return isObject(value) ? projectObject(field.selection, value, projecting, path) : null
  if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) ? value : null
  return value
}
