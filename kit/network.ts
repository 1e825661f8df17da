import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Addresses that have their first bits in common. */
export interface Network {
  readonly address: Address
  readonly bits: number
}

/** Reads an address; null for what is none. One of IPv4 that a socket of IPv6 shows, `::ffff:192.0.2.1`, is of IPv4. */
export function parseAddress(text: string): Address | null {
  const isAddress = text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text)
  return isAddress ? ipaddr.process(text) : null
}

/** Reads an address or a network such as `10.0.0.0/8`; null for what is neither. */
export function parseNetwork(text: string): Network | null {
  if (ipaddr.isValidCIDR(text) && parseAddress(text.slice(0, text.indexOf('/'))) !== null) {
    const [address, bits] = ipaddr.parseCIDR(text)
    return { address, bits }
  }
  const address = parseAddress(text)
  return address && { address, bits: address.kind() === 'ipv4' ? 32 : 128 }
}

export function isInNetwork(address: Address, network: Network): boolean {
  return address.kind() === network.address.kind() && address.match(network.address, network.bits)
}
