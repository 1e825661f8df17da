import { Agent, request } from 'node:http'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type AttackGraph, type Headers, startAttackGraph } from './attack-graph.ts'
import type { Answer } from './witness.ts'

const bucketSize = 1_000_000

let graph: AttackGraph
beforeAll(async () => {
  // A point a second is next to nothing here, so that what is there tells what was taken.
  graph = await startAttackGraph({ limits: { bucketSize, restoreRate: 1, maxQueryCost: bucketSize } })
})
afterAll(() => graph[Symbol.asyncDispose]())

// Who held a subgraph for long has opened its breaker: the next attack begins when it answers again.
let asked = 0
async function faults(): Promise<number> {
  asked += 1
  const { errors } = await graph.ask(
    graph.key('operator-console'),
    'query ($search: String) { products(first: 1, search: $search) { nodes { name } } }',
    { search: `is it there ${asked}` },
  )
  return errors.length
}
beforeEach(() => expect.poll(faults, { timeout: 45_000 }).toBe(0))

const query =
  'query ($search: String) { products(first: 200, search: $search) { nodes { name skus(first: 10) { totalCount } } } }'
const left = ({ extensions, text }: Answer): number => {
  const available = extensions?.cost?.throttleStatus.currentlyAvailable
  if (available === undefined) throw new Error(text)
  return available
}
/** Answered by the gateway itself, whatever is held. */
const probe = (app: Headers): Promise<Answer> => graph.ask(app, '{ __schema { queryType { name } } }')
/** What one operation is estimated at, and the bucket after it; its document is known from now on. */
async function dear(app: Headers): Promise<number> {
  const { extensions, text } = await graph.ask(app, query, { search: 'nothing is called so' })
  const { requestedQueryCost, actualQueryCost } = extensions?.cost ?? {}
  expect(actualQueryCost, text).toBeLessThan(requestedQueryCost ?? 0)
  return requestedQueryCost ?? 0
}

const rounds = 100
const waiting = { timeout: 20_000, interval: 50 }

it('a dear query over HTTP that is cancelled a hundred times is paid for a hundred times', async () => {
  const app = graph.key('operator-console')
  const estimate = await dear(app)
  const before = left(await probe(app))
  const fetched = graph.fetches()
  const release = graph.hold()
  const agent = new Agent()
  const cancelled = Array.from({ length: rounds }, (_, index) => {
    const body = JSON.stringify({ query, variables: { search: `cancelled ${index}` } })
    const sent = request(`${graph.url}/graphql`, {
      agent,
      method: 'POST',
      headers: { ...app, 'content-type': 'application/json' },
    })
    const gone = new Promise((resolve) => sent.once('close', resolve))
    sent.on('error', () => undefined).end(body)
    return { sent, gone }
  })
  // Some wait for a socket to the subgraph, which is after they have paid.
  await vi.waitFor(() => expect(graph.fetches() - fetched).toBeGreaterThanOrEqual(60), waiting)
  await vi.waitFor(async () => expect(left(await probe(app))).toBeLessThanOrEqual(before - rounds * estimate), {
    timeout: 20_000,
  })
  for (const { sent } of cancelled) sent.destroy()
  await Promise.all(cancelled.map(({ gone }) => gone))
  release()
  agent.destroy()
  const after = left(await probe(app))
  // A refund of one alone would be seen.
  expect(after).toBeLessThan(before - rounds * estimate + estimate)
})

it('a dear query over a WebSocket that is completed a hundred times before its answer is paid for a hundred times', async () => {
  const app = graph.key('northwind-portal')
  const estimate = await dear(app)
  const before = left(await probe(app))
  const fetched = graph.fetches()
  const release = graph.hold()
  const client = createClient({
    url: `${graph.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { appId: app['x-tributary-app'], key: app['x-tributary-key'] },
    retryAttempts: 0,
    lazy: true,
  })
  const sink = { next: () => undefined, error: () => undefined, complete: () => undefined }
  const completes = Array.from({ length: rounds }, (_, index) =>
    client.subscribe({ query, variables: { search: `completed ${index}` } }, sink),
  )
  await vi.waitFor(() => expect(graph.fetches() - fetched).toBeGreaterThanOrEqual(60), waiting)
  await vi.waitFor(
    async () => expect(left(await probe(app))).toBeLessThan(before - rounds * estimate + estimate),
    waiting,
  )
  for (const complete of completes) complete()
  await client.dispose()
  release()
  expect(left(await probe(app))).toBeLessThan(before - rounds * estimate + estimate)
})

it('one bucket is emptied by every key and token of an app, over every front', async () => {
  const app = 'fjordline-portal'
  const key = graph.key(app)
  const { data } = await graph.ask(
    key,
    `mutation ($appId: ID!) { createAppCredential(input: { appId: $appId, label: "second" }) { key } }`,
    { appId: key['x-tributary-app'] },
  )
  const second = { ...key, 'x-tributary-key': String(data.createAppCredential.key) }
  const estimate = await dear(key)
  let available = left(await probe(key))
  const token = await graph.token(app)
  for (const headers of [key, second, token, await graph.token(app, ['catalog:read'])]) {
    const answer = await graph.ask(headers, query, { search: 'nothing is called so' })
    const { actualQueryCost } = answer.extensions?.cost ?? {}
    expect(left(answer)).toBeLessThanOrEqual(available - Number(actualQueryCost) + 5)
    available = left(answer)
  }
  const streams = {
    'a WebSocket': async () => {
      const connectionParams = { appId: key['x-tributary-app'], key: key['x-tributary-key'] }
      const url = `${graph.url.replace('http', 'ws')}/graphql`
      const client = createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 })
      await client.iterate({ query, variables: { search: 'nothing is called so' } }).next()
      await client.dispose()
    },
    'an event stream': async () => {
      const headers = { ...token, accept: 'text/event-stream', 'content-type': 'application/json' }
      const body = JSON.stringify({ query, variables: { search: 'nothing is called so' } })
      await graph.send({ method: 'POST', headers, body }, '/graphql/stream')
    },
  }
  for (const [front, ask] of Object.entries(streams)) {
    await ask()
    const now = left(await probe(key))
    expect(now, front).toBeLessThan(available)
    available = now
  }
  expect(estimate).toBeGreaterThan(1)
})

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})
