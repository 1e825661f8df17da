import { describe, expect, it } from 'vitest'
import { type ServedGraph, fronts, headersOf, metricsToken, operatorApp, startServedGraph } from './served-graph.ts'
import { shop, stock } from './transported-subgraphs.ts'

const post = (graph: ServedGraph, query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(graph.graph, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(), ...headers },
    body: JSON.stringify({ query }),
  })

describe.each(fronts)('a request over the %s front', (front) => {
  it('is timed when it asks for it, stages only', async () => {
    await using graph = await startServedGraph([shop(), stock], { http: { front } })
    const { headers } = await post(graph, '{ list { id onHand } }', { 'x-tributary-timing': '1' })
    expect(headers.get('server-timing')?.replaceAll(/\d+\.\d+/g, 'N')).toBe(
      'identity;dur=N, prepare;dur=N, charge;dur=N, fetch;dur=N, answer;dur=N',
    )
    expect((await post(graph, '{ text }')).headers.get('server-timing')).toBeNull()
  })

  it("shows the operator the plan and each subgraph's time, and a partner nothing of it", async () => {
    await using graph = await startServedGraph([shop(), stock], { http: { front } })
    const asked = { 'x-tributary-timing': '1', 'x-tributary-plan': '1' }
    const query = '{ list { id onHand } }'
    const seen = await post(graph, query, { ...headersOf(operatorApp), ...asked })
    expect(seen.headers.get('server-timing')).toMatch(/subgraph;desc="shop";dur=[\d.]+, subgraph;desc="warehouse"/)
    const { extensions } = (await seen.json()) as { extensions: { queryPlan: { text: string; calls: unknown } } }
    expect(extensions.queryPlan.text).toMatch(
      /^sequence\n {2}fetch shop\n.*\n {2}fetch warehouse\n {4}entities at list\.@ by /,
    )
    expect(extensions.queryPlan.calls).toMatchObject([
      { subgraph: 'shop', failure: null },
      { subgraph: 'warehouse', failure: null },
    ])
    const partner = await (await post(graph, query, asked)).text()
    expect(partner).not.toMatch(/queryPlan|warehouse/)
  })
})

describe('the metrics', () => {
  it('count what the graph answered', async () => {
    await using graph = await startServedGraph([shop(), stock])
    await post(graph, '{ text }')
    await post(graph, '{ text secret }')
    await post(graph, '{ coded }')
    const response = await fetch(`${graph.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })
    expect(response.headers.get('content-type')).toContain('text/plain')
    const text = await response.text()
    expect(text).toContain('tributary_operations_total{type="query",outcome="ok"} 1\n')
    expect(text).toContain('tributary_operations_total{type="query",outcome="partial"} 2\n')
    expect(text).toContain('tributary_operation_duration_seconds_count{type="query"} 3\n')
  })

  it('tell how many streams are open', async () => {
    await using graph = await startServedGraph([shop()])
    const client = new AbortController()
    const read = async (): Promise<string> => {
      const response = await fetch(`${graph.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })
      return response.text()
    }
    const stream = await fetch(`${graph.url}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headersOf() },
      body: JSON.stringify({ query: 'subscription { numbers }' }),
      signal: client.signal,
    })
    expect(stream.status).toBe(200)
    await expect.poll(read).toContain('\ntributary_open_streams 1\n')
    client.abort()
    await expect.poll(read).toContain('\ntributary_open_streams 0\n')
  })

  it.each([
    ['nobody', {}, 401],
    ['a wrong token', { authorization: 'Bearer a-token-for-metricz' }, 401],
    ['a partner', headersOf(), 403],
    ["an operator's app", headersOf(operatorApp), 200],
  ])('answer %s with the right status', async (_name, headers, status) => {
    await using graph = await startServedGraph([shop()])
    const response = await fetch(`${graph.url}/metrics`, { headers })
    expect(response.status).toBe(status)
    expect((await response.text()).includes('tributary_operations_total')).toBe(status === 200)
  })
})
