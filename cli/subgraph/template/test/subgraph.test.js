import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createSignatureCheck } from '../src/gateway-signature.js'
import { createOutbox } from '../src/outbox.js'
import { startServer } from '../src/server.js'
import { ask, northwind, sign } from '../testing/signed-fetch.js'

const key = randomBytes(32)
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server
/** What was handed in, by a gateway that is away at first. @type {{ headers: import('node:http').IncomingHttpHeaders, body: string }[]} */
const handedIn = []
const gateway = createServer((request, response) => void take(request, response))

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function take(request, response) {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  handedIn.push({ headers: request.headers, body })
  response.writeHead(handedIn.length === 1 ? 503 : 200).end('{}')
  gateway.emit('handed in')
}
before(async () => {
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (gateway.address())
  const outbox = createOutbox({ url: `http://127.0.0.1:${port}/events`, key, retryMs: 1 })
  server = await startServer({ port: 0, host: '127.0.0.1', check: createSignatureCheck(key), outbox })
})
after(async () => {
  gateway.close()
  await server.close()
})

/**
 * @param {string} query
 * @param {object} [variables]
 * @param {object} [caller]
 * @returns {Promise<{ data: Record<string, any>, errors: readonly any[] }>}
 */
const data = async (query, variables, caller = northwind) => {
  const response = await ask({ url: server.url, key, caller }, query, variables)
  return JSON.parse(await response.text())
}

void test('refuses what nobody has signed, what is signed with another key, and what has come before', async () => {
  const body = JSON.stringify({ query: '{ __typename }' })
  /** @param {Record<string, string>} headers */
  const post = (headers) =>
    fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  assert.equal((await post({})).status, 401)
  assert.equal((await post(sign(randomBytes(32), body, northwind))).status, 401)
  const signed = sign(key, body, northwind)
  assert.equal((await post(signed)).status, 200)
  assert.equal((await post(signed)).status, 401)
})

void test('shows an organization its own accounts, and no others', async () => {
  const { data: seen } = await data('{ loyaltyAccounts { nodes { id points level } pageInfo { hasNextPage } } }')
  assert.deepEqual(seen.loyaltyAccounts.nodes, [{ id: 'loy_northwind', points: 1_250, level: 'PLUS' }])
  const { data: other } = await data('{ loyaltyAccount(id: "loy_contoso") { id } }')
  assert.equal(other.loyaltyAccount, null)
  const { data: all } = await data('{ loyaltyAccounts { nodes { id } } }', {}, { ...northwind, operator: true })
  assert.equal(all.loyaltyAccounts.nodes.length, 2)
})

void test('answers many entities with one read, to those who may see them', async () => {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Organization { id loyalty { points } } } }`
  const of = ['org_9a5wjydrhsx5fjnk', 'org_eqqd7kvkqb2fsm6v', 'org_9a5wjydrhsx5fjnk'].map((id) => ({
    __typename: 'Organization',
    id,
  }))
  const reads = server.service.accounts.reads
  const { data: answered } = await data(query, { of })
  assert.equal(server.service.accounts.reads, reads + 1)
  const points = answered._entities.map((/** @type {{ loyalty: object | null }} */ { loyalty }) => loyalty)
  assert.deepEqual(points, [{ points: 1_250 }, null, { points: 1_250 }])
})

void test('refuses fields whose scopes the caller has not', async () => {
  const { errors } = await data('{ loyaltyAccounts { nodes { id } } }', {}, { ...northwind, scopes: [] })
  assert.equal(errors[0].extensions.code, 'FORBIDDEN')
})

void test('tells the owner of an account, as it happens, that it was given points', async () => {
  const subscription = 'subscription { loyaltyPointsAwarded { id points } }'
  const stream = await ask({ url: server.url, key, accept: 'text/event-stream' }, subscription)
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.ok(reader)
  assert.equal((await reader.read()).value, ':\n\n')
  const award =
    'mutation ($input: AwardLoyaltyPointsInput!) { awardLoyaltyPoints(input: $input) { userErrors { code } } }'
  const { data: refused } = await data(award, { input: { accountId: 'loy_contoso', points: 5 } })
  assert.deepEqual(refused.awardLoyaltyPoints.userErrors, [{ code: 'NOT_FOUND' }])
  await data(award, { input: { accountId: 'loy_northwind', points: 5 } })
  const { value = '' } = await reader.read()
  assert.deepEqual(JSON.parse(value.split('data: ')[1] ?? ''), {
    data: { loyaltyPointsAwarded: { id: 'loy_northwind', points: 1_255 } },
  })
  await reader.cancel()
})

void test('hands in what has happened, signed, and again until it was taken', async () => {
  while (handedIn.length < 2) await once(gateway, 'handed in')
  const [lost, taken] = handedIn
  assert.ok(taken)
  assert.equal(taken.body, lost?.body)
  const { events } = JSON.parse(taken.body)
  const told = { organizationId: 'org_9a5wjydrhsx5fjnk', points: 5 }
  assert.deepEqual([events[0].type, events[0].organizations], ['loyalty.points_awarded', [told.organizationId]])
  assert.deepEqual(events[0].data, told)
  const { 'x-tributary-time': time, 'x-tributary-nonce': nonce, 'x-tributary-subgraph': name } = taken.headers
  const hash = createHash('sha256').update(taken.body).digest('base64url')
  const signed = createHmac('sha256', key).update([time, nonce, 'POST', '/events', hash, name].join('\n'))
  assert.equal(taken.headers['x-tributary-signature'], signed.digest('base64url'))
})
