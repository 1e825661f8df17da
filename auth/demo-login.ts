import { hkdfSync } from 'node:crypto'
import { seededId } from '../kit/ids.ts'

/** The person of the demo who can sign in: an administrator of Northwind, as the partner subgraph seeds it. */
export const demoMemberId = seededId('Member', 'northwind:0')

/** The demo's password, derived anew at every start, so that only its hash is stored. */
export function demoPassword(secret: Uint8Array): string {
  const letters = Buffer.from(hkdfSync('sha256', secret, '', 'password', 10)).toString('hex')
  return (letters.match(/.{5}/g) ?? []).join('-')
}
