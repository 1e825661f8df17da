import ipaddr from 'ipaddr.js'

/** Which addresses of partners' choice may be called. */
export interface NetworkRules {
  /** True for an address in text form that may be called: a public one, or one of an allowed network. */
  mayCall(address: string): boolean
  /** True for an address of an allowed network, where internal names, other ports and plain http are allowed too. */
  isAllowed(address: string): boolean
  /** False where no network is allowed: then what is internal by its look is refused before any lookup. */
  readonly hasAllowed: boolean
}

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Networks in CIDR form, separated by commas. Throws a RangeError that names what is none. */
export function parseNetworks(text: string): readonly Network[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      try {
        return ipaddr.parseCIDR(part)
      } catch (error) {
        throw new RangeError(`${part} is no network such as 10.1.0.0/16`, { cause: error })
      }
    })
}

/** The only part of IPv6 that is globally routed; all forms that carry an IPv4 address within it have a range of their own. */
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number]
/** Public by their number and internal by their use: relays of 6to4, and Azure's address for machines to talk to it. */
const internalByUse = (['192.88.99.0/24', '168.63.129.16/32', '198.18.0.0/15'] as const).map(
  (network) => ipaddr.parseCIDR(network) as [ipaddr.IPv4, number],
)

/** The rules of an installation that allows these networks besides the public Internet. */
export function createNetworkRules(allowed: readonly Network[]): NetworkRules {
  const isAllowed = (address: string): boolean => {
    const ip = parse(address)
    return ip !== null && allowed.some(([net, bits]) => net.kind() === ip.kind() && ip.match(net, bits))
  }
  return {
    isAllowed,
    mayCall: (address) => isAllowed(address) || isPublic(parse(address)),
    hasAllowed: allowed.length > 0,
  }
}

/** True for an address that anybody on the Internet may be reached under, and no internal service in disguise. */
function isPublic(ip: ipaddr.IPv4 | ipaddr.IPv6 | null): boolean {
  if (ip === null || ip.range() !== 'unicast') return false
  if (ip instanceof ipaddr.IPv6) return ip.match(globalUnicast)
  return !internalByUse.some((network) => ip.match(network))
}

/** An IPv4 address in IPv6 clothes is judged as what it is. Null for what is no plain address. */
function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // A zone names an interface of this machine.
  if (address.includes('%') || !ipaddr.isValid(address)) return null
  return ipaddr.process(address)
}
