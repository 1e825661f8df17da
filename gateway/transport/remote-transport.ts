import type { Config } from '../../kit/config.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { guarded } from './guarded-transport.ts'
import { type HttpTransportOptions, createHttpTransport } from './http-transport.ts'
import { retrying } from './retrying-transport.ts'
import { sharing } from './sharing-transport.ts'
import type { Transport } from './transport.ts'

/** The way to a subgraph on another machine, which can be slow, gone or flooded; one in this process shares our fate. */
export function createRemoteTransport({
  config,
  breaker,
  ...options
}: HttpTransportOptions & {
  readonly config: Pick<Config, 'SUBGRAPH_TIMEOUT_MS' | 'SHARE_FETCHES'>
  readonly breaker: CircuitBreaker
}): Transport {
  const { name } = options
  const transport = retrying(
    guarded(createHttpTransport({ ...options, deadlineMs: config.SUBGRAPH_TIMEOUT_MS }), { name, breaker }),
  )
  return config.SHARE_FETCHES ? sharing(transport, name) : transport
}
