import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { ContractRule, DatedVersion } from '../../kit/contracts.ts'
import { checkCandidate, composeTexts } from '../../schema/checks/check-candidate.ts'
import { contractSdl } from '../../schema/contracts/contract-sdl.ts'
import { editionTexts } from '../../schema/contracts/edition-texts.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@tag", "@shareable",
  "@authenticated", "@requiresScopes", "@inaccessible"])\n`
const named = (name: string, rule: Partial<ContractRule>): ContractRule => ({
  name,
  description: '',
  include: [],
  exclude: [],
  excludeScopes: [],
  ...rule,
})
const partner = named('partner', { exclude: ['internal'] })
const shop = (sdl: string) => [{ name: 'shop', url: 'http://shop.test', sdl: link + sdl }]

/** The coordinates of a contract's schema; throws with what is wrong with it. */
function coordinatesOf(sdl: string, rule: ContractRule): string[] {
  const outcome = contractSdl(composeTexts(shop(sdl)).supergraphSdl, rule)
  if (!('sdl' in outcome)) throw new Error(outcome.faults.map(({ message }) => message).join('\n'))
  return Object.values(buildSchema(outcome.sdl).getTypeMap())
    .filter(({ name, astNode }) => astNode && !name.startsWith('__'))
    .flatMap((type) => {
      if ('getFields' in type) return Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      return 'getValues' in type ? type.getValues().map(({ name }) => `${type.name}.${name}`) : [type.name]
    })
    .toSorted()
}

const goods = `
  type Query { goods: [Good] margin: Margin @tag(name: "internal") }
  type Mutation { price(input: PriceInput!): Good @requiresScopes(scopes: [["prices:write"], ["prices:decide"]]) }
  type Good @key(fields: "id") { id: ID! name: String cost: Int @tag(name: "internal") state: State kind: Kind }
  type Margin { percent: Int of: Good }
  enum State { NEW OLD HELD @tag(name: "internal") }
  enum Kind @tag(name: "internal") { A B }
  input PriceInput { id: ID! amount: Int! note: Note @tag(name: "internal") }
  input Note { text: String }
`

describe('a contract', () => {
  it('leaves out what has an excluding tag, what answers it, and what nothing leads to any more', () => {
    expect(coordinatesOf(goods, partner)).toEqual([
      'Good.id',
      'Good.name',
      'Good.state',
      'Mutation.price',
      'PriceInput.amount',
      'PriceInput.id',
      'Query.goods',
      'State.NEW',
      'State.OLD',
    ])
  })

  it('shows only what has an including tag, of its own or of its type, where the rule names one', () => {
    const sdl = `
      type Query { goods: Page @tag(name: "public") mine: Page }
      type Page @tag(name: "public") { nodes: [Good] owner: Owner }
      type Good { id: ID! @tag(name: "public") cost: Int }
      type Owner { name: String }
    `
    const publicRule = named('public', { include: ['public'] })
    expect(coordinatesOf(sdl, publicRule)).toEqual(['Good.id', 'Page.nodes', 'Query.goods'])
  })

  it('leaves out fields that nobody may ask for without a scope of the operator', () => {
    const decided = named('partner', { excludeScopes: ['prices:decide'] })
    expect(coordinatesOf(goods, decided)).toContain('Mutation.price')
    const both = named('partner', { excludeScopes: ['prices:decide', 'prices:write'] })
    expect(coordinatesOf(goods, both)).not.toContain('Mutation.price')
    expect(coordinatesOf(goods, both)).not.toContain('PriceInput.id')
  })

  it('works on a supergraph that hides nothing by itself', () => {
    const { supergraphSdl } = composeTexts(shop('type Query { a: Int b: Int @tag(name: "internal") }'))
    expect(supergraphSdl).not.toContain('@inaccessible')
    expect(coordinatesOf('type Query { a: Int b: Int @tag(name: "internal") }', partner)).toEqual(['Query.a'])
  })

  it.each([
    ['a required input field', 'type Query { q(i: I!): Int } input I { a: Int b: Int! @tag(name: "internal") }', 'I.b'],
    ['a required argument', 'type Query { q(a: Int! @tag(name: "internal")): Int }', 'Query.q(a:)'],
    ['all fields of a type', 'type Query { q: T } type T { a: Int @tag(name: "internal") }', 'T'],
    ['all values of an enum', 'type Query { q: E } enum E { A @tag(name: "internal") }', 'E.A'],
    ['all fields of Query', 'type Query { q: Int @tag(name: "internal") }', 'Query.q'],
    [
      'what an interface promises',
      'type Query { q: N } interface N { id: ID } type T implements N { id: ID @tag(name: "internal") a: Int }',
      'T.id',
    ],
  ])('is no schema without %s, and says where', (_what, sdl, coordinate) => {
    const outcome = contractSdl(composeTexts(shop(sdl)).supergraphSdl, partner)
    expect(outcome).toMatchObject({
      faults: [{ coordinate, message: expect.stringMatching(new RegExp(`\\b${coordinate.split(/[.(]/)[0]}\\b`)) }],
    })
  })
})

describe('a version', () => {
  const promised: DatedVersion = {
    version: '2026-10',
    contract: 'partner',
    from: '2026-10-01',
    until: '2027-10-01',
    sdl: 'type Query { a: Int old(in: In): Int e: E } input In { x: Int } enum E { A B }',
  }
  const served = async (sdl: string) => {
    const { supergraphSdl } = composeTexts(shop(sdl))
    const { sdls, problems } = await editionTexts(supergraphSdl, { contracts: [partner], versions: [promised] })
    return { sdl: sdls.get('2026-10') ?? '', problems }
  }

  it('is what it was, whatever comes to the graph', async () => {
    const now =
      'type Query { a: Int! old(in: In, more: Int): Int e: E new: Int } input In { x: Int y: Int } enum E { A B C }'
    expect(await served(now)).toEqual({ sdl: promised.sdl, problems: [] })
  })

  it.each([
    ['a field', 'type Query { a: Int e: E } enum E { A B }', 'old'],
    [
      'a field that its contract hides now, which is promised all the same',
      'type Query { a: Int old(in: In): Int @tag(name: "internal") e: E } input In { x: Int } enum E { A B }',
      null,
    ],
    ['a value', 'type Query { a: Int old(in: In): Int e: E } input In { x: Int } enum E { A }', 'B'],
    [
      'an input field, with what takes it',
      'type Query { a: Int old(in: In): Int e: E } input In { y: Int } enum E { A B }',
      'old',
    ],
    [
      'an argument that can be left out',
      'type Query { a: Int old(in: In, must: Int!): Int e: E } input In { x: Int } enum E { A B }',
      'old',
    ],
  ])('loses with the graph %s, and keeps the rest', async (_what, sdl, lost) => {
    const found = await served(sdl)
    const schema = buildSchema(found.sdl)
    expect(schema.getQueryType()?.getFields()).toHaveProperty('a')
    if (lost === null) expect(found).toEqual({ sdl: promised.sdl, problems: [] })
    else {
      expect(found.sdl).not.toMatch(new RegExp(`\\b${lost}\\b`))
      expect(found.problems[0]).toContain('the version 2026-10: ')
    }
  })

  it('that cannot be read takes no other with it, and is told of by name', async () => {
    const { supergraphSdl } = composeTexts(shop('type Query { a: Int }'))
    const broken = { ...promised, version: '2026-04', sdl: 'type Query { a: Nobody }' }
    const { sdls, problems } = await editionTexts(supergraphSdl, {
      contracts: [partner],
      versions: [broken, { ...promised, sdl: 'type Query { a: Int }' }],
    })
    expect([...sdls.keys()]).toEqual(['partner', '2026-10'])
    expect(problems).toEqual([expect.stringMatching(/^the version 2026-04: .*Nobody/)])
  })

  it('is not the check that stops a candidate for what the graph lacks already', async () => {
    const was = 'type Query @authenticated { a: Int }'
    const found = await check({ was, is: 'type Query @authenticated { a: Int b: Int }', versions: [promised] })
    expect(found.problems.filter(({ severity }) => severity === 'ERROR')).toEqual([])
  })

  it('stops a candidate that breaks its promise, naming it and its end, and no longer when it is retired', async () => {
    const was = 'type Query @authenticated { a: Int old(in: In): Int e: E } input In { x: Int } enum E { A B }'
    const is = 'type Query @authenticated { a: Int e: E } enum E { A B }'
    const { problems } = await check({ was, is, versions: [promised] })
    expect(problems).toContainEqual(
      expect.objectContaining({
        severity: 'ERROR',
        rule: 'VERSION_PROMISE',
        coordinate: 'Query.old',
        message: expect.stringMatching(/2026-10 of the contract partner promises it until 2027-10-01/),
      }),
    )
    const later = await check({ was, is, versions: [promised], now: '2027-10-01T00:00:00Z' })
    expect(later.problems.map(({ rule }) => rule)).not.toContain('VERSION_PROMISE')
  })
})

async function check({
  was,
  is,
  versions = [],
  now = '2026-11-21T12:00:00Z',
}: {
  readonly was: string
  readonly is: string
  readonly versions?: readonly DatedVersion[]
  readonly now?: string
}) {
  const contracts = [partner, named('internal', {})]
  const { supergraphSdl, apiSdl } = composeTexts(shop(was))
  const { sdls } = await editionTexts(supergraphSdl, { contracts, versions: [] })
  return checkCandidate({
    services: shop(is),
    changed: 'shop',
    before: { supergraphSdl, apiSdl },
    contracts: { contracts, versions, sdls, now: new Date(now) },
  })
}

describe('the check of a candidate', () => {
  it('tells which contracts a change breaks', async () => {
    const { changes } = await check({
      was: 'type Query @authenticated { a: Int b: Int c: Int @tag(name: "internal") }',
      is: 'type Query @authenticated { a: Int }',
    })
    const of = Object.fromEntries(changes.map(({ coordinate, contracts }) => [coordinate, contracts]))
    expect(of).toEqual({ 'Query.b': ['internal', 'partner'], 'Query.c': ['internal'] })
  })

  it('tells on which paths a change is noticed, so that nobody is named who loses nothing', async () => {
    const promised: DatedVersion = {
      version: '2026-10',
      contract: 'partner',
      from: '2026-10-01',
      until: '2027-10-01',
      sdl: 'type Query { b: Int c: Int }',
    }
    const { changes } = await check({
      was: `type Query @authenticated { a: Int b: Int c: Int d: Int e: Int @tag(name: "internal") f: Int }`,
      is: `type Query @authenticated { a: Int b: Int @tag(name: "internal") f: Int @requiresScopes(scopes: [["x"]]) }`,
      versions: [promised, { ...promised, version: '2026-04', from: '2026-04-01', until: '2026-11-01' }],
    })
    const of = Object.fromEntries(changes.map(({ coordinate, noticedIn }) => [coordinate, noticedIn]))
    expect(of).toEqual({
      // Promised all the same, and still in the whole graph.
      'Query.b': ['partner'],
      'Query.c': [null, 'internal', 'partner', '2026-10'],
      'Query.d': [null, 'internal', 'partner'],
      'Query.e': [null, 'internal'],
      'Query.f': undefined,
    })
  })

  it('takes a field that a contract shows no more for a breaking change of it, though the graph has it', async () => {
    const { changes, problems } = await check({
      was: 'type Query @authenticated { a: Int b: Int }',
      is: 'type Query @authenticated { a: Int b: Int @tag(name: "internal") }',
    })
    expect(changes).toEqual([
      expect.objectContaining({
        criticality: 'BREAKING',
        kind: 'FIELD_REMOVED',
        coordinate: 'Query.b',
        contracts: ['partner'],
        usedBy: ['Query.b'],
        message: "Field 'b' was removed from object type 'Query' in the contract partner only",
        place: { line: 3, column: 36 },
      }),
    ])
    expect(problems.filter(({ severity }) => severity === 'ERROR')).toEqual([])
  })

  it('tells what a contract comes to show, though the graph has had it, and which contracts show what is new', async () => {
    const { changes } = await check({
      was: 'type Query @authenticated { a: Int b: B @tag(name: "internal") } type B @authenticated { c: Int }',
      is: 'type Query @authenticated { a: Int b: B d: Int e: Int @tag(name: "internal") } type B @authenticated { c: Int }',
    })
    const of = Object.fromEntries(changes.map(({ coordinate, contracts }) => [coordinate, contracts]))
    expect(of).toEqual({
      B: ['partner'],
      'B.c': ['partner'],
      'Query.b': ['partner'],
      'Query.d': ['internal', 'partner'],
      'Query.e': ['internal'],
    })
    expect(changes.map(({ criticality }) => criticality)).toEqual(['SAFE', 'SAFE', 'SAFE', 'SAFE', 'SAFE'])
  })

  it('refuses what leaves a contract no schema, with the place in the text', async () => {
    const { problems } = await check({
      was: 'type Query @authenticated { a(i: I!): Int } input I { x: Int y: Int! }',
      is: 'type Query @authenticated { a(i: I!): Int }\n input I { x: Int y: Int! @tag(name: "internal") }',
    })
    const errors = problems.filter(({ severity }) => severity === 'ERROR')
    expect(errors).toEqual([
      expect.objectContaining({ rule: 'CONTRACT', subgraph: 'shop', coordinate: 'I.y', line: 4, column: 19 }),
    ])
    expect(errors[0]?.message).toContain('The contract partner would be no schema.')
  })
})
