import { CommandError } from '../errors.ts'
import type { Doc } from './bson.ts'
import { isDoc } from './value-type.ts'

/** Whether the path ends at an array's elements as well as the array, or at the array alone. */
export type LeafArrays = 'traverse' | 'whole'

/** Splits a dotted path. Refuses the empty path and empty components. */
export function splitPath(path: string): string[] {
  return path.includes('.') ? path.split('.') : [path]
}

/** Splits a path that is to be written, where every component must have a name. */
export function splitWritablePath(path: string): string[] {
  if (path === '') throw new CommandError('EmptyFieldName', 'An empty update path is not valid.')
  const parts = splitPath(path)
  if (parts.includes('')) {
    throw new CommandError(
      'EmptyFieldName',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    )
  }
  return parts
}

/** A document's own field; `constructor` and `__proto__` are names like any other. */
export function fieldOf(doc: Doc, field: string): unknown {
  return field in Object.prototype && !Object.hasOwn(doc, field) ? undefined : doc[field]
}

/** Sets a field as an own property, `__proto__` too. */
export function setField(doc: Doc, field: string, value: unknown): void {
  if (field === '__proto__') {
    Object.defineProperty(doc, field, { value, writable: true, enumerable: true, configurable: true })
  } else {
    doc[field] = value
  }
}

/** A shallow copy that keeps a field named `__proto__` a field. */
export function copyOf(doc: Doc): Doc {
  return { ...doc }
}

/** The array index that a path component names, or -1. Only the canonical spelling counts. */
export function arrayIndex(component: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(component) ? Number(component) : -1
}

/**
 * Compiles a path into a search: true when `test` accepts one of the values that MongoDB finds there. Arrays on the
 * way are entered one level deep, by element and by index; a missing value is tested as undefined.
 */
export function compileAnyAt(
  path: string,
  leafArrays: LeafArrays,
  test: (value: unknown) => boolean,
): (doc: Doc) => boolean {
  const parts = splitPath(path)
  const indexes = parts.map(arrayIndex)
  const last = parts.length - 1

  const inObject = (doc: Doc, start: number): boolean => {
    let holder = doc
    for (let part = start; ; part++) {
      const value = fieldOf(holder, parts[part] as string)
      if (Array.isArray(value)) return inArray(value, part + 1)
      if (part === last) return test(value)
      if (!isDoc(value)) return test(undefined)
      holder = value
    }
  }

  const inArray = (array: unknown[], part: number): boolean => {
    if (part > last) return (leafArrays === 'traverse' && array.some(test)) || test(array)
    const wanted = indexes[part] as number
    for (let index = 0; index < array.length; index++) {
      const element = array[index]
      if (isDoc(element) && inObject(element, part)) return true
      if (index !== wanted) continue
      if (part === last) {
        if (test(element)) return true
      } else if (Array.isArray(element) ? inArray(element, part + 1) : isDoc(element) && inObject(element, part + 1)) {
        return true
      }
    }
    return false
  }

  const field = parts[0] as string
  if (last > 0 || field in Object.prototype) return (doc) => inObject(doc, 0)
  return (doc) => {
    const value = doc[field]
    return Array.isArray(value) ? inArray(value, 1) : test(value)
  }
}
