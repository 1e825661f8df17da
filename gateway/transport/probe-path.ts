import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import { systemCaller } from '../../kit/caller.ts'
import { exchange } from './exchange.ts'
import { openPool } from './http-client.ts'
import { type HttpTransportOptions, createHttpTransport } from './http-transport.ts'
import { type SubgraphAddress, subgraphAddress } from './subgraph-address.ts'
import type { Transport } from './transport.ts'

/** One step of the path from the gateway to a subgraph. */
export interface ProbeStep {
  readonly step: 'dns' | 'tcp' | 'http' | 'signature' | 'schema'
  readonly ok: boolean
  readonly tookMs: number
  /** What went wrong, for the operator; null when nothing did. */
  readonly failure: string | null
}

export interface ProbedPath {
  /** In their order; those after one that failed were not tried. */
  readonly steps: readonly ProbeStep[]
  /** As the subgraph's `GET /health` tells it; null when it does not. */
  readonly version: string | null
  /** The schema that it says it runs; null when it could not be asked. */
  readonly sdl: string | null
}

/** Looks at every step of the path to a subgraph on a connection of its own, past its breaker and its queue. */
export async function probePath(options: HttpTransportOptions, signal: AbortSignal): Promise<ProbedPath> {
  const address = subgraphAddress(options.url)
  const { hostname, port, protocol } = new URL(address.origin)
  const steps: ProbeStep[] = []
  let version: string | null = null
  let sdl: string | null = null
  const transport = createHttpTransport(options)
  const ways: Record<'dns' | 'tcp' | 'http' | 'signature', () => Promise<void>> = {
    dns: async () => {
      if (address.socketPath === undefined) await lookup(hostname.replaceAll(/^\[|\]$/g, ''))
    },
    tcp: async () => {
      const defaultPort = protocol === 'https:' ? 443 : 80
      const to = { host: hostname.replaceAll(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) }
      const socket = connect(address.socketPath === undefined ? to : { path: address.socketPath })
      try {
        await once(socket, 'connect', { signal })
      } finally {
        socket.destroy()
      }
    },
    http: async () => {
      version = await askVersion(address, signal)
    },
    signature: async () => {
      sdl = await askSdl(transport, signal)
    },
  }
  try {
    for (const step of ['dns', 'tcp', 'http', 'signature'] as const) {
      const tried = await timed(step, ways[step])
      steps.push(tried)
      if (!tried.ok) break
    }
  } finally {
    await transport.close()
  }
  return { steps, version, sdl }
}

/** The one step there is to a subgraph in this process. */
export async function probeInProcess(transport: Transport, signal: AbortSignal): Promise<ProbedPath> {
  let sdl: string | null = null
  const step = await timed('signature', async () => {
    sdl = await askSdl(transport, signal)
  })
  return { steps: step.ok ? [] : [step], version: null, sdl }
}

async function timed(step: ProbeStep['step'], run: () => Promise<void>): Promise<ProbeStep> {
  const begun = performance.now()
  const tookMs = (): number => Math.round((performance.now() - begun) * 100) / 100
  try {
    await run()
    return { step, ok: true, tookMs: tookMs(), failure: null }
  } catch (error) {
    return { step, ok: false, tookMs: tookMs(), failure: deepestReason(error) }
  }
}

/** Any answer shows that HTTP is spoken; only subgraphs that say their version have one. */
async function askVersion(address: SubgraphAddress, signal: AbortSignal): Promise<string | null> {
  const pool = openPool(address, { connections: 1, maxResponseSize: 64 * 1024 })
  try {
    const { status, text } = await exchange(pool, { path: '/health', method: 'GET' }, { signal })
    if (status >= 500) throw new Error(`GET /health answered ${status}`)
    const told = readJson(text)
    return typeof told === 'object' && told !== null && 'version' in told && typeof told.version === 'string'
      ? told.version
      : null
  } finally {
    await pool.destroy()
  }
}

async function askSdl(transport: Transport, signal: AbortSignal): Promise<string> {
  const { data, errors } = await transport.execute({
    query: '{ _service { sdl } }',
    variables: {},
    caller: systemCaller([]),
    requestId: 'health',
    signal,
  })
  const service = data?.['_service']
  if (typeof service === 'object' && service !== null && 'sdl' in service && typeof service.sdl === 'string') {
    return service.sdl
  }
  throw new Error(errors?.[0]?.message ?? 'it does not tell its schema by { _service { sdl } }')
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What clients are told of a failure says nothing; its cause does. */
function deepestReason(error: unknown): string {
  let reason = error
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause
  if (!(reason instanceof Error)) return String(reason)
  return reason.message === '' && 'code' in reason ? String(reason.code) : reason.message
}
