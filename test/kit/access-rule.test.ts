import { readFileSync } from 'node:fs'
import { type GraphQLObjectType, buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { type AccessRule, allows, bothRules, fieldRule } from '../../kit/access-rule.ts'

const asking = (...scopes: readonly (readonly string[])[]): AccessRule => ({ authenticated: true, scopes })

describe('two rules at once', () => {
  it('ask for one of each', () => {
    expect(bothRules(asking(['a'], ['b']), asking(['c'])).scopes).toEqual([
      ['a', 'c'],
      ['b', 'c'],
    ])
  })

  it('ask for nothing that another alternative does without', () => {
    expect(bothRules(asking(['a']), asking(['a'], ['b'], ['c'])).scopes).toEqual([['a']])
    expect(bothRules(asking(['a'], ['b']), asking(['a'], ['b'])).scopes).toEqual([['a'], ['b']])
  })
})

describe('a deal that is reached from another subgraph', () => {
  const supergraph = buildSchema(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'), {
    assumeValid: true,
  })
  it.each([
    ['Reservation', 'deal', 'inventory:read'],
    ['Commission', 'dealRegistration', 'billing:read'],
  ])('by %s.%s is shown with a scope of deals and not with %s alone', (type, field, other) => {
    const rule = fieldRule(supergraph, supergraph.getType(type) as GraphQLObjectType, field)
    expect(allows(rule, { scopes: [other] })).toBe(false)
    expect(allows(rule, { scopes: [other, 'deals:read'] })).toBe(true)
  })
})
