import type { QueryPlanSelectionNode } from '@apollo/query-planner/dist/QueryPlan.js'
import { type GraphQLSchema, isAbstractType, isObjectType } from 'graphql'
import type { DataObject } from './data.ts'

/**
 * The representation of an entity that a subgraph asks for (`requires`): its `__typename` and the selected fields.
 * Null when the data does not have them, which means that the entity cannot be fetched there.
 */
export function representationOf(
  schema: GraphQLSchema,
  data: DataObject,
  selections: readonly QueryPlanSelectionNode[],
): DataObject | null {
  const result: DataObject = Object.create(null) as DataObject
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const key = selection.alias ?? selection.name
      const value = data[key]
      if (value === undefined) return null
      const selected = selectValue(schema, value, selection.selections)
      if (selected === missing) return null
      result[key] = selected
      continue
    }
    if (selection.typeCondition && !matchesType(schema, selection.typeCondition, data['__typename'])) continue
    const inner = representationOf(schema, data, selection.selections)
    if (inner) Object.assign(result, inner)
  }
  return Object.keys(result).length > 0 ? result : null
}

const missing = Symbol('missing')

function selectValue(
  schema: GraphQLSchema,
  value: unknown,
  selections: readonly QueryPlanSelectionNode[] | undefined,
): unknown {
  if (selections === undefined || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => selectValue(schema, item, selections))
    return items.includes(missing) ? missing : items
  }
  return representationOf(schema, value as DataObject, selections) ?? missing
}

/** Whether an object of type `typename` is a `condition`: the type itself, or an interface or union that it is in. */
export function matchesType(schema: GraphQLSchema, condition: string, typename: unknown): boolean {
  if (condition === typename) return true
  if (typeof typename !== 'string') return false
  const abstract = schema.getType(condition)
  const object = schema.getType(typename)
  return isAbstractType(abstract) && isObjectType(object) && schema.isSubType(abstract, object)
}
