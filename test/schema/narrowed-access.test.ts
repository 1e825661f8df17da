import { describe, expect, it } from 'vitest'
import { composeTexts } from '../../schema/checks/check-candidate.ts'
import { compareGraphs } from '../../schema/checks/compare-graphs.ts'

const head = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.12"
  import: ["@key", "@authenticated", "@requiresScopes", "@inaccessible"]
)`
const graph = (sdl: string) => composeTexts([{ name: 'shop', url: 'http://shop.test', sdl: `${head}\n${sdl}` }])
const scopes = (...alternatives: readonly string[]) =>
  `@requiresScopes(scopes: [${alternatives
    .map(
      (all) =>
        `[${all
          .split(' ')
          .map((one) => `"${one}"`)
          .join()}]`,
    )
    .join()}])`

async function narrowed(before: string, after: string) {
  const changes = await compareGraphs(graph(before), graph(after))
  return changes
    .filter(({ kind }) => kind === 'ACCESS_NARROWED')
    .map(({ criticality, coordinate, usedBy }) => ({ criticality, coordinate, usedBy: usedBy.toSorted() }))
}
const breaking = (coordinate: string, ...usedBy: readonly string[]) => [{ criticality: 'BREAKING', coordinate, usedBy }]

const order = (rule: string, field = '') =>
  `type Query { order: Order @authenticated } type Order ${rule} { id: ID ${field} }`
const orderId = (rule: string) => order('@authenticated', `total: Int ${rule}`)

const nodes = (rule: string, more = '') => `
  type Query { node: Node @authenticated, a: A @authenticated }
  interface Node { id: ID }
  type A implements Node { id: ID ${rule} } ${more}`

describe('access rules that became narrower', () => {
  it.each([
    ['asks for a scope where it asked for none', '', scopes('a')],
    ['asks for another scope', scopes('a'), scopes('b')],
    ['asks for one scope more', scopes('a'), scopes('a b')],
    ['loses an alternative', scopes('a', 'b'), scopes('a')],
  ])('are told of a field that %s', async (_name, before, after) => {
    expect(await narrowed(orderId(before), orderId(after))).toEqual(breaking('Order.total', 'Order.total'))
  })

  it.each([
    ['the same rule', scopes('a b', 'c'), scopes('c', 'b a')],
    ['a wider rule', scopes('a b'), scopes('a')],
    ['an alternative more', scopes('a'), scopes('a', 'b')],
    ['no scope any more', scopes('a'), ''],
    ['@authenticated, which every caller is', '', '@authenticated'],
  ])('are not told of a field with %s', async (_name, before, after) => {
    expect(await narrowed(orderId(before), orderId(after))).toEqual([])
  })

  it('are told once of a type, with the fields of it and those that lead to it', async () => {
    expect(await narrowed(order('@authenticated'), order(scopes('a')))).toEqual(
      breaking('Order', 'Order.id', 'Query.order'),
    )
  })

  it('are not told where the rule moves from the type to each field and back', async () => {
    const onFields = `type Query { order: Order ${scopes('a')} } type Order { id: ID ${scopes('a')} }`
    expect(await narrowed(order(scopes('a')), onFields)).toEqual([])
    expect(await narrowed(onFields, order(scopes('a')))).toEqual([])
  })

  it('reach those who ask through an interface, also by a type that joins it', async () => {
    expect(await narrowed(nodes(''), nodes(scopes('a')))).toEqual(breaking('A.id', 'A.id', 'Node.id'))
    const joined = nodes(scopes('a'), `type B implements Node { id: ID ${scopes('b')} }`)
    expect(await narrowed(nodes(scopes('a')), joined)).toEqual(breaking('B.id', 'Node.id'))
    const alike = nodes(scopes('a'), `type B implements Node { id: ID ${scopes('a')} }`)
    expect(await narrowed(nodes(scopes('a')), alike)).toEqual([])
  })

  it('are not told of what clients do not see, before or after', async () => {
    const hidden = (rule: string) => orderId(`@inaccessible ${rule}`)
    expect(await narrowed(hidden(''), hidden(scopes('a')))).toEqual([])
    expect(await narrowed(order('@authenticated'), orderId(scopes('a')))).toEqual([])
    expect(await narrowed(orderId(''), order('@authenticated'))).toEqual([])
  })
})
