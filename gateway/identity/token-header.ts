import { decodeProtectedHeader } from 'jose'

/**
 * Whether a token claims an algorithm of the authorization server; the others are those of `npm run token`. It decides
 * only who verifies: either verifier has its own list of algorithms and its own keys.
 */
export function isIssuerToken(token: string): boolean {
  try {
    return decodeProtectedHeader(token).alg !== 'EdDSA'
  } catch {
    return false
  }
}
