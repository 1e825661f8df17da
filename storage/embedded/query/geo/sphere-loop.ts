import { angle, angleToEdge, cellRadians, cross, crosses, plus, sameVector, side, unit, type Vector } from './sphere.ts'

/** A closed line on the sphere, its corners once each, with its smaller side to the left. */
export type Loop = readonly Vector[]

/** The ways from each corner to the next. */
export function edgesOf(loop: Loop): (readonly [Vector, Vector])[] {
  return loop.map((corner, place) => [corner, loop[(place + 1) % loop.length] as Vector])
}

/** Turns a closed line so that its smaller side lies to the left; undefined when the two cannot be told apart. */
export function normalised(corners: readonly Vector[]): Loop | undefined {
  const turning = corners.reduce((sum, corner, place) => {
    const before = corners.at(place - 1) as Vector
    const after = corners[(place + 1) % corners.length] as Vector
    return sum + angle(cross(before, corner), cross(corner, after)) * side(before, corner, after)
  }, 0)
  if (Math.abs(turning) < 1e-9) return undefined
  return turning > 0 ? corners : corners.toReversed()
}

/** Whether a closed line touches or crosses itself; undefined when rounding could decide. */
export function meetsItself(corners: readonly Vector[]): boolean | undefined {
  const edges = edgesOf(corners)
  let unsure = false
  for (const [place, [a, b]] of edges.entries()) {
    for (let other = place + 1; other < edges.length; other++) {
      const [c, d] = edges[other] as (typeof edges)[number]
      if (sameVector(a, c)) return true
      const neighbours = other === place + 1 || (place === 0 && other === edges.length - 1)
      const crossing = neighbours ? false : crosses(a, b, c, d)
      if (crossing === true) return true
      unsure ||= crossing === undefined
    }
  }
  return unsure ? undefined : false
}

/** Whether a point lies within a loop; undefined closer to its border than MongoDB's cells tell apart. */
export function isWithin(loop: Loop, point: Vector): boolean | undefined {
  const edges = edgesOf(loop)
  if (edges.some(([a, b]) => angleToEdge(point, a, b) < cellRadians)) return undefined
  for (const [place, [a, b]] of edges.entries()) {
    // From which side does the way from the point to the middle of this edge come, and how often does it cross others?
    const middle = unit(plus(a, b))
    const from = side(a, b, point)
    const others = edges.filter((_edge, other) => other !== place).map(([c, d]) => crosses(point, middle, c, d))
    if (from === 0 || others.includes(undefined)) continue
    const odd = others.filter((crossing) => crossing === true).length % 2 === 1
    return from > 0 !== odd
  }
  return undefined
}
