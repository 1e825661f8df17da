import { readFileSync } from 'node:fs'
import {
  type GraphQLObjectType,
  buildSchema,
  getNamedType,
  isEnumType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDirectives } from '../../kit/access-rule.ts'
import { type ArgumentsOf, type Field, type Path, apiSchema, objectTypeOf, pathsThrough } from './api-schema.ts'
import { type AttackGraph, startAttackGraph } from './attack-graph.ts'
import type { Answer } from './witness.ts'

let graph: AttackGraph
beforeAll(async () => {
  graph = await startAttackGraph({ limits: 'lifted' })
})
afterAll(() => graph[Symbol.asyncDispose]())

const queryType = apiSchema.getQueryType() as GraphQLObjectType
const supergraph = buildSchema(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'), {
  assumeValid: true,
})

interface Slice {
  readonly coordinate: string
  readonly path: Path
  readonly argument: string
}

const argumentsToGetThere: ArgumentsOf = ({ args }) => {
  const given: string[] = []
  for (const argument of args) {
    const { name, type } = argument
    const named = getNamedType(type)
    if (name === 'first') given.push('first: 2')
    else if (isRequiredArgument(argument)) {
      if (!isEnumType(named)) return null
      given.push(`${name}: ${named.getValues()[0]?.name}`)
    }
  }
  return given.length === 0 ? '' : `(${given.join(', ')})`
}

/** Steps of a check of all records, which cost the same whatever their size is: they have a bound of their own. */
const priced = ['Query.verifyInventory', 'Query.verifyLedger']

/** Every list whose size its caller chooses, each by the shortest way to it. */
const slices: readonly Slice[] = pathsThrough(queryType, argumentsToGetThere, 1).flatMap((path) => {
  const field = path.at(-1) as Field
  const before = path.at(-2)
  const type = before === undefined ? queryType : objectTypeOf(before)
  const owner = supergraph.getType(type?.name ?? '')
  const known = isObjectType(owner) ? owner.getFields()[field.name] : undefined
  const listSize = readDirectives(known?.astNode?.directives).find(({ name }) => name === 'listSize')
  const slicing = listSize?.arguments['slicingArguments']
  const named = Array.isArray(slicing) ? slicing.map(String) : []
  return named.map((argument) => ({ coordinate: `${type?.name}.${field.name}`, path, argument }))
})

/** The document that asks for a slice; `value` is what stands for its size. */
function documentOf({ path, argument }: Slice, value: string | null, variables = ''): string {
  const [inner = '', ...outer] = path.toReversed().map((field, index) => {
    const on = path.at(-2 - index)
    const args = argumentsToGetThere(field, (on && objectTypeOf(on)) ?? queryType) ?? ''
    if (index > 0) return `${field.name}${args}`
    const rest = args
      .replace(/^\(|\)$/g, '')
      .split(', ')
      .filter((part) => part !== '' && !part.startsWith(`${argument}:`))
    const all = [...rest, ...(value === null ? [] : [`${argument}: ${value}`])]
    return `${field.name}${all.length === 0 ? '' : `(${all.join(', ')})`}`
  })
  const below = objectTypeOf(path.at(-1) as Field)?.getFields()['nodes'] ? 'nodes { __typename }' : ''
  const selection = outer.reduce((text, field) => `${field} { ${text} }`, `${inner} { __typename ${below} }`)
  return `query Q${variables} { ${selection} }`
}

const ask = (document: string, variables: object = {}): Promise<Answer> =>
  graph.ask(graph.key('operator-console'), document, { ...variables })
const costOf = ({ extensions, text }: Answer): number => {
  const cost = extensions?.cost?.requestedQueryCost
  if (cost === undefined) throw new Error(text)
  return cost
}
const codeOf = ({ errors }: Answer): unknown => errors[0]?.extensions?.['code']

it('every list with a size is asked for below', () => {
  const listed = Object.values(apiSchema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .filter(({ args }) => args.some(({ name }) => name === 'first'))
          .map(({ name }) => `${type.name}.${name}`)
      : [],
  )
  expect([...slices.map(({ coordinate }) => coordinate), ...priced].toSorted()).toEqual(listed.toSorted())
})

describe.each(slices)('$coordinate($argument:)', (slice) => {
  const optional = slice.path.at(-1)?.args.find(({ name }) => name === slice.argument)
  const nullable = optional !== undefined && !isRequiredArgument(optional) && !String(optional.type).endsWith('!')

  it('costs the same by literal, by variable and by the default of a variable', async () => {
    const literal = await ask(documentOf(slice, '7'))
    const type = nullable ? 'Int' : 'Int!'
    const variable = await ask(documentOf(slice, '$n', `($n: ${type})`), { n: 7 })
    const byDefault = await ask(documentOf(slice, '$n', `($n: ${type} = 7)`))
    expect([costOf(variable), costOf(byDefault)]).toEqual([costOf(literal), costOf(literal)])
    expect(costOf(await ask(documentOf(slice, '8')))).toBeGreaterThan(costOf(literal))
  })

  it.runIf(nullable)('costs without it, or with null, no less than what comes', async () => {
    for (const document of [documentOf(slice, null), documentOf(slice, 'null'), documentOf(slice, '$n', '($n: Int)')]) {
      const { extensions, text } = await ask(document)
      const { requestedQueryCost = 0, actualQueryCost = null } = extensions?.cost ?? {}
      expect(actualQueryCost, text).not.toBeNull()
      expect(requestedQueryCost, document).toBeGreaterThanOrEqual(actualQueryCost ?? Infinity)
      expect(requestedQueryCost, document).toBeGreaterThanOrEqual(25)
    }
  })

  it('takes no size below zero, which makes nothing cheaper', async () => {
    const negative = await ask(documentOf(slice, '-1000000'))
    expect(costOf(negative)).toBeGreaterThanOrEqual(1)
    expect(negative.extensions?.cost?.actualQueryCost ?? 0).toBeGreaterThanOrEqual(0)
    const beside = documentOf(slice, '-1000000').replace(
      'query Q {',
      'query Q { dear: products(first: 200) { nodes { name } } ',
    )
    expect(costOf(await ask(beside))).toBeGreaterThanOrEqual(200)
  })

  it('takes no size beyond reason, before anything is fetched', async () => {
    const fetches = graph.fetches()
    expect(codeOf(await ask(documentOf(slice, '2147483647')))).toBe('COST_LIMIT_EXCEEDED')
    expect(codeOf(await ask(documentOf(slice, '2147483648')))).toBe('GRAPHQL_VALIDATION_FAILED')
    const type = nullable ? 'Int' : 'Int!'
    for (const n of [2_147_483_648, 1.5, '7'])
      expect(codeOf(await ask(documentOf(slice, '$n', `($n: ${type})`), { n }))).toBe('BAD_USER_INPUT')
    expect(graph.fetches()).toBe(fetches)
  })
})

it.each(priced)('%s takes no size beyond its bound', async (coordinate) => {
  const name = coordinate.replace('Query.', '')
  for (const first of [2_147_483_647, 1_001, 0, -1]) {
    const { data, errors } = await ask(`{ ${name}(first: ${first}) { __typename } }`)
    expect([data?.[name], errors[0]?.extensions?.['code']]).toEqual([null, 'BAD_USER_INPUT'])
  }
})

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})
