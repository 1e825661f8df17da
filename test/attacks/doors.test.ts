import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeCaller } from '../../kit/caller.ts'
import { createNonces } from '../../kit/nonces.ts'
import { signRequest, signatureHeaders } from '../../kit/signature.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { demoCaller } from '../subgraphs/demo-graph.ts'
import { type AttackGraph, type Headers, startAttackGraph } from './attack-graph.ts'
import type { Answer } from './witness.ts'

let graph: AttackGraph
let attacker: Headers
beforeAll(async () => {
  graph = await startAttackGraph({ limits: 'lifted' })
  attacker = graph.key('fjordline-portal')
})
afterAll(() => graph[Symbol.asyncDispose]())

const json = { accept: 'application/graphql-response+json', 'content-type': 'application/json' }
const codeOf = ({ errors }: Answer): unknown => errors[0]?.extensions?.['code']
const whoAmI = '{ myOrganization { id } organizations(first: 250) { totalCount } }'

const claims = async () =>
  decodeJwt((await graph.token('fjordline-portal')).authorization?.replace('Bearer ', '') ?? '')

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Headers = {}): Promise<Answer> =>
  graph.send({ method: 'POST', headers: { ...json, ...attacker, ...headers }, body })

describe('a header from outside', () => {
  const operator = demoCaller('operator-console')
  const smuggled: readonly Headers[] = [
    { [signatureHeaders.caller]: encodeCaller(operator) },
    signRequest(randomBytes(32), {
      method: 'POST',
      path: '/graphql',
      body: JSON.stringify({ query: whoAmI, variables: {} }),
      caller: operator,
      now: Date.now(),
      nonce: createNonces()(),
    }),
    { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'meridian.example', 'x-real-ip': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1;host=meridian.example;proto=https', via: '1.1 gateway' },
    { 'x-original-url': '/admin', 'x-rewrite-url': '/admin', 'x-http-method-override': 'DELETE' },
    {
      'x-organization-id': demoOrganization('meridian').id,
      'x-user': 'operator',
      'x-tributary-organization': 'meridian',
    },
    { 'x-request-id': '1\u00e9"}{"operator":true', 'x-tributary-operator': 'true' },
    { te: 'trailers', 'max-forwards': '0' },
    { cookie: 'caller=operator; __Host-session=x' },
  ]

  it.each(smuggled.map((headers) => [Object.keys(headers).join(), headers] as const))(
    '%s makes nobody somebody else',
    async (_names, headers) => {
      const { data, text } = await graph.ask({ ...attacker, ...headers }, whoAmI)
      expect(data, text).toEqual({
        myOrganization: { id: demoOrganization('fjordline').id },
        organizations: { totalCount: 1 },
      })
      const nobody = await graph.ask(headers, whoAmI)
      expect([nobody.status, codeOf(nobody)]).toEqual([401, 'UNAUTHENTICATED'])
    },
  )

  it('that is there twice, or is taken away by Connection, opens nothing', async () => {
    const key = attacker['x-tributary-key'] ?? ''
    const app = attacker['x-tributary-app'] ?? ''
    const operatorApp = graph.key('operator-console')['x-tributary-app'] ?? ''
    const twice: readonly (readonly string[])[] = [
      ['x-tributary-app', operatorApp, 'x-tributary-app', app, 'x-tributary-key', key],
      ['x-tributary-app', app, 'x-tributary-app', operatorApp, 'x-tributary-key', key],
      ['x-tributary-app', `${app},${operatorApp}`, 'x-tributary-key', key],
      ['x-tributary-app', operatorApp, 'x-tributary-key', key, 'authorization', 'Bearer x'],
      ['x-tributary-app', operatorApp, 'connection', 'x-tributary-app', 'x-tributary-key', key],
    ]
    for (const headers of twice) {
      const { status, body } = await raw(
        ['content-type', 'application/json', ...headers],
        JSON.stringify({ query: whoAmI }),
      )
      expect([status, JSON.parse(body).errors[0].extensions.code], headers.join(' ')).toEqual([401, 'UNAUTHENTICATED'])
    }
  })

  it('that says two lengths, or a length and chunks, is no second request', async () => {
    const second = `POST /graphql HTTP/1.1\r\nHost: x\r\n\r\n`
    for (const lengths of [
      `Content-Length: 0\r\nContent-Length: ${second.length}`,
      `Content-Length: ${second.length}\r\nTransfer-Encoding: chunked`,
      `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity`,
      `Transfer-Encoding : chunked`,
    ]) {
      const text = await spoken(
        `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lengths}\r\n\r\n${second}`,
      )
      expect(text.match(/HTTP\/1\.1 \d/g) ?? [], lengths).toHaveLength(1)
      expect(text, lengths).toMatch(/^HTTP\/1\.1 400 /)
    }
  })
})

describe('a signed request to a subgraph', () => {
  const body = JSON.stringify({
    query:
      'mutation { saveDealDraft(input: { customer: { name: "C", domain: "c.example", country: "NO" }, productId: "p" }) { userErrors { code } } }',
  })
  const nextNonce = createNonces()
  const signed = (now = Date.now()) =>
    signRequest(graph.signatureKey, {
      method: 'POST',
      path: '/graphql',
      body,
      caller: demoCaller('fjordline-portal'),
      now,
      nonce: nextNonce(),
    })
  const sendTo = async (name: string, headers: Headers, text = body): Promise<number> => {
    const url = graph.subgraphUrls.get(name) ?? ''
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    })
    await response.text()
    return response.status
  }

  it('is answered once, also when it is sent again while it is worked on', async () => {
    const headers = signed()
    const statuses = await Promise.all(Array.from({ length: 10 }, () => sendTo('deals', headers)))
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 9 }, () => 401)])
    expect(await sendTo('deals', headers)).toBe(401)
  })

  it('is refused when any part of it is altered', async () => {
    const headers = signed()
    const { [signatureHeaders.caller]: _caller, ...rest } = headers
    const altered: readonly (readonly [Headers, string?])[] = [
      [{ ...headers, [signatureHeaders.caller]: encodeCaller(demoCaller('operator-console')) }],
      [{ ...headers, [signatureHeaders.time]: String(Date.now() + 1) }],
      [{ ...headers, [signatureHeaders.nonce]: nextNonce() }],
      [{ ...headers, [signatureHeaders.signature]: (headers[signatureHeaders.signature] ?? '').toUpperCase() }],
      [headers, `${body} `],
      [headers, body.replace('c.example', 'd.example')],
      [rest],
      [{}],
      [signed(Date.now() - 31_000)],
      [signed(Date.now() + 31_000)],
    ]
    for (const [with_, text] of altered) expect(await sendTo('deals', with_, text)).toBe(401)
    expect(await sendTo('deals', headers)).toBe(200)
  })

  it('of a gateway is asked for by every subgraph, at every address it has', async () => {
    for (const name of graph.subgraphUrls.keys()) {
      expect(await sendTo(name, {}), name).toBe(401)
      expect(await sendTo(name, attacker), name).toBe(401)
    }
    const entities = await graph.ask(attacker, '{ _entities(representations: []) { __typename } _service { sdl } }')
    expect(codeOf(entities)).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})

describe('a token', () => {
  const forged: readonly (readonly [string, () => Promise<string>])[] = [
    ['without a signature', async () => new UnsecuredJWT(await claims()).encode()],
    [
      'signed with HS256 by a guess',
      async () => new SignJWT(await claims()).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).sign(randomBytes(32)),
    ],
    [
      'that brings its own key',
      async () => {
        const { privateKey, publicKey } = generateKeyPairSync('ed25519')
        const jwk = await exportJWK(publicKey)
        return new SignJWT(await claims())
          .setProtectedHeader({
            alg: 'EdDSA',
            typ: 'at+jwt',
            jwk,
            jku: 'https://evil.example/jwks',
            kid: '../../dev/null',
          })
          .sign(privateKey)
      },
    ],
    [
      'whose payload was changed',
      async () => {
        const [header, , signature] = ((await graph.token('fjordline-portal')).authorization ?? '')
          .replace('Bearer ', '')
          .split('.')
        const payload = { ...(await claims()), scope: 'deals:decide billing:manage' }
        return `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`
      },
    ],
    ['of 15 KiB', async () => `${'a'.repeat(5_000)}.${'b'.repeat(5_000)}.${'c'.repeat(5_000)}`],
  ]
  it.each(forged)('%s is nobody’s, over every front', async (_what, forge) => {
    const authorization = `Bearer ${await forge()}`
    expect(codeOf(await graph.ask({ authorization }, whoAmI))).toBe('UNAUTHENTICATED')
    const stream = { ...json, accept: 'text/event-stream', authorization }
    const body = JSON.stringify({ query: 'subscription { inventoryChanged { reason } }' })
    expect(codeOf(await graph.send({ method: 'POST', headers: stream, body }, '/graphql/stream'))).toBe(
      'UNAUTHENTICATED',
    )
  })

  it('gives no scope that its app has not', async () => {
    const token = await graph.token('pennine-shop', ['deals:decide', 'billing:manage', 'partner:read', 'catalog:read'])
    const { data, errors } = await graph.ask(
      token,
      '{ products(first: 1) { totalCount } organizations(first: 1) { totalCount } ledgerBalances { account } }',
    )
    expect(data).toMatchObject({
      products: { totalCount: expect.any(Number) },
      organizations: null,
      ledgerBalances: null,
    })
    expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })
})

describe('a body', () => {
  it('that is too large is refused, announced or not', async () => {
    const large = JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(300_000) } })
    const answer = await post(large)
    expect([answer.status, codeOf(answer)]).toEqual([413, 'BAD_REQUEST'])
    const endless = await spoken(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lines(attacker)}Transfer-Encoding: chunked\r\n\r\n${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(6)}`,
    )
    expect(endless).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('that is packed is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '))
    for (const encoding of ['gzip', 'br', 'deflate', 'gzip, gzip']) {
      const { status } = await post(new Uint8Array(bomb.subarray(0, 60_000)), { 'content-encoding': encoding })
      expect([400, 415], encoding).toContain(status)
    }
  })

  it('that is no UTF-8, no JSON, or no request is refused as such', async () => {
    const invalid = Buffer.concat([
      Buffer.from('{"query":"{ __typename }","x":"'),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28]),
      Buffer.from('"}'),
    ])
    for (const body of [
      new Uint8Array(invalid),
      '',
      '{',
      'null',
      '"query"',
      '[]',
      '{}',
      '{"query":7}',
      '{"query":null}',
      '{"query":"{ __typename }","variables":7}',
      '{"query":"{ __typename }","operationName":{}}',
      '\u0000',
      `{"query":"{ __typename }"}{"query":"x"}`,
    ]) {
      const answer = await post(body)
      if (answer.status === 200) expect(answer.data, String(body)).toEqual({ __typename: 'Query' })
      else expect([answer.status, codeOf(answer)], String(body)).toEqual([400, 'BAD_REQUEST'])
    }
  })

  it('of a form, or of a page elsewhere, is no operation', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain']) {
      const answer = await post('query={__typename}', { 'content-type': type })
      expect([400, 415], type).toContain(answer.status)
      expect(codeOf(answer)).toBe('BAD_REQUEST')
    }
    const get = await graph.send(
      { headers: { ...attacker, accept: json.accept, 'sec-fetch-site': 'cross-site' } },
      `/graphql?query=${encodeURIComponent('mutation { __typename }')}`,
    )
    expect(get.status).toBeGreaterThanOrEqual(400)
  })
})

function lines(headers: Headers): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

/** A request whose headers stand as they are given, doubles included. */
async function raw(
  headers: readonly string[],
  body: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, port } = new URL(graph.url)
  const length = ['content-length', String(Buffer.byteLength(body)), 'host', 'x']
  const sent = httpRequest({ hostname, port, path: '/graphql', method: 'POST', headers: [...headers, ...length] })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  graph.look(text)
  return { status: response.statusCode ?? 0, body: text }
}

/** What the door answers to bytes until it closes. */
async function spoken(bytes: string): Promise<string> {
  const { hostname, port } = new URL(graph.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part
    // One that is kept open would wait for more.
    if (/\r\n\r\n/.test(text)) setImmediate(() => socket.end())
  })
  socket.on('error', () => undefined)
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})
