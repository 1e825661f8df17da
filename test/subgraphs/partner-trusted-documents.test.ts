import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemCaller } from '../../kit/caller.ts'
import { type PartnerUnderTest, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

interface AppWithDocuments {
  readonly id: string
  readonly trustedDocuments: { readonly nodes: readonly { documentId: string; text: string }[]; totalCount: number }
}

let graph: PartnerUnderTest
let appId: string
const northwind = callerOf('northwind')
const app = { entity: 'app', fields: 'id trustedDocuments { nodes { documentId text } totalCount }' }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const publish = (documents: readonly string[], caller = northwind) =>
  graph.mutate<AppWithDocuments>(caller, { name: 'publishTrustedDocuments', ...app, input: { appId, documents } })
const remove = (documentIds: readonly string[], caller = northwind) =>
  graph.mutate<AppWithDocuments>(caller, { name: 'removeTrustedDocuments', ...app, input: { appId, documentIds } })
const find = async (id: string, hash: string) => {
  const query = 'query ($appId: ID!, $hash: String!) { trustedDocument(appId: $appId, hash: $hash) }'
  const caller = systemCaller(['system:identity'])
  return (await graph.ask<{ trustedDocument: string | null }>(caller, query, { appId: id, hash })).trustedDocument
}

beforeAll(async () => {
  graph = await startPartner()
  const { entity } = await graph.mutate<{ id: string }>(northwind, {
    name: 'registerApp',
    entity: 'app',
    input: { name: 'Documents', environment: 'LIVE', scopes: ['catalog:read'] },
  })
  appId = entity?.id ?? ''
})
afterAll(() => graph?.stop())

it('are published once each, found by their hash for their app alone, and taken back', async () => {
  const { entity, userErrors } = await publish(['{ a }', '{ b }', '{ a }'])
  expect(userErrors).toEqual([])
  expect(entity?.trustedDocuments.totalCount).toBe(2)
  expect((await publish(['{ b }', '{ c }'])).entity?.trustedDocuments.totalCount).toBe(3)
  expect(await find(appId, sha256('{ b }'))).toBe('{ b }')
  expect(await find('app_other', sha256('{ b }'))).toBeNull()
  const left = await remove([`sha256:${sha256('{ b }')}`, 'sha256:unknown'])
  expect(left.entity?.trustedDocuments.nodes.map(({ text }) => text).toSorted()).toEqual(['{ a }', '{ c }'])
  expect(await find(appId, sha256('{ b }'))).toBeNull()
})

it("are no business of another organization's apps", async () => {
  const other = callerOf('contoso')
  for (const attempt of [publish(['{ d }'], other), remove([sha256('{ a }')], other)]) {
    expect((await attempt).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  }
  expect(await find(appId, sha256('{ a }'))).toBe('{ a }')
})

it('are listed for their organization and for the operator, each with its app', async () => {
  const query = '{ trustedDocuments { nodes { text app { id } } } }'
  const list = async (caller: typeof northwind) =>
    (await graph.ask<{ trustedDocuments: { nodes: { text: string; app: { id: string } }[] } }>(caller, query))
      .trustedDocuments.nodes
  const ours = [
    { text: '{ c }', app: { id: appId } },
    { text: '{ a }', app: { id: appId } },
  ]
  expect(await list(northwind)).toEqual(ours)
  expect(await list(operator)).toEqual(ours)
  expect(await list(callerOf('contoso'))).toEqual([])
})

const texts = (from: number, count: number) => Array.from({ length: count }, (_, index) => `{ x${from + index} }`)

it('have bounds: 100 at once, of 32,000 characters, 1,000 of an app', async () => {
  expect((await publish([])).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
  expect((await publish(texts(0, 101))).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
  expect((await publish(['{ a }', 'x'.repeat(32_001)])).userErrors).toMatchObject([
    { code: 'INVALID_INPUT', field: ['input', 'documents', '1'] },
  ])
  for (let from = 0; from < 900; from += 100) expect((await publish(texts(from, 100))).userErrors).toEqual([])
  expect((await publish(texts(900, 99))).userErrors).toMatchObject([{ code: 'TOO_MANY_DOCUMENTS' }])
})
