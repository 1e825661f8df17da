import { describe, expect, it, test } from 'vitest'
import { compileFilter } from '../../../storage/embedded/query/compile-filter.ts'
import { codeOf, doc } from './documents.ts'

/** Whether a place matches a condition. */
function matches(place: unknown, condition: object): boolean {
  return compileFilter(doc({ place: condition }))(doc({ place }))
}

function point(lng: number, lat: number): object {
  return { type: 'Point', coordinates: [lng, lat] }
}

/** A polygon of GeoJSON from its border and its holes. */
function area(...loops: number[][][]): object {
  return { type: 'Polygon', coordinates: loops }
}

function line(...coordinates: number[][]): object {
  return { type: 'LineString', coordinates }
}

function inShape(place: unknown, shape: object): boolean {
  return matches(place, { $geoWithin: shape })
}

function within(place: unknown, geometry: object): boolean {
  return inShape(place, { $geometry: geometry })
}

function meets(place: unknown, geometry: object): boolean {
  return matches(place, { $geoIntersects: { $geometry: geometry } })
}

const square = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
]

describe('shapes of the plane', () => {
  it('hold the points on their border', () => {
    const box = {
      $box: [
        [4, 4],
        [0, 0],
      ],
    }
    expect(
      [
        [0, 0],
        [4, 2],
        [2, 2],
        [4.1, 2],
      ].map((place) => inShape(place, box)),
    ).toEqual([true, true, true, false])
    const circle = { $center: [[0, 0], 5] }
    expect(
      [
        [3, 4],
        [5, 0],
        [0, -5],
        [4, 4],
      ].map((place) => inShape(place, circle)),
    ).toEqual([true, true, true, false])
    const triangle = {
      $polygon: [
        [0, 0],
        [4, 0],
        [2, 4],
      ],
    }
    expect(
      [
        [0, 0],
        [2, 0],
        [2, 1],
        [0, 1],
      ].map((place) => inShape(place, triangle)),
    ).toEqual([true, true, true, false])
  })

  it('take a pair in an array or a document, GeoJSON points, and any place of an array', () => {
    const box = {
      $box: [
        [0, 0],
        [2, 2],
      ],
    }
    expect(inShape({ lng: 1, lat: 1 }, box)).toBe(true)
    expect(inShape([1, 1, 99], box)).toBe(true)
    expect(inShape(point(1, 1), box)).toBe(true)
    expect(
      inShape(
        [
          [9, 9],
          [1, 1],
        ],
        box,
      ),
    ).toBe(true)
    for (const nothing of [
      [1],
      ['1', '1'],
      {},
      'x',
      null,
      {
        type: 'LineString',
        coordinates: [
          [1, 1],
          [2, 2],
        ],
      },
    ]) {
      expect(inShape(nothing, box)).toBe(false)
    }
  })

  it('are not bent by rounding along an axis', () => {
    expect(inShape([51.9999, 0], { $center: [[52, 0], 0.0001] })).toBe(true)
  })
})

describe('shapes of the globe', () => {
  it('bow towards the pole between two corners of one latitude', () => {
    const colorado = area([
      [-109, 41],
      [-102, 41],
      [-102, 37],
      [-109, 37],
      [-109, 41],
    ])
    expect(within(point(-104.9903, 39.7392), colorado)).toBe(true)
    // The shortest way between the upper corners runs north of the 41st parallel, about 5 km in the middle.
    expect(within(point(-105.5, 41.03), colorado)).toBe(true)
    expect(within(point(-105.5, 41.1), colorado)).toBe(false)
    expect(within([-105.5, 37.01], colorado)).toBe(false)
  })

  it('are the smaller side of their border, whichever way round it is written', () => {
    expect(within(point(1, 1), area(square))).toBe(true)
    expect(within(point(1, 1), area(square.toReversed()))).toBe(true)
    expect(within(point(-170, -10), area(square))).toBe(false)
    expect(
      within(
        point(180, 1),
        area([
          [170, 0],
          [-170, 0],
          [-170, 5],
          [170, 5],
          [170, 0],
        ]),
      ),
    ).toBe(true)
  })

  it('may have a hole', () => {
    const hole = [
      [1, 1],
      [1, 2],
      [2, 2],
      [2, 1],
      [1, 1],
    ]
    expect(within(point(1.5, 1.5), area(square, hole))).toBe(false)
    expect(within(point(3, 3), area(square, hole))).toBe(true)
  })

  it('hold what has all its parts in them', () => {
    expect(within(line([1, 1], [3, 3]), area(square))).toBe(true)
    expect(within(line([1, 1], [5, 3]), area(square))).toBe(false)
    expect(
      within(
        area([
          [1, 1],
          [2, 1],
          [2, 2],
          [1, 1],
        ]),
        area(square),
      ),
    ).toBe(true)
    expect(
      within(
        {
          type: 'MultiPoint',
          coordinates: [
            [1, 1],
            [9, 9],
          ],
        },
        area(square),
      ),
    ).toBe(false)
  })

  it('meet where they cross, or one holds the other', () => {
    expect(meets(line([-178, 10], [178, 10]), line([180, 11], [180, 9]))).toBe(true)
    expect(meets(line([-178, 10], [178, 10]), line([170, 11], [170, 9]))).toBe(false)
    expect(meets(line([1, 1], [2, 2]), area(square))).toBe(true)
    expect(meets(line([-1, 2], [5, 2]), area(square))).toBe(true)
    expect(meets(line([-1, -2], [5, -2]), area(square))).toBe(false)
    expect(
      meets(
        area([
          [1, 1],
          [2, 1],
          [2, 2],
          [1, 1],
        ]),
        area(square),
      ),
    ).toBe(true)
    expect(
      meets(
        area(square),
        area([
          [1, 1],
          [2, 1],
          [2, 2],
          [1, 1],
        ]),
      ),
    ).toBe(true)
    expect(
      meets(
        area([
          [11, 1],
          [12, 1],
          [12, 2],
          [11, 1],
        ]),
        area(square),
      ),
    ).toBe(false)
    expect(meets(point(0, 0), area(square))).toBe(true)
    expect(
      meets(
        [
          [9, 9],
          [1, 1],
        ],
        area(square),
      ),
    ).toBe(true)
  })

  it('reach as far as an angle from their middle', () => {
    const cap = { $geoWithin: { $centerSphere: [[18.89, 69.62], 10 / 3963.2] } }
    expect(matches(point(18.895, 69.67), cap)).toBe(true)
    expect(matches(point(18.895, 69.8), cap)).toBe(false)
    expect(matches([200, 0], cap)).toBe(false)
  })

  it('are exact for a town as well', () => {
    const block = area([
      [13.4, 52.5],
      [13.4002, 52.5],
      [13.4002, 52.5001],
      [13.4, 52.5001],
      [13.4, 52.5],
    ])
    expect(within(point(13.4001, 52.50005), block)).toBe(true)
    expect(within(point(13.4003, 52.50005), block)).toBe(false)
  })
})

test('what lies so near a border that only MongoDB’s own cells could tell is refused, not guessed', () => {
  const onBorder = (): boolean => matches(point(0, 2), { $geoWithin: { $geometry: area(square) } })
  expect(onBorder).toThrow(/2.5 cm.*MONGODB_URI/)
  // A corner is within.
  expect(matches(point(4, 4), { $geoWithin: { $geometry: area(square) } })).toBe(true)
})

test('malformed shapes are errors', () => {
  const malformed = [
    { $geoWithin: 1 },
    { $geoWithin: {} },
    { $geoWithin: { $box: [[0, 0]] } },
    {
      $geoWithin: {
        $polygon: [
          [0, 0],
          [1, 1],
        ],
      },
    },
    { $geoWithin: { $center: [[0, 0], -1] } },
    { $geoWithin: { $geometry: point(0, 0) } },
    {
      $geoWithin: {
        $geometry: area([
          [0, 0],
          [1, 1],
          [2, 0],
        ]),
      },
    },
    {
      $geoWithin: {
        $geometry: area([
          [0, 0],
          [1, 1],
          [1, 0],
          [0, 1],
          [0, 0],
        ]),
      },
    },
    {
      $geoIntersects: {
        $box: [
          [0, 0],
          [1, 1],
        ],
      },
    },
    { $geoIntersects: { $geometry: point(0, 91) } },
    { $geoIntersects: { $geometry: { type: 'Blob', coordinates: [] } } },
  ]
  for (const condition of malformed) expect(codeOf(() => matches([0, 0], condition))).toBe(2)
})

test('nearness is no condition of a filter, and says so', () => {
  expect(codeOf(() => matches([0, 0], { $near: [0, 0] }))).toBe(5626500)
})
