import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { fieldOf } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import { readPlace, type Place } from './geometry.ts'

/** The values that a path leads to: arrays on the way are entered, the last one is not. */
export function valuesAlong(doc: Doc, path: string): unknown[] {
  const [first, ...rest] = path.split('.')
  return along(doc, first as string, rest)
}

function along(value: unknown, part: string, rest: readonly string[]): unknown[] {
  if (Array.isArray(value)) {
    const byIndex = /^(?:0|[1-9]\d*)$/.test(part) ? step((value as unknown[])[Number(part)], rest) : []
    return [...byIndex, ...value.flatMap((element: unknown) => (isDoc(element) ? along(element, part, rest) : []))]
  }
  return isDoc(value) ? step(fieldOf(value, part), rest) : []
}

function step(value: unknown, [part, ...rest]: readonly string[]): unknown[] {
  if (part !== undefined) return along(value, part, rest)
  return value === undefined ? [] : [value]
}

/** The places of a document at a path: one, or several in an array. What is no place is passed over. */
export function placesAt(doc: Doc, path: string): Place[] {
  return valuesAlong(doc, path).flatMap((value) => {
    const place = placeOrNone(value)
    if (place !== undefined) return [place]
    return Array.isArray(value) ? value.flatMap((element: unknown) => placeOrNone(element) ?? []) : []
  })
}

/** Reads a place; undefined for what is none. What cannot be told from a place for certain is refused. */
export function placeOrNone(value: unknown): Place | undefined {
  if (!isDoc(value) && !Array.isArray(value)) return undefined
  try {
    return readPlace(value)
  } catch (error) {
    if (error instanceof CommandError && !error.isRefusal) return undefined
    throw error
  }
}
