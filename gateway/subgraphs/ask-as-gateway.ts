import { v7 } from 'uuid'
import { systemCaller } from '../../kit/caller.ts'
import { ConfigError } from '../../kit/config-error.ts'
import type { SystemSubscription } from '../identity/follow-changes.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'
import type { Transport } from '../transport/transport.ts'

/** Asks a subgraph on behalf of the gateway itself. */
export function systemQuery(transports: ReadonlyMap<string, Transport>, deadlineMs: number): SystemQuery {
  return (subgraph, query, variables, caller) => {
    const signal = AbortSignal.timeout(deadlineMs)
    const transport = transportTo(transports, subgraph)
    return transport.execute({ query, variables: { ...variables }, caller, requestId: v7(), signal })
  }
}

/** Follows a subgraph on behalf of the gateway itself. */
export function systemSubscription(transports: ReadonlyMap<string, Transport>, scope: string): SystemSubscription {
  const caller = systemCaller([scope])
  return (subgraph, query, signal) =>
    transportTo(transports, subgraph).subscribe({ query, variables: {}, caller, requestId: v7(), signal })
}

function transportTo(transports: ReadonlyMap<string, Transport>, subgraph: string): Transport {
  const transport = transports.get(subgraph)
  if (transport === undefined) throw new ConfigError(`There is no subgraph ${subgraph}.`)
  return transport
}
