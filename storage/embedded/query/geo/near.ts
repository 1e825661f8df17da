import { CommandError, unsupported } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { doubleArgument } from '../integer-argument.ts'
import { isDoc } from '../value-type.ts'
import { flatDistance, flatPoint, isOnEarth, isPair, type FlatPoint } from './flat-point.ts'
import { readPlace, type Place } from './geometry.ts'
import { placesAt } from './places.ts'
import { angle, earthRadiusMetres, vectorOf } from './sphere.ts'

/** A `$near` or `$nearSphere`: it says how far documents are, and an index must serve it. */
export type Near = {
  readonly path: string
  readonly center: FlatPoint
  readonly onSphere: boolean
  /** Given as GeoJSON, which an index of the kind 2d cannot serve. */
  readonly asGeoJson: boolean
  /** How far the document is, or undefined when it has no place within the distances asked for. */
  distanceOf(doc: Doc): number | undefined
}

/** On the globe two distances closer than this are the same to us, and a limit closer than this is refused. */
const roundingMetres = 1e-7

export const nearOperators: ReadonlySet<string> = new Set(['$near', '$nearSphere', '$geoNear'])

/** Reads the operators under one path, one of which is `$near` or `$nearSphere`. */
export function readNear(path: string, operators: Doc): Near {
  const [operator] = Object.keys(operators).filter((name) => nearOperators.has(name))
  const operand = operators[operator as string]
  const sphere = operator === '$nearSphere'
  if (isDoc(operand) && '$geometry' in operand) {
    if (Object.keys(operators).length > 1)
      throw bad('geo near accepts just one argument when querying for a GeoJSON point')
    return readNewForm(path, operand)
  }
  const { center, asGeoJson, limit } = readCenter(operand)
  const { min, max } = readDistances(operators, operator as string)
  const onSphere = sphere || asGeoJson
  if (onSphere && !isOnEarth(center)) throw bad('Legacy point is out of bounds for spherical query')
  // Coordinate pairs count in radians on the sphere, GeoJSON in metres.
  const scale = onSphere && !asGeoJson ? earthRadiusMetres : 1
  return within({ path, center, onSphere, asGeoJson, min: min * scale, max: (limit ?? max) * scale })
}

function readNewForm(path: string, operand: Doc): Near {
  const { $geometry: geometry, ...distances } = operand
  const { center, asGeoJson } = readCenter(geometry)
  if (!asGeoJson) throw bad('$near requires geojson point')
  const { min, max } = readDistances(distances, '')
  return within({ path, center, onSphere: true, asGeoJson, min, max })
}

function readCenter(operand: unknown): { center: FlatPoint; asGeoJson: boolean; limit?: number } {
  if (isPair(operand)) {
    const center = flatPoint(operand, { more: false })
    if (center !== undefined) return { center, asGeoJson: false }
    const parts = Object.values(operand as object) as unknown[]
    const pair = flatPoint(operand, { more: true })
    const limit = doubleArgument(parts[2])
    if (pair === undefined || limit === undefined || parts.length > 3) throw bad('invalid point in geo near query')
    if (!(limit >= 0)) throw new CommandError('Location18522', 'max distance must be non-negative')
    return { center: pair, asGeoJson: false, limit }
  }
  const place = isDoc(operand) && operand['type'] === 'Point' ? readPlace(operand) : undefined
  if (place !== undefined && 'point' in place) return { center: place.point, asGeoJson: true }
  throw bad('invalid point in geo near query $geometry argument')
}

function readDistances(given: Doc, operator: string): { min: number; max: number } {
  const distances = { $minDistance: 0, $maxDistance: Number.POSITIVE_INFINITY }
  for (const [name, value] of Object.entries(given)) {
    if (name === operator || name === '$uniqueDocs') continue
    if (name !== '$minDistance' && name !== '$maxDistance') {
      throw new CommandError('Location34413', `invalid argument in geo near query: ${name}`)
    }
    const distance = doubleArgument(value)
    const isMin = name === '$minDistance'
    if (distance === undefined) {
      throw new CommandError(isMin ? 'Location16893' : 'Location16895', `${name} must be a number`)
    }
    if (!(distance >= 0)) {
      throw new CommandError(isMin ? 'Location16894' : 'Location16896', `${name} must be non-negative`)
    }
    distances[name] = distance
  }
  return { min: distances.$minDistance, max: distances.$maxDistance }
}

function within({ min, max, ...rest }: Omit<Near, 'distanceOf'> & { min: number; max: number }): Near {
  const middle = vectorOf(rest.center)
  const measure = (place: Place): number | undefined => {
    if (!rest.onSphere) return 'point' in place ? flatDistance(place.point, rest.center) : undefined
    if (!('point' in place)) throw unsupported('BadValue', 'the distance of a line, a polygon or several points')
    return isOnEarth(place.point) ? angle(middle, vectorOf(place.point)) * earthRadiusMetres : undefined
  }
  return {
    ...rest,
    distanceOf(doc) {
      const distances = placesAt(doc, rest.path).flatMap((place) => measure(place) ?? [])
      if (distances.length === 0) return undefined
      const distance = Math.min(...distances)
      const tooClose = [min, max].some((limit) => Math.abs(distance - limit) < roundingMetres)
      if (rest.onSphere && distance > 0 && tooClose) {
        throw unsupported('BadValue', 'a distance less than 0.1 µm from its limit')
      }
      return distance >= min && distance <= max ? distance : undefined
    },
  }
}

/** The order of two distances. */
export function compareDistances({ onSphere }: Near, a: number, b: number): number {
  return onSphere && Math.abs(a - b) < roundingMetres ? 0 : a - b
}

function bad(message: string): CommandError {
  return new CommandError('BadValue', message)
}
