import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { createClientAddress } from '../../gateway/identity/client-address.ts'
import { parseNetwork } from '../../kit/network.ts'

const trusted = ['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.7'].map((text) => {
  const network = parseNetwork(text)
  if (network === null) throw new Error(`no network: ${text}`)
  return network
})
const addressOf = (remoteAddress: string | undefined, forwarded?: string, proxies = trusted): string => {
  const headers: IncomingHttpHeaders = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return createClientAddress(proxies)({ headers, socket: { remoteAddress } as Socket })
}

it.each([
  ['203.0.113.5', undefined, '203.0.113.5'],
  ['::ffff:203.0.113.5', undefined, '203.0.113.5'],
  // Who is no trusted proxy is believed nothing.
  ['203.0.113.5', '198.51.100.1', '203.0.113.5'],
  ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['192.0.2.7', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
  // What stands before the first stranger, that stranger may have written.
  ['10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ['10.1.2.3', 'unknown, 10.9.9.9', '10.9.9.9'],
  ['10.1.2.3', 'nonsense', '10.1.2.3'],
  ['10.1.2.3', undefined, '10.1.2.3'],
  [undefined, '198.51.100.1', 'unknown'],
])('of a socket from %s with X-Forwarded-For %s is %s', (remote, forwarded, address) => {
  expect(addressOf(remote, forwarded)).toBe(address)
})

it('of IPv6 is the network of the subscriber', () => {
  expect(addressOf('2001:db8:1:2::1')).toBe(addressOf('2001:db8:1:2:ffff::9'))
  expect(addressOf('2001:db8:1:2::1')).not.toBe(addressOf('2001:db8:1:3::1'))
  expect(addressOf('2001:db8:ffff::1', '2001:db8:5:6::1')).toBe(addressOf('2001:db8:5:6::2'))
})

it('believes no header without trusted proxies', () => {
  expect(addressOf('10.1.2.3', '198.51.100.1', [])).toBe('10.1.2.3')
})

it.each(['', '10.0.0.0/33', 'nginx', '10.0.0', '1.2.3.4/'])('takes %j for no network', (text) => {
  expect(parseNetwork(text)).toBeNull()
})
