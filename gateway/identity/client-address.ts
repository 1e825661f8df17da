import type { IncomingMessage } from 'node:http'
import { type Address, type Network, isInNetwork, parseAddress } from '../../kit/network.ts'

/** The address that a client is counted by: one of IPv4, or the /64 network that one subscriber of IPv6 has. */
export type ClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string

/**
 * Finds clients behind trusted proxies. X-Forwarded-For is read from its end, which the nearest proxy has written, up to
 * the first address that is no trusted proxy: what stands before that anybody can write.
 */
export function createClientAddress(trustedProxies: readonly Network[]): ClientAddress {
  const isTrusted = (address: Address): boolean => trustedProxies.some((network) => isInNetwork(address, network))

  return ({ headers, socket }) => {
    let client = parseAddress(socket.remoteAddress ?? '')
    if (client === null) return 'unknown'
    if (!isTrusted(client)) return networkOf(client)
    const forwarded = headers['x-forwarded-for']
    const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',')
    for (const hop of hops.toReversed()) {
      const address = parseAddress(hop.trim())
      if (address === null) break
      client = address
      if (!isTrusted(client)) break
    }
    return networkOf(client)
  }
}

function networkOf(address: Address): string {
  if (address.kind() === 'ipv4') return address.toString()
  return `${address.toByteArray().slice(0, 8).join('.')}/64`
}
