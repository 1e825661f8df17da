import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLNonNull, isEnumType, isInputObjectType, isObjectType, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { fieldRule, isOpen, ruleKey, typeRule } from '../../kit/access-rule.ts'
import { scopes, systemScopes, tierScopes } from '../../schema/scopes.ts'
import { CompositionError, composeSupergraph } from '../../subgraphs/compose.ts'
import { demoDeals } from '../../subgraphs/demo-world/deals.ts'
import { gtin13 } from '../../subgraphs/demo-world/gtin.ts'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { demoProducts, demoSkus } from '../../subgraphs/demo-world/products.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { fingerprintLine, supergraphOf } from '../../subgraphs/shipped-supergraph.ts'

const services = subgraphs.map(({ name, port, sdl }) => ({ name, sdl, url: `http://127.0.0.1:${port}/graphql` }))

describe('the registered subgraphs', () => {
  test('compose into one supergraph without a hint', () => {
    const { supergraphSdl, hints } = composeSupergraph(services)
    expect(hints).toEqual([])
    for (const { name } of subgraphs) expect(supergraphSdl).toContain(`@join__graph(name: "${name}"`)
  })

  test('are refused with the reasons when they do not fit together', () => {
    const broken = services.map((service) =>
      service.name === 'catalog'
        ? { ...service, sdl: service.sdl.replace('name: String!', 'name: Nonsense!') }
        : service,
    )
    expect(() => composeSupergraph(broken)).toThrow(CompositionError)
    expect(() => composeSupergraph(broken)).toThrow(/Nonsense/)
  })

  test('are served from the committed supergraph, and composed anew once one of them differs', () => {
    const shipped = supergraphOf(services)
    expect(shipped.startsWith(fingerprintLine(services))).toBe(true)
    const changed = services.map((service) =>
      service.name === 'catalog' ? { ...service, sdl: `${service.sdl}\ntype New @authenticated { id: ID! }` } : service,
    )
    expect(shipped).not.toContain('type New')
    expect(supergraphOf(changed)).toContain('type New')
  })

  test('have a name, a port and a setting each of their own', () => {
    for (const key of ['name', 'port', 'urlSetting'] as const) {
      expect(new Set(subgraphs.map((subgraph) => subgraph[key])).size).toBe(subgraphs.length)
    }
  })

  describe.each(subgraphs)('$name', ({ sdl }) => {
    const schema = buildSubgraphSchema(parse(sdl))
    // What begins with an underscore is federation's or introspection's own.
    const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('_'))
    const fields = types.flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).flatMap((field) => (field.name.startsWith('_') ? [] : [{ type, field }]))
        : [],
    )

    test('describes every field, argument, input and value', () => {
      const elements = [
        ...fields.flatMap(({ type, field }) => [
          { at: `${type.name}.${field.name}`, ...field },
          ...field.args.map((arg) => ({ at: `${type.name}.${field.name}(${arg.name}:)`, ...arg })),
        ]),
        ...types.flatMap((type) => {
          const parts = isInputObjectType(type)
            ? Object.values(type.getFields())
            : isEnumType(type)
              ? type.getValues()
              : []
          return parts.map(({ name, description }) => ({ at: `${type.name}.${name}`, description }))
        }),
      ]
      const undescribed = elements.filter(({ description }) => !description).map(({ at }) => at)
      expect(undescribed).toEqual([])
    })

    test('guards every field, and asks only for scopes that exist', () => {
      const known = new Set<string>([...Object.keys(scopes), ...Object.keys(tierScopes), ...systemScopes])
      for (const { type, field } of fields) {
        const rule = fieldRule(schema, type, field.name)
        expect(isOpen(rule), `${type.name}.${field.name} is open`).toBe(false)
        for (const scope of rule.scopes.flat()) expect(known).toContain(scope)
      }
    })

    test('makes every field nullable that asks for a scope, so that a denial leaves the rest', () => {
      const wiping = fields.filter(
        ({ type, field }) =>
          // What its type asks for is asked before its object is reached, of a field that is nullable.
          ruleKey(fieldRule(schema, type, field.name)) !== ruleKey(typeRule(type)) &&
          fieldRule(schema, type, field.name).scopes.length > 0 &&
          field.type instanceof GraphQLNonNull,
      )
      expect(wiping.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([])
    })
  })
})

describe('the demo world', () => {
  test('has the size of a real distributor', () => {
    expect([demoOrganizations, demoProducts, demoSkus, demoLocations, demoDeals].map(({ length }) => length)).toEqual([
      31, 80, 400, 12, 60,
    ])
  })

  test('gives every SKU a code and a valid GTIN-13 of its own', () => {
    expect(new Set(demoSkus.map(({ code }) => code)).size).toBe(400)
    expect(new Set(demoSkus.map(({ gtin }) => gtin)).size).toBe(400)
    for (const { gtin } of demoSkus) expect(gtin).toBe(gtin13(gtin.slice(0, 12)))
    // The example of the GS1 General Specifications.
    expect(gtin13('629104150021')).toBe('6291041500213')
  })

  test('has deals in every state, those at every eleventh place won', () => {
    expect(new Set(demoDeals.map(({ state }) => state)).size).toBe(11)
    for (const [index, { state }] of demoDeals.entries()) expect(state === 'WON').toBe(index % 11 === 0)
  })
})
