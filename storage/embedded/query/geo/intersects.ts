import type { Geometry } from './geometry.ts'
import { edgesOf, isWithin, type Loop } from './sphere-loop.ts'
import { angle, angleToEdge, cellRadians, crosses, sameVector, type Vector } from './sphere.ts'

/** True or false for certain, or undefined within the width of MongoDB's cells. */
type Certainty = boolean | undefined

type Line = readonly Vector[]
type Polygon = readonly Loop[]

/** True when one part says so, undefined when none does and one does not know. */
function any(answers: Iterable<Certainty>): Certainty {
  let result: Certainty = false
  for (const answer of answers) {
    if (answer === true) return true
    if (answer === undefined) result = undefined
  }
  return result
}

/** Whether a polygon holds a point. A corner of it counts as within. */
export function polygonHolds([border, ...holes]: Polygon, point: Vector): Certainty {
  if (border === undefined) return false
  const loops = [border, ...holes]
  if (loops.some((loop) => loop.some((corner) => sameVector(corner, point)))) return true
  const inHole = any(holes.map((hole) => isWithin(hole, point)))
  const inBorder = isWithin(border, point)
  if (inBorder === false || inHole === true) return false
  return inBorder === true && inHole === false ? true : undefined
}

/** Whether two shapes share a point. */
export function intersects(a: Geometry, b: Geometry): Certainty {
  return any(answersOf(a, b))
}

function* answersOf(a: Geometry, b: Geometry): Generator<Certainty> {
  for (const point of a.points) {
    for (const other of b.points) yield pointsMeet(point, other)
    for (const line of b.lines) yield lineHolds(line, point)
    for (const polygon of b.polygons) yield polygonHolds(polygon, point)
  }
  for (const line of a.lines) {
    for (const point of b.points) yield lineHolds(line, point)
    for (const other of b.lines) yield linesMeet(line, other)
    for (const polygon of b.polygons) yield lineEnters(line, polygon)
  }
  for (const polygon of a.polygons) {
    for (const point of b.points) yield polygonHolds(polygon, point)
    for (const line of b.lines) yield lineEnters(line, polygon)
    for (const other of b.polygons) yield polygonsMeet(polygon, other)
  }
}

function pointsMeet(a: Vector, b: Vector): Certainty {
  if (sameVector(a, b)) return true
  return angle(a, b) > cellRadians ? false : undefined
}

function lineHolds(line: Line, point: Vector): Certainty {
  if (line.some((vertex) => sameVector(vertex, point))) return true
  const near = waysOf(line).some(([a, b]) => angleToEdge(point, a, b) <= cellRadians)
  return near ? undefined : false
}

/** Lines that share a vertex meet. */
function linesMeet(line: Line, other: Line): Certainty {
  if (line.some((vertex) => other.some((one) => sameVector(vertex, one)))) return true
  return waysCross(waysOf(line), waysOf(other))
}

/** A vertex on the polygon's border alone does not tell. */
function lineEnters(line: Line, polygon: Polygon): Certainty {
  return any([
    ...line.map((vertex) => clearlyHolds(polygon, vertex)),
    waysCross(waysOf(line), polygon.flatMap(edgesOf)),
  ])
}

function polygonsMeet(a: Polygon, b: Polygon): Certainty {
  return any([
    ...b.flat().map((corner) => clearlyHolds(a, corner)),
    ...a.flat().map((corner) => clearlyHolds(b, corner)),
    waysCross(a.flatMap(edgesOf), b.flatMap(edgesOf)),
  ])
}

function clearlyHolds(polygon: Polygon, point: Vector): Certainty {
  const corner = polygon.some((loop) => loop.some((one) => sameVector(one, point)))
  return corner ? undefined : polygonHolds(polygon, point)
}

type Way = readonly [Vector, Vector]

function waysOf(line: Line): Way[] {
  return line.slice(1).map((vertex, place) => [line[place] as Vector, vertex])
}

function waysCross(ways: readonly Way[], others: readonly Way[]): Certainty {
  return any(ways.flatMap(([a, b]) => others.map(([c, d]) => crosses(a, b, c, d))))
}

/** Whether every part of a shape lies within one of the polygons. */
export function holdsAll(polygons: readonly Polygon[], shape: Geometry): Certainty {
  const parts = [
    ...shape.points.map((point) => any(polygons.map((polygon) => polygonHolds(polygon, point)))),
    ...shape.lines.map((line) => any(polygons.map((polygon) => polygonHoldsLine(polygon, line)))),
    ...shape.polygons.map((inner) => any(polygons.map((polygon) => polygonHoldsPolygon(polygon, inner)))),
  ]
  return opposite(any(parts.map(opposite)))
}

function polygonHoldsLine(polygon: Polygon, line: Line): Certainty {
  const leaves = waysCross(waysOf(line), polygon.flatMap(edgesOf))
  return opposite(any([...line.map((vertex) => opposite(clearlyHolds(polygon, vertex))), leaves]))
}

function polygonHoldsPolygon(polygon: Polygon, inner: Polygon): Certainty {
  const leaves = [
    ...inner.flat().map((corner) => opposite(clearlyHolds(polygon, corner))),
    // A hole of the outer polygon in the inner one, even if the inner one has a hole there, is not told apart.
    ...polygon
      .slice(1)
      .map((hole) => (any(hole.map((corner) => clearlyHolds(inner, corner))) === false ? false : undefined)),
    waysCross(inner.flatMap(edgesOf), polygon.flatMap(edgesOf)),
  ]
  return opposite(any(leaves))
}

function opposite(answer: Certainty): Certainty {
  return answer === undefined ? undefined : !answer
}
