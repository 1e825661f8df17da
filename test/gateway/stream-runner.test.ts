import { buildSchema } from 'graphql'
import { expect, it } from 'vitest'
import { parseOperation } from '../../gateway/operation/parse-operation.ts'
import { createStreamRunner } from '../../gateway/streams/stream-operation.ts'
import { generousLimits, testCaller } from './mini-graph.ts'

const schema = buildSchema('type Query { a: Int } type Subscription { tick: Int }')
const identity = { caller: testCaller(), limits: generousLimits }
const { signal } = new AbortController()

const run = createStreamRunner({
  snapshot: () => schema,
  textOf: (_identity, { query = '' }) => Promise.resolve(query),
  documentOf: parseOperation,
  admit: () => Promise.resolve(),
  execute: () => Promise.resolve({ dataText: '{"a":1}', body: '{"data":{"a":1}}', errors: [] }),
  subscribe: () => Promise.reject(new Error('not refused')),
})

it.each([
  ['{ a', 'GRAPHQL_PARSE_FAILED'],
  [`{ a(b: ${'['.repeat(4_900)}`, 'GRAPHQL_PARSE_FAILED'],
  ['{ secret }', 'GRAPHQL_VALIDATION_FAILED'],
  ['subscription ($x: Boolean!) { tick @include(if: $x) }', 'GRAPHQL_VALIDATION_FAILED'],
  ['query A { a } query B { a }', 'OPERATION_RESOLUTION_FAILURE'],
])('refuses %.40s with %s and no suggestion', async (query, code) => {
  const result = await run({ query }, identity, signal)
  expect(result).toMatchObject({ errors: [{ extensions: { code } }] })
  expect(JSON.stringify(result)).not.toContain('Did you mean')
})
