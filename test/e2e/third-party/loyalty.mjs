// @ts-nocheck -- written as another team writes it, in plain JavaScript without our types
// A subgraph as another team would write it: plain @apollo/subgraph, no code of ours. SIGNING_KEY is what the registry
// has shown for it. FIELDS names the fields that it adds to organizations.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'

const { SIGNING_KEY = '', FIELDS = 'loyaltyPoints' } = process.env
const fields = FIELDS.split(',')
export const sdl = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])

"A partner."
type Organization @key(fields: "id") @authenticated {
  "What it is known by."
  id: ID!
${fields.map((field) => `  "What it has earned."\n  ${field}: Int`).join('\n')}
}
`
const length = ({ id }) => id.length
const points = {
  __resolveReference: (reference) => reference,
  ...Object.fromEntries(fields.map((field) => [field, length])),
}
const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: { Organization: points } })
const seen = new Set()

const server = createServer((request, response) => void answer(request, response))

async function answer(request, response) {
  let body = ''
  for await (const chunk of request) body += chunk
  const caller = callerOf(request, body)
  if (caller === null) {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"errors":[{"message":"not signed"}]}')
    return
  }
  const { query, variables, operationName } = JSON.parse(body)
  const result = await graphql({ schema, source: query, variableValues: variables, operationName })
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
}

/** Who calls, when the gateway says so; else null. */
function callerOf({ method, url, headers }, body) {
  const { 'x-tributary-time': time, 'x-tributary-nonce': nonce, 'x-tributary-caller': caller } = headers
  const bodyHash = createHash('sha256').update(body).digest('base64url')
  const signed = [time, nonce, method, url, bodyHash, caller].join('\n')
  const expected = createHmac('sha256', Buffer.from(SIGNING_KEY, 'base64url')).update(signed).digest()
  const given = Buffer.from(headers['x-tributary-signature'] ?? '', 'base64url')
  const fresh = Math.abs(Date.now() - Number(time)) <= 30_000 && !seen.has(nonce)
  if (!fresh || given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  seen.add(nonce)
  return JSON.parse(Buffer.from(caller, 'base64url').toString())
}

server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port, sdl })}\n`))
