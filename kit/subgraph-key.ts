import { hkdfSync } from 'node:crypto'

/**
 * The key that gateways sign with for a subgraph that was published by its URL. Each has its own, derived from the
 * gateways' (HKDF-SHA256, RFC 5869): a team that runs one can forge calls to itself only.
 */
export function subgraphKey(signatureKey: Uint8Array, subgraph: string): Buffer {
  return Buffer.from(hkdfSync('sha256', signatureKey, 'tributary-subgraph', subgraph, 32))
}
