import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { isDoc, isNumber } from '../value-type.ts'
import { flatPoint, isOnEarth } from './flat-point.ts'
import { readPlace } from './geometry.ts'
import { valuesAlong } from './places.ts'

/** Throws when a document cannot be in an index of the kind 2d, whose places lie between two bounds. */
export function check2d(doc: Doc, path: string, { min, max }: { min: number; max: number }): void {
  for (const value of valuesAlong(doc, path)) {
    if (!isDoc(value) && !Array.isArray(value)) continue
    const parts = Object.values(value) as unknown[]
    if (parts.length === 0) continue
    for (const place of isNumber(parts[0]) ? [value] : parts) {
      if (!isDoc(place) && !Array.isArray(place)) {
        throw new CommandError('Location16804', 'location object expected, location array not in correct format')
      }
      checkPair(Object.values(place) as unknown[], { min, max })
    }
  }
}

function checkPair(parts: readonly unknown[], { min, max }: { min: number; max: number }): void {
  if (parts.length === 0) return
  if (parts.length < 2) throw new CommandError('Location13068', 'geo field only has 1 element')
  const point = flatPoint(parts.slice(0, 2), { more: false })
  if (!isNumber(parts[0]) || !isNumber(parts[1])) {
    throw new CommandError('Location13026', "geo values must be 'legacy coordinate pairs' for 2d indexes")
  }
  const inBounds = point !== undefined && [point.x, point.y].every((number) => number >= min && number <= max)
  if (!inBounds) throw new CommandError('Location13027', `point not in interval of [ ${min}, ${max} ]`)
}

/** Throws when a document cannot be in an index of the kind 2dsphere; without a place it is in none. */
export function check2dsphere(doc: Doc, path: string): void {
  const values = valuesAlong(doc, path)
  if (values.length === 1 && isNothing(values[0])) return
  for (const value of values) checkPlace(value)
}

function isNothing(value: unknown): boolean {
  return value === null || ((isDoc(value) || Array.isArray(value)) && Object.keys(value).length === 0)
}

function checkPlace(value: unknown): void {
  try {
    const place = readPlace(value)
    if (!('point' in place) || isOnEarth(place.point)) return
  } catch (error) {
    if (!(error instanceof CommandError) || error.isRefusal) throw error
    throw new CommandError('Location16755', `Can't extract geo keys: ${error.message}`)
  }
  throw new CommandError('Location16755', "Can't extract geo keys: longitude/latitude is out of bounds")
}
