import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../gateway/operation/persisted-documents.ts'
import { type RunningGateway, startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { type DemoDatabase, openDemoDatabase } from '../storage/demo-database.ts'

let dataDir: string
let database: DemoDatabase
let gateway: RunningGateway
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-trusted-'))
  database = await openDemoDatabase()
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...database.settings })
  gateway = await startGateway({ config, log: createLogger('test', 'error') })
})
afterAll(async () => {
  await gateway?.close()
  await database?.[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

interface Answer {
  readonly data?: Record<string, { nodes?: unknown[] }>
  readonly errors?: readonly { extensions: { code: string } }[]
}

async function ask(slug: string, body: object): Promise<Answer> {
  const app = gateway.demo.find((one) => one.slug === slug)
  if (app === undefined) throw new Error(`the demo has no app ${slug}`)
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tributary-app': app.appId, 'x-tributary-key': app.key },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Answer
}
const codeOf = async (answer: Promise<Answer>) => (await answer).errors?.[0]?.extensions.code ?? null

it('are published by a mutation, and are all that runs from when the plan demands them', async () => {
  const document = '{ products(first: 1) { nodes { name } } }'
  const byId = { documentId: `sha256:${sha256(document)}` }
  const feed = gateway.demo.find(({ slug }) => slug === 'northwind-stock-feed')
  expect(await codeOf(ask('northwind-stock-feed', byId))).toBe('PERSISTED_QUERY_NOT_FOUND')
  const published = await ask('operator-console', {
    query: `mutation ($input: PublishTrustedDocumentsInput!) {
      publishTrustedDocuments(input: $input) { app { id } userErrors { code message } } }`,
    variables: { input: { appId: feed?.appId, documents: [document] } },
  })
  expect(published).toMatchObject({ data: { publishTrustedDocuments: { userErrors: [] } } })
  await expect.poll(() => codeOf(ask('northwind-stock-feed', byId)), { timeout: 5_000 }).toBeNull()

  const limits = (await database.connect()).collection<{ _id: string }>('billing_app_limits')
  await limits.updateOne({ _id: feed?.appId ?? '' }, { $set: { 'limits.trustedDocumentsOnly': true } })
  const free = () => codeOf(ask('northwind-stock-feed', { query: '{ products(first: 2) { nodes { name } } }' }))
  await expect.poll(free, { timeout: 20_000 }).toBe('TRUSTED_DOCUMENT_REQUIRED')
  expect((await ask('northwind-stock-feed', byId)).data?.['products']?.nodes).toHaveLength(1)
  expect((await ask('northwind-stock-feed', { query: document })).data?.['products']?.nodes).toHaveLength(1)
})
