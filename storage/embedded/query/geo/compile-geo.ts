import { CommandError, unsupported } from '../../errors.ts'
import type { ValueTest } from '../filter/condition.ts'
import { doubleArgument } from '../integer-argument.ts'
import { isDoc } from '../value-type.ts'
import { flatPoint, isOnEarth, isPair, type FlatPoint } from './flat-point.ts'
import { box, circle, polygon, type FlatShape } from './flat-shapes.ts'
import { readGeoJson, type Geometry, type Place } from './geometry.ts'
import { holdsAll, intersects } from './intersects.ts'
import { placeOrNone } from './places.ts'
import { angle, cellRadians, vectorOf } from './sphere.ts'

/** Compiles the operand of `$geoWithin`, or `$within` as it was called, to a test of a value. */
export function geoWithin(operand: unknown, operator: string): ValueTest {
  const [name, spec] = shapeOf(operand, operator)
  switch (name) {
    case '$box': {
      const [corner, opposite] = pairs(spec, { least: 2 })
      return onPlane(box(corner, opposite))
    }
    case '$polygon':
      return onPlane(polygon(pairs(spec, { least: 3 })))
    case '$center': {
      const { middle, radius } = middleAndRadius(spec)
      return onPlane(circle(middle, radius))
    }
    case '$centerSphere':
      return withinCap(spec)
    default:
      return withinPolygons(spec)
  }
}

/** Compiles the operand of `$geoIntersects`. */
export function geoIntersects(operand: unknown): ValueTest {
  const [name, spec] = shapeOf(operand, '$geoIntersects')
  if (name !== '$geometry')
    throw new CommandError('BadValue', `$geoIntersect not supported with provided geometry: ${name}`)
  const place = isPair(spec) ? legacyPlace(spec) : { shape: readGeoJson(docOf(spec)) }
  const wanted = onSphere(place)
  if (wanted === undefined)
    throw new CommandError('BadValue', '$geoIntersect not supported with provided geometry: a point out of bounds')
  return testing((stored) => {
    const shape = onSphere(stored)
    return shape === undefined ? false : intersects(wanted, shape)
  })
}

function legacyPlace(spec: unknown): Place {
  const point = flatPoint(spec, { more: false })
  if (point === undefined) throw new CommandError('BadValue', 'Point must only contain two numeric elements')
  return { point, onPlane: true }
}

function shapeOf(operand: unknown, operator: string): [string, unknown] {
  if (!isDoc(operand)) throw new CommandError('BadValue', 'geometry must be an object')
  const [shape, ...more] = Object.entries(operand).filter(([name]) => name !== '$uniqueDocs')
  if (shape === undefined) throw new CommandError('BadValue', "geo query doesn't have any geometry")
  if (!['$box', '$polygon', '$center', '$centerSphere', '$geometry'].includes(shape[0])) {
    throw new CommandError('BadValue', `unknown geo specifier: ${shape[0]}`)
  }
  if (more.length > 0) throw new CommandError('BadValue', `${operator} doesn't accept multiple shapes`)
  return shape
}

/** A stored shape that lies on the sphere is in no shape of the plane, but a GeoJSON point is a pair as well. */
function onPlane(shape: FlatShape): ValueTest {
  return testing((place) => 'point' in place && shape(place.point))
}

function withinCap(spec: unknown): ValueTest {
  const { middle, radius } = middleAndRadius(spec)
  if (!isOnEarth(middle)) {
    throw new CommandError('BadValue', `longitude/latitude is out of bounds, lng: ${middle.x} lat: ${middle.y}`)
  }
  const center = vectorOf(middle)
  return testing((place) => {
    const shape = onSphere(place)
    if (shape === undefined) return false
    if (shape.lines.length > 0 || shape.polygons.length > 0) return undefined
    const beyond = shape.points.map((point) => angle(center, point) - radius)
    if (beyond.some((distance) => distance > cellRadians)) return false
    return beyond.every((distance) => distance < -cellRadians) ? true : undefined
  })
}

function withinPolygons(spec: unknown): ValueTest {
  const { polygons } = isPair(spec) ? { polygons: [] } : readGeoJson(docOf(spec))
  if (polygons.length === 0) {
    throw new CommandError('BadValue', '$within not supported with provided geometry: it needs a polygon')
  }
  return testing((place) => {
    const shape = onSphere(place)
    return shape === undefined ? false : holdsAll(polygons, shape)
  })
}

/** What is stored as a shape on the sphere, unless it is a point that is not on the earth. */
function onSphere(place: Place): Geometry | undefined {
  if ('shape' in place) return place.shape
  return isOnEarth(place.point) ? { points: [vectorOf(place.point)], lines: [], polygons: [] } : undefined
}

/** What is no place matches nothing, and what is too close to call is refused. */
function testing(test: (place: Place) => boolean | undefined): ValueTest {
  return (value) => {
    const place = placeOrNone(value)
    const answer = place === undefined ? false : test(place)
    if (answer !== undefined) return answer
    throw unsupported(
      'BadValue',
      'telling whether a place is within a shape on the globe, less than 2.5 cm from its border,',
    )
  }
}

function docOf(spec: unknown): Parameters<typeof readGeoJson>[0] {
  if (isDoc(spec)) return spec
  throw new CommandError('BadValue', 'unknown geo specifier: $geometry')
}

function pairs(spec: unknown, { least }: { least: 2 | 3 }): [FlatPoint, FlatPoint, ...FlatPoint[]] {
  const parts: readonly unknown[] = Array.isArray(spec) ? spec : isDoc(spec) ? Object.values(spec) : []
  const points = (least === 2 ? parts.slice(0, 2) : parts).map((part) => flatPoint(part, { more: false }))
  const [first, second] = points
  if (first === undefined || second === undefined || points.includes(undefined)) {
    throw new CommandError('BadValue', 'Point must only contain two numeric elements')
  }
  if (points.length < least) throw new CommandError('BadValue', 'Polygon must have at least 3 points')
  return points as [FlatPoint, FlatPoint, ...FlatPoint[]]
}

function middleAndRadius(spec: unknown): { middle: FlatPoint; radius: number } {
  const parts: readonly unknown[] = Array.isArray(spec) ? spec : isDoc(spec) ? Object.values(spec) : []
  const middle = flatPoint(parts[0], { more: false })
  const radius = doubleArgument(parts[1])
  if (middle === undefined) throw new CommandError('BadValue', 'Point must only contain two numeric elements')
  if (radius === undefined || !(radius >= 0)) {
    throw new CommandError('BadValue', 'radius must be a non-negative number')
  }
  if (parts.length > 2) throw new CommandError('BadValue', 'Only 2 fields allowed for circular region')
  return { middle, radius }
}
