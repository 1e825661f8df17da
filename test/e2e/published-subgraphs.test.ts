import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CheckAnswer, type ProblemAnswer, checkFields } from '../../portal/src/registry/answers.ts'
import { call } from './call.ts'
import { type Product, seededDataDir, startProduct } from './product.ts'
import { type ThirdParty, changeGraph, signingKeyOf, startThirdParty, untilServed } from './third-party-subgraph.ts'

let dataDir: string
let product: Product
let loyalty: ThirdParty
let moved: ThirdParty
beforeAll(async () => {
  dataDir = await seededDataDir()
  product = await startProduct('one process', { dataDir })
  const key = await signingKeyOf(product, 'loyalty')
  loyalty = await startThirdParty(key)
  moved = await startThirdParty(key, 'loyaltyPoints,badges')
})
afterAll(async () => {
  await product?.[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
  await loyalty?.[Symbol.asyncDispose]()
  await moved?.[Symbol.asyncDispose]()
})

const points = '{ myOrganization { id loyaltyPoints } }'
const codes = async (query: string): Promise<unknown[] | undefined> =>
  (await call(product, product.portal, query)).errors?.map(({ extensions }) => extensions['code'])

const document = 'query Points { myOrganization { name loyaltyPoints } }'

/** The errors that the registry's page would show of this directive on the subgraph's field. */
async function errorsWith(directive: string): Promise<ProblemAnswer[]> {
  const sdl = loyalty.sdl
    .replace('"@authenticated"', '"@authenticated", "@requiresScopes", "@cost"')
    .replace('loyaltyPoints: Int', `loyaltyPoints: Int ${directive}`)
  const query = `query ($input: CheckSubgraphInput!) { checkSubgraph(input: $input) { ${checkFields} } }`
  for (;;) {
    const { data, errors } = await call(product, product.operator, query, { input: { subgraph: 'loyalty', sdl } })
    // A machine that is busy with other tests may need longer for the checks than an operation may take.
    if (errors?.[0]?.extensions['code'] === 'SUBGRAPH_TIMEOUT') continue
    if (errors) throw new Error(JSON.stringify(errors))
    const { problems } = data.checkSubgraph as CheckAnswer
    return problems.filter(({ severity }) => severity === 'ERROR')
  }
}

describe('a subgraph of another team', { timeout: 120_000 }, () => {
  it('answers in the graph once it is published, signed for with a key of its own', async () => {
    expect(await codes(points)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    const { url, sdl } = loyalty
    const published = await changeGraph(product, 'publishSubgraph', { subgraph: 'loyalty', url, sdl })
    expect(published.userErrors).toEqual([])
    await untilServed(product, published.subgraphVersion.supergraphNumber)
    const { data, errors } = await call(product, product.portal, points)
    expect(errors).toBeUndefined()
    expect(data.myOrganization.loyaltyPoints).toBe(data.myOrganization.id.length)
  })

  it('answers nobody who has not signed', async () => {
    const response = await fetch(loyalty.url, { method: 'POST', body: JSON.stringify({ query: '{ __typename }' }) })
    expect(response.status).toBe(401)
  })

  it('is refused when it breaks what an app has used or published, naming app and owner', async () => {
    // Usage is told every ten seconds; until then nobody uses it.
    const used = async (): Promise<number> => {
      const query = `{ usage(groupBy: [APP], coordinate: "Organization.loyaltyPoints") { nodes { calls } } }`
      const { data } = await call(product, product.operator, query)
      return data.usage.nodes[0]?.calls ?? 0
    }
    await expect.poll(used, { timeout: 60_000, interval: 200 }).toBeGreaterThan(0)
    const { url } = loyalty
    const sdl = loyalty.sdl.replaceAll('loyaltyPoints', 'points')
    const { data } = await call(
      product,
      product.portal,
      `mutation ($input: PublishTrustedDocumentsInput!) {
        publishTrustedDocuments(input: $input) { userErrors { message } } }`,
      { input: { appId: product.portal.appId, documents: [document] } },
    )
    expect(data.publishTrustedDocuments.userErrors).toEqual([])
    const refused = await changeGraph(product, 'publishSubgraph', { subgraph: 'loyalty', url, sdl })
    expect(refused.subgraphVersion).toBeNull()
    expect(refused.userErrors[0]).toMatchObject({ code: 'CHECK_FAILED' })
    const told = refused.userErrors.map(({ message }: { message: string }) => message).join('\n')
    expect(told).toMatch(
      /Northwind Partner Portal of Northwind IT Solutions \(\d+ operations, plan Partner Gold at [\d.]+ EUR a month, contact .+@/,
    )
    expect(told).toMatch(/ TRUSTED_DOCUMENT .+ of Northwind IT Solutions .+Cannot query field "loyaltyPoints"/)
    expect((await call(product, product.portal, points)).errors).toBeUndefined()
  })

  it('is refused when it would deny a trusted document to its app, or make it dearer than the plan allows', async () => {
    const documentId = `sha256:${createHash('sha256').update(document).digest('hex')}`
    const about = (documentOf: object): object => ({
      app: { appName: 'Northwind Partner Portal', contacts: expect.arrayContaining([expect.anything()]) },
      documents: [{ documentId, operationName: 'Points', costLimit: 10_000, ...documentOf }],
    })
    const failing = { line: 1, column: 38, costBefore: null, costAfter: null }
    expect(await errorsWith('@requiresScopes(scopes: [["deals:decide"]])')).toMatchObject([
      { rule: 'BREAKING_CHANGE', message: expect.stringContaining('would ask for deals:decide'), app: null },
      { rule: 'TRUSTED_DOCUMENT', message: expect.stringContaining('denied to the app'), ...about(failing) },
    ])
    const dearer = { line: null, column: null, costBefore: 1, costAfter: 20_001 }
    expect(await errorsWith('@cost(weight: 20000)')).toMatchObject([{ rule: 'OPERATION_COST', ...about(dearer) }])
    expect(await errorsWith('@requiresScopes(scopes: [["partner:read"]]) @cost(weight: 2)')).toEqual([])
  })

  it('moves to another address with another field, and goes back', async () => {
    const { url, sdl } = moved
    const published = await changeGraph(product, 'publishSubgraph', { subgraph: 'loyalty', url, sdl })
    expect(published.userErrors).toEqual([])
    await untilServed(product, published.subgraphVersion.supergraphNumber)
    expect((await call(product, product.operator, '{ myOrganization { badges } }')).errors).toBeUndefined()
    // Its own organization's use does not keep it.
    const input = { subgraph: 'loyalty', toVersion: 1, acceptBreaking: ['Organization.badges'] }
    const back = await changeGraph(product, 'rollBackSubgraph', input)
    expect(back.userErrors).toEqual([])
    await untilServed(product, back.subgraphVersion.supergraphNumber)
    expect(await codes('{ myOrganization { badges } }')).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(await codes(points)).toBeUndefined()
  })

  it('is there from the first request on after a restart, and degrades its own field only when it is gone', async () => {
    await product.stop()
    product = await startProduct('one process', { dataDir })
    expect((await call(product, product.portal, points)).errors).toBeUndefined()
    await loyalty[Symbol.asyncDispose]()
    const { data } = await call(product, product.portal, points)
    expect(data.myOrganization).toEqual({ id: expect.any(String), loyaltyPoints: null })
    expect(await codes(points)).toEqual(['SUBGRAPH_UNAVAILABLE'])
  })

  it('is not retired while partners use it and know of no day, whoever insists', async () => {
    const input = { subgraph: 'loyalty', acceptBreaking: ['Organization.loyaltyPoints'] }
    const refused = await changeGraph(product, 'retireSubgraph', input)
    expect(refused.userErrors[0]).toMatchObject({ code: 'CHECK_FAILED' })
  })
})
