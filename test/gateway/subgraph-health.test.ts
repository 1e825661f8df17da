import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { withPublishedHealth } from '../../gateway/subgraphs/published-health.ts'
import { createPublishedSubgraphs } from '../../gateway/subgraphs/published-subgraphs.ts'
import { type WatchedSubgraph, createHealthReports } from '../../gateway/subgraphs/subgraph-health.ts'
import { createCallWindow } from '../../gateway/telemetry/call-window.ts'
import { createCircuitBreaker } from '../../gateway/transport/circuit-breaker.ts'
import { createRemoteTransport } from '../../gateway/transport/remote-transport.ts'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import { probeInProcess, probePath } from '../../gateway/transport/probe-path.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { serveSubgraph } from '../../kit/subgraph-server.ts'
import { subgraphKey } from '../../kit/subgraph-key.ts'
import { productVersion } from '../../kit/version.ts'
import { createMiniGraph, createMiniService } from './mini-graph.ts'
import { headersOf, metricsToken, operatorApp, startServedGraph } from './served-graph.ts'
import { log, shop, signatureKey, stock } from './transported-subgraphs.ts'

const now = () => new Date()

/** What tests open, closed after each of them, last opened first. */
const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

/** The subgraph `stock` in a process of its own. */
async function startStockProcess(): Promise<{ readonly url: string; readonly kill: () => Promise<void> }> {
  const script = fileURLToPath(new URL('subgraph-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  opened.push(kill)
  const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  return { url: url.trim(), kill }
}

async function serve(service: SubgraphService, key: Uint8Array = signatureKey): Promise<string> {
  const server = await serveSubgraph({ service, signatureKey: key, port: 0, host: '127.0.0.1', log, now })
  opened.push(() => server.close())
  return server.url
}

function watched(url: string, fields: Partial<WatchedSubgraph> = {}): WatchedSubgraph {
  return {
    name: 'warehouse',
    publishedSdl: stock.sdl,
    url,
    breaker: createCircuitBreaker({ nowMs: () => 0 }),
    calls: () => createCallWindow(() => 0).read(),
    version: null,
    probe: (signal) => probePath({ name: 'warehouse', url, signatureKey, now }, signal),
    ...fields,
  }
}

const reportOf = async (subgraph: WatchedSubgraph) => {
  const { status, subgraphs } = await createHealthReports(() => [subgraph])()
  return { status, subgraph: subgraphs[0], steps: subgraphs[0]?.path.map(({ step, ok }) => `${step} ${ok}`) }
}

describe('the health of a subgraph', () => {
  it('is good with every step of the path, the version and the schema', async () => {
    const { status, subgraph, steps } = await reportOf(watched(await serve(await createMiniService(stock))))
    expect({ status, subgraph, steps }).toMatchObject({
      status: 'ok',
      subgraph: { status: 'ok', ready: true, breaker: 'closed', version: productVersion },
      steps: ['dns true', 'tcp true', 'http true', 'signature true', 'schema true'],
    })
  })

  it('tells that nothing listens there', async () => {
    const { url, kill } = await startStockProcess()
    await kill()
    const { status, subgraph, steps } = await reportOf(watched(url))
    expect(status).toBe('degraded')
    expect(subgraph).toMatchObject({ status: 'unreachable', ready: false, version: null })
    expect(steps).toEqual(['dns true', 'tcp false'])
    expect(subgraph?.path.at(-1)?.failure).toMatch(/ECONNREFUSED/)
  })

  it('tells that no such host is known', async () => {
    const { steps } = await reportOf(watched('http://no-such-host.invalid:4004/graphql'))
    expect(steps).toEqual(['dns false'])
  })

  it('tells that the subgraph has another secret', async () => {
    const url = await serve(await createMiniService(stock), Buffer.alloc(32, 8))
    const { subgraph, steps } = await reportOf(watched(url))
    expect(steps?.at(-1)).toBe('signature false')
    expect(subgraph?.path.at(-1)?.failure).toMatch(/status 401.*signature does not match/)
  })

  it('tells in what the subgraph differs from what was published', async () => {
    const url = await serve(await createMiniService(stock))
    const publishedSdl = `${stock.sdl} extend type Query { shelves: Int }`
    const { subgraph } = await reportOf(watched(url, { publishedSdl }))
    expect(subgraph).toMatchObject({ status: 'differs', ready: true })
    expect(subgraph?.path.at(-1)).toMatchObject({ step: 'schema', failure: 'It does not have Query.shelves.' })
  })

  it('in this process is its schema alone', async () => {
    const transport = createInProcessTransport(await createMiniService(stock))
    const probe = (signal: AbortSignal) => probeInProcess(transport, signal)
    const { status, steps } = await reportOf(watched('', { url: null, breaker: null, probe }))
    expect({ status, steps }).toEqual({ status: 'ok', steps: ['schema true'] })
  })

  it('is looked at once for all who ask meanwhile', async () => {
    let probes = 0
    const report = createHealthReports(() => [
      watched('', {
        probe: async () => {
          probes += 1
          return { steps: [], version: null, sdl: stock.sdl }
        },
      }),
    ])
    await Promise.all([report(), report(), report()])
    expect(probes).toBe(1)
    await report()
    expect(probes).toBe(2)
  })
})

describe('a published subgraph', () => {
  it('that replaces a shipped one is looked at in its place, and once', async () => {
    const url = await serve(await createMiniService(stock), subgraphKey(signatureKey, 'warehouse'))
    const published = createPublishedSubgraphs({
      config: { SUBGRAPH_TIMEOUT_MS: 5_000, SHARE_FETCHES: false },
      signatureKey,
      transports: new Map(),
      watch: (_name, transport) => transport,
      now,
      graceMs: 0,
    })
    opened.push(() => published.close())
    published.serve([{ name: 'warehouse', url, sdl: stock.sdl }])
    const shipped = [watched('http://no-such-host.invalid:4004/graphql'), watched(url, { name: 'shop' })]
    const report = createHealthReports(() => withPublishedHealth(shipped, published, { now, recentCalls: () => null }))
    const { subgraphs } = await report()
    expect(subgraphs.map(({ name, url: at, status }) => [name, at, status])).toEqual([
      ['shop', url, 'unreachable'],
      ['warehouse', url, 'ok'],
    ])
  })
})

describe('who may look', () => {
  it.each([
    ['nobody', {}, 401],
    ['a partner', headersOf(), 403],
    ["an operator's app", headersOf(operatorApp), 200],
    ['the token of metrics', { authorization: `Bearer ${metricsToken}` }, 200],
  ])('%s is answered with the right status', async (_name, headers, status) => {
    await using graph = await startServedGraph([shop()], {
      subgraphHealth: createHealthReports(() => []),
    })
    const response = await fetch(`${graph.url}/health/subgraphs`, { headers })
    expect(response.status).toBe(status)
    if (status === 200) expect(await response.json()).toEqual({ status: 'ok', redis: null, subgraphs: [] })
  })
})

describe('a subgraph whose process is killed', () => {
  it('takes its own fields with it and no others, and is told of with its breaker open', async () => {
    const remote = await startStockProcess()
    const breaker = createCircuitBreaker({ nowMs: () => 0 })
    const config = { SUBGRAPH_TIMEOUT_MS: 5_000, SHARE_FETCHES: false }
    const connect = (service: SubgraphService) => {
      if (service.name === 'shop') return Promise.resolve(createInProcessTransport(service))
      const transport = createRemoteTransport({
        name: 'warehouse',
        url: remote.url,
        signatureKey,
        now,
        config,
        breaker,
      })
      opened.push(() => transport.close())
      return Promise.resolve(transport)
    }
    const graph = await createMiniGraph([shop(), stock], { connect })
    const query = '{ list { id onHand } sites text }'
    const before = await graph.run(query)
    expect(before.data).toMatchObject({
      list: [
        { id: '1', onHand: 10 },
        { id: '2', onHand: 20 },
      ],
      sites: 2,
    })
    expect(await reportOf(watched(remote.url, { breaker }))).toMatchObject({ status: 'ok' })

    await remote.kill()
    for (let call = 0; call < 20; call += 1) {
      const answer = await graph.run(query)
      expect(answer.data).toEqual({
        list: [
          { id: '1', onHand: null },
          { id: '2', onHand: null },
        ],
        sites: null,
        text: before.data?.['text'],
      })
      expect([...new Set(answer.errors.map(({ code }) => code))]).toEqual(['SUBGRAPH_UNAVAILABLE'])
    }
    const { subgraph } = await reportOf(watched(remote.url, { breaker }))
    expect(subgraph).toMatchObject({ status: 'unreachable', breaker: 'open' })
    expect((await graph.run('{ text }')).errors).toEqual([])
  })
})

const healthWith = (reached: boolean) =>
  createHealthReports(
    () => [],
    () => reached,
  )()

it('tells that the Redis of the limits does not answer', async () => {
  expect(await healthWith(true)).toMatchObject({ status: 'ok', redis: 'ok' })
  expect(await healthWith(false)).toMatchObject({ status: 'degraded', redis: 'unreachable' })
})
