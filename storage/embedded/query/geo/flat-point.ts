import { doubleArgument } from '../integer-argument.ts'
import { isDoc } from '../value-type.ts'

/** A place on the plane, or longitude and latitude in degrees. */
export type FlatPoint = { readonly x: number; readonly y: number }

/** Reads a coordinate pair: the first two numbers of an array or a document, whatever their names. */
export function flatPoint(value: unknown, { more }: { more: boolean }): FlatPoint | undefined {
  const parts: readonly unknown[] = Array.isArray(value) ? value : isDoc(value) ? Object.values(value) : []
  const [x, y] = [doubleArgument(parts[0]), doubleArgument(parts[1])]
  if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) return undefined
  return more || parts.length === 2 ? { x, y } : undefined
}

/** Whether a value is a coordinate pair and not GeoJSON: an array, or a document that begins with a number. */
export function isPair(value: unknown): boolean {
  return Array.isArray(value) || (isDoc(value) && doubleArgument(Object.values(value)[0]) !== undefined)
}

/** Whether a point can be one of the earth's surface. */
export function isOnEarth({ x, y }: FlatPoint): boolean {
  return Math.abs(x) <= 180 && Math.abs(y) <= 90
}

/** The distance on the plane; along an axis it is exact. */
export function flatDistance(a: FlatPoint, b: FlatPoint): number {
  const [x, y] = [a.x - b.x, a.y - b.y]
  return x === 0 ? Math.abs(y) : y === 0 ? Math.abs(x) : Math.sqrt(x * x + y * y)
}
