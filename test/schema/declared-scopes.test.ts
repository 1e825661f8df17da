import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { checkCandidate, composeTexts } from '../../schema/checks/check-candidate.ts'
import { readDeclaredScopes, scopeProblems } from '../../schema/checks/declared-scopes.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated", "@requiresScopes"])`
const definition = 'directive @scope(name: String!, description: String!) repeatable on SCHEMA'
const scope = (name: string, description = 'See your points') =>
  `@scope(name: ${JSON.stringify(name)}, description: ${JSON.stringify(description)})`

/** What is said of the declarations alone, with the line of each. */
const said = (declarations: readonly string[], subgraph = 'loyalty'): string[] =>
  scopeProblems(parse(`extend schema\n${declarations.join('\n')}`), subgraph).map(
    ({ severity, rule, message, line }) => `${severity} ${rule} ${line} ${message}`,
  )

describe('the scopes that a subgraph declares', () => {
  it('are taken when they begin with its name and say what they allow', () => {
    const declarations = [scope('loyalty:read'), scope('loyalty:award-points', 'Give points')]
    expect(said(declarations)).toEqual([])
    expect(said([scope('gift-cards:read')], 'gift-cards')).toEqual([])
    expect(readDeclaredScopes(parse(`extend schema ${declarations.join(' ')}`))).toEqual([
      { name: 'loyalty:read', description: 'See your points' },
      { name: 'loyalty:award-points', description: 'Give points' },
    ])
  })

  it.each([
    ["the product's", 'partner:write'],
    ["another team's", 'perks:read'],
    ['of a subgraph whose name begins like this one', 'loyalty2:read'],
    ['with a letter that only looks like ours', 'l\u{43E}yalty:read'],
    ['with a space, which would be two', 'loyalty:read partner:write'],
    ['with a line', 'loyalty:read\nx'],
    ['with a star, which elsewhere means all', 'loyalty:*'],
    ['with a colon more', 'loyalty:read:all'],
    ['without a name of its own', 'loyalty:'],
    ['in capitals', 'loyalty:Read'],
    ['that are too long', `loyalty:${'r'.repeat(41)}`],
  ])('are refused at their place: %s', (_, name) => {
    expect(said([scope('loyalty:read'), scope(name)])).toEqual([expect.stringMatching(/^ERROR POLICY 3 "/)])
  })

  it('cannot begin with what is before the colon of a scope of the product, whatever the subgraph is called', () => {
    for (const subgraph of ['partner', 'pricing', 'apps', 'system', 'schemas']) {
      expect(said([scope(`${subgraph}:points`)], subgraph)).toEqual([expect.stringContaining('come with the product')])
    }
  })

  it.each([
    ['empty', ' '],
    ['of two lines', 'See your points\nand more'],
    ['longer than a consent page shows well', 'x'.repeat(201)],
    ['with characters that are not seen', 'See your\u{200B} points'],
    ['that runs backwards', 'See \u{202E}stniop'],
  ])('need a description that is not %s', (_, description) => {
    expect(said([scope('loyalty:read', description)])).toEqual([expect.stringContaining('in plain words')])
  })

  it('may be described with any letters; a page escapes what it shows', () => {
    expect(said([scope('loyalty:read', 'Punkte <b>sehen</b> & zählen, 見る')])).toEqual([])
  })

  it('are declared once each, and are few', () => {
    expect(said([scope('loyalty:read'), scope('loyalty:read', 'Other words')])).toEqual([
      'ERROR POLICY 3 "loyalty:read" is declared twice.',
    ])
    const many = Array.from({ length: 10_000 }, (_, index) => scope(`loyalty:s${index}`))
    expect(said(many)).toEqual(['ERROR POLICY 22 10000 scopes are declared, and at most 20 are taken.'])
  })

  it.each([
    ['no arguments', '@scope'],
    ['a number for a name', '@scope(name: 1, description: "x")'],
    ['a list for a name', '@scope(name: ["loyalty:read"], description: "x")'],
    ['no description', '@scope(name: "loyalty:read")'],
  ])('are refused with %s', (_, declaration) => {
    expect(said([declaration])).not.toEqual([])
  })
})

describe('a candidate with scopes', () => {
  const shop = {
    name: 'shop',
    url: 'http://shop.test',
    sdl: `${link} type Query { mine: Organization @requiresScopes(scopes: [["partner:read"]]) }
      type Organization @key(fields: "id") @authenticated { id: ID! name: String }`,
  }
  const loyaltyOf = (declarations: string, asked = 'loyalty:read') => ({
    name: 'loyalty',
    url: 'http://loyalty.test',
    sdl: `${link} ${declarations} ${definition}
      type Organization @key(fields: "id") @authenticated { id: ID! points: Int @requiresScopes(scopes: [["${asked}"]]) }`,
  })
  const perks = {
    name: 'perks',
    url: 'http://perks.test',
    sdl: `${link}
      type Organization @key(fields: "id") @authenticated { id: ID! perks: Int @requiresScopes(scopes: [["loyalty:read"]]) }`,
  }
  const before = composeTexts([shop])
  const errors = async (services: readonly (typeof shop)[], changed: string | null) => {
    const { problems, composed, scopes } = await checkCandidate({ services, changed, before })
    const found = problems.filter(({ severity }) => severity === 'ERROR')
    return { errors: found.map(({ subgraph, message }) => `${subgraph}: ${message}`), composed, scopes }
  }

  it('composes, and asks for what it declares itself', async () => {
    const found = await errors([shop, loyaltyOf(scope('loyalty:read'))], 'loyalty')
    expect(found.errors).toEqual([])
    expect(found.scopes).toEqual([{ name: 'loyalty:read', description: 'See your points' }])
    expect(found.composed?.supergraphSdl).toContain('loyalty:read')
    expect(found.composed?.apiSdl).not.toContain('@scope')
  })

  it('is refused for asking what nobody declares', async () => {
    const found = await errors([shop, loyaltyOf(scope('loyalty:read'), 'loyalty:write')], 'loyalty')
    expect(found.errors).toEqual(['loyalty: No app can hold the scope loyalty:write.'])
  })

  it('may ask for what another one declares, which then cannot take it away', async () => {
    expect((await errors([shop, loyaltyOf(scope('loyalty:read')), perks], 'perks')).errors).toEqual([])
    const without = await errors([shop, loyaltyOf('', 'partner:read'), perks], 'loyalty')
    expect(without.errors).toEqual(['perks: No app can hold the scope loyalty:read.'])
    const retired = await errors([shop, perks], null)
    expect(retired.errors).toEqual(['perks: No app can hold the scope loyalty:read.'])
  })
})
