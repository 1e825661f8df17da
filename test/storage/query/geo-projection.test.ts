import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileFilter } from '../../../storage/embedded/query/compile-filter.ts'
import { CommandError } from '../../../storage/embedded/errors.ts'
import { doc } from './documents.ts'

/**
 * Seen from the middle of the earth, the shortest ways on the globe are straight lines on a plane that touches it. So
 * the plane tells again, by school geometry, what the database works out on the globe.
 */
type Plane = (lng: number, lat: number) => [number, number] | undefined

type Pair = [number, number]

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** The plane that touches the globe at a place; undefined for what lies on the other side. */
function planeAt(lng0: number, lat0: number): Plane {
  const [sin0, cos0] = [Math.sin(radians(lat0)), Math.cos(radians(lat0))]
  return (lng, lat) => {
    const [sin, cos, east] = [Math.sin(radians(lat)), Math.cos(radians(lat)), radians(lng - lng0)]
    const depth = sin0 * sin + cos0 * cos * Math.cos(east)
    if (depth <= 1e-3) return undefined
    return [(cos * Math.sin(east)) / depth, (cos0 * sin - sin0 * cos * Math.cos(east)) / depth]
  }
}

/** The place at a direction and an angle from another, in degrees. */
function placeFrom([lng, lat]: Pair, direction: number, angle: number): Pair {
  const [a, b] = [radians(angle), radians(lat)]
  const to = Math.asin(Math.sin(b) * Math.cos(a) + Math.cos(b) * Math.sin(a) * Math.cos(direction))
  const east = Math.atan2(Math.sin(direction) * Math.sin(a) * Math.cos(b), Math.cos(a) - Math.sin(b) * Math.sin(to))
  const turned = ((((lng + (east * 180) / Math.PI + 180) % 360) + 360) % 360) - 180
  return [turned, (to * 180) / Math.PI]
}

function isInside(corners: readonly Pair[], [x, y]: Pair): boolean {
  let inside = false
  for (const [place, [x1, y1]] of corners.entries()) {
    const [x2, y2] = corners[(place + 1) % corners.length] as Pair
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

/** Twice the area of a triangle, negative when its corners go round with the clock. */
function area([ax, ay]: Pair, [bx, by]: Pair, [cx, cy]: Pair): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

/** The answer of a filter; undefined where it is too close to call. */
function answer(place: object, condition: object): boolean | undefined {
  try {
    return compileFilter(doc({ place: condition }))(doc({ place }))
  } catch (error) {
    if (error instanceof CommandError && error.isRefusal) return undefined
    throw error
  }
}

const middle = fc.tuple(fc.double({ min: -180, max: 180, noNaN: true }), fc.double({ min: -85, max: 85, noNaN: true }))
const direction = fc.double({ min: 0, max: 6.28, noNaN: true })
/** From a few metres to a third of a hemisphere. */
const size = fc.constantFrom(0.0001, 0.01, 1, 30)

const star = fc
  .tuple(
    middle,
    size,
    fc.array(fc.double({ min: 0.3, max: 1, noNaN: true }), { minLength: 4, maxLength: 9 }),
    fc.boolean(),
  )
  .map(([center, reach, parts, turned]) => {
    const corners = parts.map((part, place) => placeFrom(center, (place * 2 * Math.PI) / parts.length, part * reach))
    return { center, reach, corners: turned ? corners.toReversed() : corners }
  })

test('a place is within a polygon of the globe where it is within its shadow on a plane', () => {
  let told = 0
  fc.assert(
    fc.property(star, direction, fc.double({ min: 0, max: 2.5, noNaN: true }), (shape, towards, part) => {
      const place = placeFrom(shape.center, towards, part * shape.reach)
      const project = planeAt(...shape.center)
      const shadow = project(...place)
      const corners = shape.corners.map((corner) => project(...corner) as Pair)
      const border = [...shape.corners, shape.corners[0]]
      const found = answer(
        { type: 'Point', coordinates: place },
        { $geoWithin: { $geometry: { type: 'Polygon', coordinates: [border] } } },
      )
      if (found === undefined) return
      told++
      expect(found).toBe(shadow !== undefined && isInside(corners, shadow))
    }),
    { numRuns: 2000 },
  )
  expect(told).toBeGreaterThan(1900)
})

test('two lines of the globe meet where their shadows on a plane cross', () => {
  let told = 0
  const end = fc.tuple(direction, fc.double({ min: 0.05, max: 1, noNaN: true }))
  fc.assert(
    fc.property(middle, size, fc.tuple(end, end, end, end), (center, reach, ends) => {
      const places = ends.map(([towards, part]) => placeFrom(center, towards, part * reach))
      const project = planeAt(...center)
      const [a, b, c, d] = places.map((place) => project(...place)) as [Pair, Pair, Pair, Pair]
      const areas = [area(a, b, c), area(a, b, d), area(c, d, a), area(c, d, b)] as const
      // Ends that almost lie on the other line would ask school geometry for more digits than it has.
      fc.pre(areas.every((one) => Math.abs(one) > 1e-6 * radians(reach) ** 2))
      const found = answer(
        { type: 'LineString', coordinates: places.slice(0, 2) },
        { $geoIntersects: { $geometry: { type: 'LineString', coordinates: places.slice(2) } } },
      )
      if (found === undefined) return
      told++
      expect(found).toBe(areas[0] * areas[1] < 0 && areas[2] * areas[3] < 0)
    }),
    { numRuns: 2000 },
  )
  expect(told).toBeGreaterThan(1900)
})
