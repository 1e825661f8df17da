import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql'
import type { RequiredSelection } from '../operation/query-plan.ts'
import type { Variables } from '../request.ts'
import type { DataObject } from './data.ts'
import { possibleTypes } from './possible-types.ts'

/**
 * Makes the representation of an entity that a subgraph asks for: its `__typename` and the required fields. Null when
 * the data does not have them, which means that the entity cannot be fetched there.
 */
export type RepresentationMaker = (data: DataObject, variables: Variables) => DataObject | null

/** Says of an object whether it has all that is required, and adds it to the representation. */
type Part = (data: DataObject, into: DataObject, variables: Variables) => boolean

/** Compiles what a fetch requires of its entities. */
export function createRepresentationMaker(
  schema: GraphQLSchema,
  selections: readonly RequiredSelection[],
): RepresentationMaker {
  const parts = selections.map((selection) => compile(schema, selection))
  return (data, variables) => {
    const representation: DataObject = {}
    for (const part of parts) if (!part(data, representation, variables)) return null
    for (const _key in representation) return representation
    return null
  }
}

function compile(schema: GraphQLSchema, selection: RequiredSelection): Part {
  if (selection.kind === 'fragment') return compileFragment(schema, selection)
  const { name, responseKey, selections } = selection
  const make = selections && createRepresentationMaker(schema, selections)
  return (data, into, variables) => {
    const value = data[responseKey]
    if (value === undefined || typeof value === 'function') return false
    const required = make ? requiredOf(value, make, variables) : value
    if (required === undefined) return false
    into[name] = required
    return true
  }
}

function compileFragment(
  schema: GraphQLSchema,
  { type, selections, skipIf, includeIf }: Extract<RequiredSelection, { kind: 'fragment' }>,
): Part {
  const make = createRepresentationMaker(schema, selections)
  const types = type === null ? null : possibleTypes(schema, [type])
  return (data, into, variables) => {
    if (types !== null && !types.has(String(data['__typename']))) return true
    if (skipIf !== undefined && variables[skipIf] === true) return true
    if (includeIf !== undefined && variables[includeIf] !== true) return true
    // What one fragment lacks, another may have: an entity can have several keys.
    const inner = make(data, variables)
    if (inner) Object.assign(into, inner)
    return true
  }
}

/** Undefined when something is missing; null and lists as they are. */
function requiredOf(value: unknown, make: RepresentationMaker, variables: Variables): unknown {
  if (value === null) return null
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => requiredOf(item, make, variables))
    return items.includes(undefined) ? undefined : items
  }
  return typeof value === 'object' ? (make(value as DataObject, variables) ?? undefined) : undefined
}

/** Whether an object of type `typename` is a `condition`: the type itself, or an interface or union that it is in. */
export function matchesType(schema: GraphQLSchema, condition: string, typename: unknown): boolean {
  if (condition === typename) return true
  if (typeof typename !== 'string') return false
  const abstract = schema.getType(condition)
  const type = schema.getType(typename)
  return isAbstractType(abstract) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(abstract, type)
}
