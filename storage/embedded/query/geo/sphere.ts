import type { FlatPoint } from './flat-point.ts'

/** A point of the unit sphere. */
export type Vector = readonly [x: number, y: number, z: number]

/** What MongoDB takes the earth for. */
export const earthRadiusMetres = 6_378_100

/**
 * MongoDB puts points into cells of about a centimetre where borders are concerned. What lies closer than this, in
 * radians (2.5 cm), cannot be told for certain without its cells.
 */
export const cellRadians = 4e-9

/** More than the rounding of a unit vector's coordinates. */
const rounding = 2e-15

export function vectorOf({ x, y }: FlatPoint): Vector {
  const [longitude, latitude] = [(x * Math.PI) / 180, (y * Math.PI) / 180]
  const circle = Math.cos(latitude)
  return [Math.cos(longitude) * circle, Math.sin(longitude) * circle, Math.sin(latitude)]
}

export function sameVector(a: Vector, b: Vector): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2]
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

export function lengthOf(a: Vector): number {
  return Math.sqrt(dot(a, a))
}

export function plus(a: Vector, b: Vector, times = 1): Vector {
  return [a[0] + b[0] * times, a[1] + b[1] * times, a[2] + b[2] * times]
}

export function unit(a: Vector): Vector {
  const length = lengthOf(a)
  return [a[0] / length, a[1] / length, a[2] / length]
}

/** The angle between two vectors, in radians. */
export function angle(a: Vector, b: Vector): number {
  return Math.atan2(lengthOf(cross(a, b)), dot(a, b))
}

/** The normal of the great circle through two points, exact enough for points that are close together too. */
export function normal(a: Vector, b: Vector): Vector {
  return unit(cross(plus(b, a), plus(b, a, -1)))
}

/** On which side of the way from a to b the point c lies: 1 left, -1 right, 0 when rounding could decide. */
export function side(a: Vector, b: Vector, c: Vector): -1 | 0 | 1 {
  // The differences keep their precision where the points are close together, as in a town.
  const [toA, toB] = [plus(a, c, -1), plus(b, c, -1)]
  const determinant = dot(cross(toA, toB), c)
  if (Math.abs(determinant) <= rounding * (lengthOf(toA) + lengthOf(toB))) return 0
  return determinant > 0 ? 1 : -1
}

/** The angle from a point to the nearest one of a way between two others. */
export function angleToEdge(point: Vector, a: Vector, b: Vector): number {
  const pole = normal(a, b)
  const beside = dot(cross(pole, a), point) > 0 && dot(cross(b, pole), point) > 0
  return beside
    ? Math.abs(Math.asin(Math.min(1, Math.max(-1, dot(pole, point)))))
    : Math.min(angle(point, a), angle(point, b))
}

/** Whether two ways cross between their ends; undefined when rounding could decide. */
export function crosses(a: Vector, b: Vector, c: Vector, d: Vector): boolean | undefined {
  const sides = [side(a, c, b), side(c, b, d), side(b, d, a), side(d, a, c)]
  if (sides.includes(1) && sides.includes(-1)) return false
  return sides.includes(0) ? undefined : true
}
