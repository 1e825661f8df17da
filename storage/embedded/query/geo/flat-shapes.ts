import type { FlatPoint } from './flat-point.ts'

/** Says whether a point of the plane lies in a shape; borders belong to it. */
export type FlatShape = (point: FlatPoint) => boolean

/** A rectangle from any two opposite corners. */
export function box(a: FlatPoint, b: FlatPoint): FlatShape {
  const [west, east] = [Math.min(a.x, b.x), Math.max(a.x, b.x)]
  const [south, north] = [Math.min(a.y, b.y), Math.max(a.y, b.y)]
  return ({ x, y }) => x >= west && x <= east && y >= south && y <= north
}

/**
 * A circle. On an axis through its middle MongoDB adds the radius to the lesser coordinate, where subtracting would
 * round otherwise.
 */
export function circle(middle: FlatPoint, radius: number): FlatShape {
  const reaches = (a: number, b: number): boolean => Math.max(a, b) - (Math.min(a, b) + radius) <= 0
  return ({ x, y }) => {
    if (x === middle.x) return reaches(y, middle.y)
    if (y === middle.y) return reaches(x, middle.x)
    return Math.sqrt((x - middle.x) ** 2 + (y - middle.y) ** 2) - radius <= 0
  }
}

/** A polygon, by how many of its sides a ray to the right crosses; corners, level and upright sides belong to it. */
export function polygon(corners: readonly FlatPoint[]): FlatShape {
  return (point) => {
    let inside = false
    let from = corners[0] as FlatPoint
    for (let place = 1; place <= corners.length; place++) {
      const to = corners[place % corners.length] as FlatPoint
      const meeting = meets(point, from, to)
      if (meeting === 'on') return true
      if (meeting === 'crosses') inside = !inside
      from = to
    }
    return inside
  }
}

function meets({ x, y }: FlatPoint, a: FlatPoint, b: FlatPoint): 'on' | 'crosses' | 'misses' {
  if ((x === a.x && y === a.y) || (x === b.x && y === b.y)) return 'on'
  if (a.y === b.y) return y === a.y && x >= Math.min(a.x, b.x) && x <= Math.max(a.x, b.x) ? 'on' : 'misses'
  if (y <= Math.min(a.y, b.y) || y > Math.max(a.y, b.y) || x > Math.max(a.x, b.x)) return 'misses'
  if (a.x === b.x) return x === a.x ? 'on' : 'crosses'
  return x <= ((y - a.y) * (b.x - a.x)) / (b.y - a.y) + a.x ? 'crosses' : 'misses'
}
