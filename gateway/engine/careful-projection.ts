import {
  type GraphQLLeafType,
  type GraphQLOutputType,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { CodedError } from '../../kit/errors.ts'
import type { Variables } from '../request.ts'
import { type DataObject, type ResponsePath, isObject } from './data.ts'
import type { SelectedField, Selection } from './selected-fields.ts'

interface Projecting {
  readonly variables: Variables
  readonly errors: CodedError[]
  /** Gathers what is answered later of the objects that are in the answer. */
  readonly deferrals: Deferral[]
}

/** A deferred fragment at one place of the answer. */
export interface Deferral {
  readonly label: string
  readonly path: ResponsePath
  readonly object: DataObject
  readonly selection: Selection
}

/**
 * The answer as an object, with an error for each value that is missing or of the wrong type. It is slower than the
 * answer writer, and what that leaves to it: it knows where it is.
 */
export function projectCarefully(
  selection: Selection,
  data: DataObject,
  variables: Variables,
  path: ResponsePath = [],
): { readonly data: DataObject | null; readonly errors: CodedError[]; readonly deferrals: readonly Deferral[] } {
  const projecting: Projecting = { variables, errors: [], deferrals: [] }
  const { errors, deferrals } = projecting
  return { data: projectObject(selection, data, projecting, path), errors, deferrals }
}

function projectObject(
  selection: Selection,
  data: DataObject,
  projecting: Projecting,
  path: ResponsePath,
): DataObject | null {
  const typeName = selection.typeNameOf(data)
  if (typeName === null) return null
  const result: DataObject = {}
  const { deferrals } = projecting
  const outside = deferrals.length
  for (const field of selection.fieldsFor(typeName)) {
    if (field.included && !field.included(projecting.variables)) continue
    const value =
      field.type === null
        ? projectTypename(typeName, selection, projecting, [...path, field.responseKey])
        : projectValue(field, field.type, data[field.responseKey], projecting, [...path, field.responseKey])
    if (value === propagatedNull) {
      // What is not in the answer has no later parts either.
      deferrals.length = outside
      return null
    }
    result[field.responseKey] = value
  }
  for (const { label, selection: later } of selection.deferredFor(typeName)) {
    deferrals.push({ label, path, object: data, selection: later })
  }
  return result
}

/** Which object type it is may be unknown for an interface. */
function projectTypename(typeName: string, { schema }: Selection, projecting: Projecting, path: ResponsePath): unknown {
  if (isObjectType(schema.getType(typeName))) return typeName
  projecting.errors.push(new CodedError('INTERNAL', 'A value that cannot be null is missing.', {}, path))
  return propagatedNull
}

/** Says that the parent must become null because a non-null value below it is missing. */
const propagatedNull = Symbol('propagated null')

function projectValue(
  field: SelectedField,
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
  // A function is what an object inherits under a name such as `constructor`: no data.
  if (value === undefined || value === null || typeof value === 'function') return null
  if (isListType(type)) {
    if (!Array.isArray(value)) return wrongType(projecting, path)
    const items: unknown[] = []
    const outside = projecting.deferrals.length
    for (const [index, item] of value.entries()) {
      const projected = projectValue(field, type.ofType, item, projecting, [...path, index])
      if (projected === propagatedNull) {
        projecting.deferrals.length = outside
        return null
      }
      items.push(projected)
    }
    return items
  }
  if (field.selection) {
    return isObject(value) ? projectObject(field.selection, value, projecting, path) : wrongType(projecting, path)
  }
  if (!isLeafType(type)) return null
  const leaf = leafOf(type, value)
  return leaf === undefined ? wrongType(projecting, path) : leaf
}

function wrongType(projecting: Projecting, path: ResponsePath): null {
  const message = 'A part of the graph answered a value of the wrong type.'
  projecting.errors.push(new CodedError('INTERNAL', message, {}, path))
  return null
}

/** The value as its type has it; null for an enum value that clients do not know, undefined for a wrong type. */
function leafOf(type: GraphQLLeafType, value: unknown): unknown {
  if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) ? value : null
  switch (type.name) {
    case GraphQLString.name:
      return typeof value === 'string' ? value : undefined
    case GraphQLBoolean.name:
      return typeof value === 'boolean' ? value : undefined
    case GraphQLInt.name:
      return typeof value === 'number' && (value | 0) === value ? value : undefined
    case GraphQLFloat.name:
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case GraphQLID.name:
      if (typeof value === 'string') return value
      return Number.isSafeInteger(value) ? String(value) : undefined
    default:
      return value
  }
}
