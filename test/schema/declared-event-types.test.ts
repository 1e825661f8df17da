import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { publicEventTypes } from '../../kit/event-types.ts'
import { checkCandidate, composeTexts } from '../../schema/checks/check-candidate.ts'
import { eventTypeProblems, readDeclaredEventTypes } from '../../schema/checks/declared-event-types.ts'

const type = (name: string, { description = 'Points were awarded.', scope = 'loyalty:read' } = {}) =>
  `@eventType(name: ${JSON.stringify(name)}, description: ${JSON.stringify(description)}, scope: ${JSON.stringify(scope)})`

/** What is said of the declarations alone, with the line of each. */
const said = (declarations: readonly string[], subgraph = 'loyalty'): string[] =>
  eventTypeProblems(parse(`extend schema\n${declarations.join('\n')}`), {
    subgraph,
    declared: new Set(['loyalty:read']),
  }).map(({ severity, rule, message, line }) => `${severity} ${rule} ${line} ${message}`)

const sdlWith = (...declarations: readonly string[]) => `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@authenticated", "@shareable"])
  ${declarations.join('\n')}
  directive @scope(name: String!, description: String!) repeatable on SCHEMA
  directive @eventType(name: String!, description: String!, scope: String!) repeatable on SCHEMA
  type Query { "A." a: Int @authenticated @shareable }`

describe('the event types that a subgraph declares', () => {
  it('are taken when they begin with its name, say what has happened, and can be read by somebody', () => {
    const declarations = [type('loyalty.points_awarded'), type('loyalty.tier2', { scope: 'deals:read' })]
    expect(said(declarations)).toEqual([])
    expect(said([type('gift-cards.sold')], 'gift-cards')).toEqual([])
    expect(readDeclaredEventTypes(parse(`extend schema ${declarations.join(' ')}`))).toEqual([
      { name: 'loyalty.points_awarded', description: 'Points were awarded.', scope: 'loyalty:read' },
      { name: 'loyalty.tier2', description: 'Points were awarded.', scope: 'deals:read' },
    ])
  })

  it.each([
    ["the product's", 'deal.approved'],
    ["another team's", 'perks.used'],
    ['of a subgraph whose name begins like this one', 'loyalty2.used'],
    ['with a letter that only looks like ours', 'l\u{43E}yalty.used'],
    ['with a dot more', 'loyalty.points.awarded'],
    ['with a dash, as no type has', 'loyalty.points-awarded'],
    ['without a name of its own', 'loyalty.'],
    ['in capitals', 'loyalty.Used'],
    ['that are too long', `loyalty.${'r'.repeat(61)}`],
  ])('are refused at their place: %s', (_, name) => {
    expect(said([type('loyalty.used'), type(name)])).toEqual([expect.stringMatching(/^ERROR EVENT_TYPE 3 "/)])
  })

  it('cannot begin as a type, a scope or a source of the product does, whatever the subgraph is called', () => {
    const prefixes = new Set(publicEventTypes.map(({ name }) => name.slice(0, name.indexOf('.'))))
    const possible = [...prefixes].filter((prefix) => /^[a-z][a-z\d-]{0,39}$/.test(prefix))
    expect(possible.length).toBeGreaterThan(20)
    for (const subgraph of [...possible, 'events', 'deals', 'system', 'billing']) {
      expect(said([type(`${subgraph}.used`)], subgraph)).toEqual([expect.stringContaining('come with the product')])
    }
  })

  it('need plain words, and a scope that an app can hold', () => {
    expect(said([type('loyalty.used', { description: 'Used\u{202E}.' })])).toEqual([
      expect.stringContaining('plain words'),
    ])
    for (const scope of ['perks:read', 'system:events', '']) {
      expect(said([type('loyalty.used', { scope })])).toEqual([expect.stringContaining('No app can hold')])
    }
  })

  it('are declared once each, and at most fifty of them, however many are written', () => {
    expect(said([type('loyalty.used'), type('loyalty.used')])).toEqual([expect.stringContaining('declared twice')])
    const many = Array.from({ length: 10_000 }, (_, place) => type(`loyalty.used${place}`))
    expect(said(many)).toEqual(['ERROR EVENT_TYPE 52 10000 event types are declared, and at most 50 are taken.'])
  })

  it('hold the scope that they name: who declares it cannot take it away', async () => {
    const services = [
      { name: 'loyalty', url: '', sdl: sdlWith(type('loyalty.used', { scope: 'perks:read' })) },
      { name: 'perks', url: '', sdl: sdlWith() },
    ]
    const { problems } = await checkCandidate({ services, changed: 'perks', before: composeTexts(services) })
    expect(problems.filter(({ rule }) => rule === 'EVENT_TYPE')).toMatchObject([
      { subgraph: 'loyalty', message: expect.stringContaining('perks:read') },
    ])
  })
})
