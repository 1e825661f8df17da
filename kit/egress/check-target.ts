import { isIP } from 'node:net'
import type { NetworkRules } from './network-rules.ts'

/** Why an address of a partner's choice is not called. */
export type TargetProblem = 'NOT_A_URL' | 'NOT_HTTPS' | 'HAS_CREDENTIALS' | 'PORT_FORBIDDEN' | 'ADDRESS_FORBIDDEN'

const explanations: Readonly<Record<TargetProblem, string>> = {
  NOT_A_URL: 'This is no URL, or has more than 2,000 characters.',
  NOT_HTTPS: 'The URL must begin with https://.',
  HAS_CREDENTIALS: 'A URL with a user name or password is not called; check the signature instead.',
  PORT_FORBIDDEN: 'This port is not called; use 443 or one above 1023 that no other service is known for.',
  ADDRESS_FORBIDDEN: 'The host is not on the public Internet.',
}

/** What is wrong, for the partner who chose the address. */
export function explainTarget(problem: TargetProblem): string {
  return explanations[problem]
}

/** A call that was not made, or broken off before anything was sent, because of where it would have gone. */
export class TargetRefused extends Error {
  readonly problem: TargetProblem

  constructor(problem: TargetProblem) {
    super(explanations[problem])
    this.name = 'TargetRefused'
    this.problem = problem
  }
}

/** Names that never mean a host of the public Internet, RFC 6761, 6762, 8375, 9476 and what is usual besides. */
const internalSuffixes = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
  'test',
  'invalid',
  'onion',
  'alt',
  'cluster.local',
]

/** Above 1023 and better left alone: databases, brokers, remote desktops and what fetch calls bad ports. */
const servicePorts = new Set([
  1433, 1521, 1719, 1720, 1723, 1883, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 4222, 5060, 5061,
  5432, 5672, 5900, 5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 8500, 9042, 9092, 9200,
  9300, 10080, 10250, 10255, 11211, 15672, 27017, 27018, 27019,
])

/**
 * What is wrong with a URL before it is looked up; undefined when nothing is. `new URL` has brought every spelling of
 * an IPv4 address (decimal, octal, hexadecimal, short) into the usual one.
 */
export function findTargetProblem(text: string, rules: NetworkRules): TargetProblem | undefined {
  if (text.length > 2_000 || !URL.canParse(text)) return 'NOT_A_URL'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'NOT_HTTPS'
  if (url.username !== '' || url.password !== '') return 'HAS_CREDENTIALS'
  const host = plainHost(url.hostname)
  if (isIP(host) !== 0) {
    if (rules.isAllowed(host)) return undefined
    if (!rules.mayCall(host)) return 'ADDRESS_FORBIDDEN'
    return findPublicProblem(url)
  }
  // A name may yet be found to lie in an allowed network, where there is one; see `findAddressProblem`.
  return rules.hasAllowed ? undefined : (findNameProblem(host) ?? findPublicProblem(url))
}

/** What is wrong with calling a URL at an address that its host was found to have. */
export function findAddressProblem(url: URL, address: string, rules: NetworkRules): TargetProblem | undefined {
  if (rules.isAllowed(address)) return undefined
  if (!rules.mayCall(address)) return 'ADDRESS_FORBIDDEN'
  const host = plainHost(url.hostname)
  return (isIP(host) === 0 ? findNameProblem(host) : undefined) ?? findPublicProblem(url)
}

/** A host without the brackets of IPv6 and the dot that ends an absolute name. */
export function plainHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

function findNameProblem(host: string): TargetProblem | undefined {
  const isInternal = internalSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))
  // A single word is completed by the search list of this machine's resolver.
  return isInternal || !host.includes('.') ? 'ADDRESS_FORBIDDEN' : undefined
}

function findPublicProblem({ protocol, port }: URL): TargetProblem | undefined {
  if (protocol !== 'https:') return 'NOT_HTTPS'
  const number = port === '' ? 443 : Number(port)
  return number === 443 || (number > 1023 && !servicePorts.has(number)) ? undefined : 'PORT_FORBIDDEN'
}
