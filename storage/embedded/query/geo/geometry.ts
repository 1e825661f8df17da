import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { fieldOf } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import { unsupported } from '../../errors.ts'
import { type FlatPoint, flatPoint, isOnEarth, isPair } from './flat-point.ts'
import { isWithin, meetsItself, normalised, type Loop } from './sphere-loop.ts'
import { sameVector, vectorOf, type Vector } from './sphere.ts'

/** The parts of a shape on the sphere; a polygon is its border and then its holes. */
export type Geometry = {
  readonly points: readonly Vector[]
  readonly lines: readonly (readonly Vector[])[]
  readonly polygons: readonly (readonly Loop[])[]
}

/** What is stored where a place is expected: a point, which may also lie on the plane, or a shape on the sphere. */
export type Place = { readonly point: FlatPoint; readonly onPlane: boolean } | { readonly shape: Geometry }

/** Reads a place. Throws BadValue for a malformed one, and refuses what cannot be told from one for certain. */
export function readPlace(value: unknown): Place {
  if (isPair(value)) {
    const point = flatPoint(value, { more: true })
    if (point === undefined) throw malformed('Point must only contain numeric elements')
    return { point, onPlane: true }
  }
  if (!isDoc(value)) throw malformed('geo element must be an array or object')
  const shape = readGeoJson(value)
  const [lng, lat] = value['type'] === 'Point' ? coordinatesOf(value) : []
  return lng === undefined ? { shape } : { point: flatPoint([lng, lat], { more: false }) as FlatPoint, onPlane: false }
}

/** Reads a GeoJSON geometry: https://www.mongodb.com/docs/manual/reference/geojson/ */
export function readGeoJson(doc: Doc): Geometry {
  checkReferenceSystem(doc)
  const none: Geometry = { points: [], lines: [], polygons: [] }
  switch (doc['type']) {
    case 'Point':
      return { ...none, points: [readPosition(doc['coordinates'])] }
    case 'MultiPoint':
      return { ...none, points: someOf(coordinatesOf(doc), doc['type']).map(readPosition) }
    case 'LineString':
      return { ...none, lines: [readLine(doc['coordinates'])] }
    case 'MultiLineString':
      return { ...none, lines: someOf(coordinatesOf(doc), doc['type']).map(readLine) }
    case 'Polygon':
      return { ...none, polygons: [readPolygon(doc['coordinates'])] }
    case 'MultiPolygon':
      return { ...none, polygons: someOf(coordinatesOf(doc), doc['type']).map(readPolygon) }
    case 'GeometryCollection':
      throw unsupported('BadValue', 'the GeoJSON type GeometryCollection')
    default:
      throw malformed(`unknown GeoJSON type: ${JSON.stringify(doc['type'])}`)
  }
}

function readPosition(value: unknown): Vector {
  const point = flatPoint(value, { more: true })
  if (point === undefined) throw malformed('Point must only contain numeric elements')
  if (!isOnEarth(point)) throw malformed(`longitude/latitude is out of bounds, lng: ${point.x} lat: ${point.y}`)
  return vectorOf(point)
}

function readPositions(value: unknown): Vector[] {
  if (!Array.isArray(value)) throw malformed('GeoJSON coordinates must be an array of coordinates')
  const vectors = value.map((one: unknown) => {
    if (!Array.isArray(one)) throw malformed('GeoJSON coordinates must be an array')
    return readPosition(one)
  })
  return vectors.filter((vector, place) => place === 0 || !sameVector(vector, vectors[place - 1] as Vector))
}

function readLine(value: unknown): Vector[] {
  const vertices = readPositions(value)
  if (vertices.length < 2) throw malformed('GeoJSON LineString must have at least 2 vertices')
  return vertices
}

function readPolygon(value: unknown): Loop[] {
  if (!Array.isArray(value)) throw malformed('Polygon coordinates must be an array')
  const loops = value.map(readLoop)
  const [border, ...holes] = loops
  if (border === undefined) throw malformed('Polygon has no loops.')
  for (const hole of holes) {
    const inside = hole.map((corner) => isWithin(border, corner))
    if (inside.includes(undefined)) throw unsupported('BadValue', 'a polygon with a hole that touches its border')
    if (inside.includes(false)) throw malformed('Secondary loops not contained by first exterior loop')
  }
  if (holes.length > 1) throw unsupported('BadValue', 'a polygon with more than one hole')
  return loops
}

function readLoop(value: unknown): Loop {
  const vertices = readPositions(value)
  const [first] = vertices
  if (first === undefined) throw malformed('Loop has no vertices')
  if (!sameVector(first, vertices.at(-1) as Vector)) throw malformed('Loop is not closed')
  const corners = vertices.slice(0, -1)
  if (corners.length < 3) throw malformed('Loop must have at least 3 different vertices')
  const crossed = meetsItself(corners)
  if (crossed === true) throw malformed('Loop is not valid: edges cross or a vertex is repeated')
  const loop = crossed === false ? normalised(corners) : undefined
  if (loop !== undefined) return loop
  throw unsupported('BadValue', 'a polygon that almost touches itself, or covers half of the earth,')
}

function coordinatesOf(doc: Doc): readonly unknown[] {
  const coordinates = doc['coordinates']
  if (Array.isArray(coordinates)) return coordinates
  if (doc['type'] === 'Point' && isDoc(coordinates)) return Object.values(coordinates)
  throw malformed(`${String(doc['type'])} coordinates must be an array`)
}

function someOf(list: readonly unknown[], type: string): readonly unknown[] {
  if (list.length === 0) throw malformed(`${type} coordinates must have at least 1 element`)
  return list
}

/** Longitude and latitude are the only system here; MongoDB has one more, whose polygons may cover over half the earth. */
function checkReferenceSystem(doc: Doc): void {
  if (!Object.hasOwn(doc, 'crs')) return
  const system = doc['crs']
  const properties = isDoc(system) && system['type'] === 'name' ? system['properties'] : undefined
  const name = isDoc(properties) ? fieldOf(properties, 'name') : undefined
  if (name === 'urn:ogc:def:crs:OGC:1.3:CRS84' || name === 'EPSG:4326') return
  if (name === 'urn:x-mongodb:crs:strictwinding:EPSG:4326') {
    throw unsupported('BadValue', 'the coordinate reference system of strict winding')
  }
  throw malformed('GeoJSON CRS must be a known one, named in properties.name')
}

function malformed(reason: string): CommandError {
  return new CommandError('BadValue', reason)
}
