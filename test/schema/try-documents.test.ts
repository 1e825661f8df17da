import { describe, expect, it } from 'vitest'
import { composeTexts } from '../../schema/checks/check-candidate.ts'
import { tryDocuments } from '../../schema/trial/try-documents.ts'

const head = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.12"
  import: ["@key", "@authenticated", "@requiresScopes", "@cost", "@listSize", "@shareable", "@override"]
)`
const graph = (...sdls: readonly string[]) =>
  composeTexts(sdls.map((sdl, at) => ({ name: `s${at}`, url: `http://s${at}.test`, sdl: `${head}\n${sdl}` })))

const shop = ({
  order = 'total: Int',
  list = '@listSize(assumedSize: 10, slicingArguments: ["first"])',
  more = '',
} = {}) =>
  graph(`type Query @authenticated {
    order(id: ID!): Order
    orders(first: Int): [Order!] ${list}
    ${more}
  }
  type Order @key(fields: "id") @authenticated { id: ID! ${order} }`)

const attempt = (after: ReturnType<typeof graph>, ...texts: readonly string[]) =>
  tryDocuments(
    { before: shop(), after, documents: texts.map((text) => ({ text, scopes: ['a'] })), budgetMs: 20_000 },
    'auto',
  )

const schema = (order: string) => `type Query { orders(first: Int): [Order!] } type Order { id: ID! ${order} }`

describe('a trial of documents', () => {
  it('says nothing of those that work as before', () => {
    const { verdicts, tried, refusal } = attempt(
      shop({ order: 'total: Int, tax: Int' }),
      'query A($id: ID!) { order(id: $id) { id total } }',
      '{ orders { ...F } } fragment F on Order { total }',
      '{ __schema { types { name } } }',
    )
    expect([verdicts, tried, refusal]).toEqual([[], 3, null])
  })

  it('names the field that is gone, and its place', () => {
    const { verdicts } = attempt(
      shop({ order: 'tax: Int' }),
      'query A {\n  orders { id\n total }\n}',
      '{ orders { id } }',
    )
    expect(verdicts).toEqual([
      {
        document: 0,
        operationName: 'A',
        edition: null,
        failure: { message: expect.stringContaining('Cannot query field "total" on type "Order"'), line: 3, column: 2 },
        cost: null,
        uses: ['Order.id', 'Order.total', 'Query.orders'],
      },
    ])
  })

  it('names the field that would be denied to the app, and its place, and no other app’s', () => {
    const texts = [
      'query A { orders { id } }',
      'query B { orders {\n  ...F } } fragment F on Order { sum: total }',
    ] as const
    const lost = attempt(shop({ order: 'total: Int @requiresScopes(scopes: [["b"]])' }), ...texts)
    expect(lost.verdicts).toMatchObject([
      {
        document: 1,
        operationName: 'B',
        failure: { message: expect.stringContaining('Order.total would be denied'), line: 2, column: 34 },
      },
    ])
    const held = attempt(shop({ order: 'total: Int @requiresScopes(scopes: [["a"]])' }), ...texts)
    expect(held.verdicts).toEqual([])
  })

  it('costs both by the gateway’s estimate, each operation by itself', () => {
    const dearer = shop({ list: '@cost(weight: 5) @listSize(assumedSize: 10, slicingArguments: ["first"])' })
    const text = 'query A { orders(first: 4) { id } } query B { order(id: 1) { id } } query C { orders { id } }'
    expect(attempt(dearer, text).verdicts).toMatchObject([
      { operationName: 'A', failure: null, cost: { before: 4, after: 20 } },
      { operationName: 'C', failure: null, cost: { before: 10, after: 50 } },
    ])
    expect(attempt(shop({ list: '@listSize(assumedSize: 5)' }), text).verdicts).toMatchObject([
      { operationName: 'A', cost: { before: 4, after: 5 } },
    ])
  })

  it.each([
    ['a default', 'query ($n: Int = 3) { orders(first: $n) { id } }', 3, 15],
    ['no default, which leaves it to the assumed size', 'query ($n: Int) { orders(first: $n) { id } }', 10, 50],
    ['a number that must be given, the same', 'query ($n: Int!) { orders(first: $n) { id } }', 10, 50],
    ['a condition, at its dearest', 'query ($a: Boolean!) { orders(first: 2) @skip(if: $a) { id } }', 2, 10],
    [
      'a condition that has two sides, which are never both taken',
      'query ($a: Boolean!) { x: orders(first: 2) @skip(if: $a) { id } y: orders(first: 3) @include(if: $a) { id } }',
      3,
      15,
    ],
  ])('estimates without variables: %s', (_name, text, before, after) => {
    const dearer = shop({ list: '@cost(weight: 5) @listSize(assumedSize: 10, slicingArguments: ["first"])' })
    expect(attempt(dearer, text).verdicts).toMatchObject([{ cost: { before, after } }])
  })

  it('says nothing of what does not work now: no GraphQL, invalid, too large, of several operations without a name', () => {
    const gone = shop({ order: 'tax: Int' })
    const deep = `{ ${'a { '.repeat(2_000)} b ${'}'.repeat(2_001)}`
    const wide = `{ orders { ${Array.from({ length: 1_100 }, (_, at) => `f${at}: total`).join(' ')} } }`
    const broken = [
      '{ orders { total ',
      '{ orders { price } }',
      '\u0000',
      deep,
      '['.repeat(30_000),
      wide,
      '{ a } { b }',
    ]
    expect(attempt(gone, ...broken)).toEqual({ verdicts: [], tried: broken.length, refusal: null })
    expect(attempt(gone, ...broken, '{ orders { total } }').verdicts).toHaveLength(1)
  })

  it('tries them on the paths where their apps call besides, and tells what fails there alone', () => {
    const editions = {
      before: new Map([
        ['partner', schema('total: Int')],
        ['2026-10', schema('total: Int')],
        ['gone', schema('total: Int')],
      ]),
      after: new Map([
        ['partner', schema('')],
        ['2026-10', schema('total: Int')],
      ]),
    }
    const total = { text: 'query A {\n orders { total } }', scopes: [] }
    const all = ['partner', '2026-10', 'gone', 'nobody']
    const tryOn = (after: ReturnType<typeof graph>) =>
      tryDocuments(
        {
          before: shop(),
          after,
          editions,
          documents: [total, { ...total, editions: all }, { text: '{ orders { id } }', scopes: [], editions: all }],
          budgetMs: 20_000,
        },
        'auto',
      ).verdicts
    expect(tryOn(shop())).toMatchObject([
      { document: 1, operationName: 'A', edition: 'partner', failure: { line: 2, column: 11 }, uses: { length: 2 } },
    ])
    // What nobody has any more is told once.
    expect(tryOn(shop({ order: 'tax: Int' })).map(({ document, edition }) => [document, edition])).toEqual([
      [0, null],
      [1, null],
    ])
  })

  it('tries the same of two apps once, and stops to begin when its time is over', () => {
    const texts = Array.from({ length: 1_000 }, () => '{ orders { total } }')
    const gone = shop({ order: 'tax: Int' })
    expect(attempt(gone, ...texts).verdicts).toHaveLength(1_000)
    const documents = texts.map((text) => ({ text, scopes: [] }))
    expect(tryDocuments({ before: shop(), after: gone, documents, budgetMs: -1 }, 'auto')).toEqual({
      verdicts: [],
      tried: 0,
      refusal: null,
    })
  })

  it('tells of a graph that gateways could not serve', () => {
    const labelled = graph(
      `type Query @authenticated { order(id: ID!): Order, orders(first: Int): [Order!] @listSize(assumedSize: 10) }
       type Order @key(fields: "id") @authenticated { id: ID! total: Int @shareable }`,
      `type Order @key(fields: "id") @authenticated { id: ID! total: Int @override(from: "s0", label: "percent(5)") }`,
    )
    expect(attempt(labelled, '{ orders { total } }')).toMatchObject({
      tried: 0,
      refusal: expect.stringContaining('@override with a label'),
    })
  })
})
