import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * @typedef {{ appId: string, appName: string, organizationId: string, environment: 'live' | 'sandbox', planId: string,
 *   scopes: readonly string[], operator: boolean, credentialId: string, endUserId?: string }} Caller
 * Who calls, as the gateway has found out. `operator` is the platform company itself, which sees all.
 */

/** Requests signed longer ago than this, or from further in the future, are refused. */
const lifetimeMs = 30_000

/**
 * Believes only requests that the gateway has signed with this subgraph's key: HMAC-SHA256 over time, nonce, method,
 * path, the body's SHA-256 and the caller, parted by line feeds. A nonce is good for one request.
 * @param {Buffer} key
 */
export function createSignatureCheck(key) {
  /** @type {Map<string, number>} */
  const nonces = new Map()

  /** @param {string} nonce @param {number} now */
  const isNew = (nonce, now) => {
    if (nonces.has(nonce)) return false
    // Insertion order is time order: what is too old to be accepted again need not be remembered.
    for (const [old, at] of nonces) {
      if (now - at <= 2 * lifetimeMs) break
      nonces.delete(old)
    }
    nonces.set(nonce, now)
    return true
  }

  /**
   * The caller of a request; null when nobody has signed it, or not with this key, or too long ago, or twice.
   * @param {{ method: string, path: string, body: Buffer, headers: import('node:http').IncomingHttpHeaders, now: number }} request
   * @returns {Caller | null}
   */
  return ({ method, path, body, headers, now }) => {
    const { caller, time, nonce, signature } = {
      caller: headers['x-tributary-caller'],
      time: headers['x-tributary-time'],
      nonce: headers['x-tributary-nonce'],
      signature: headers['x-tributary-signature'],
    }
    if (typeof caller !== 'string' || typeof time !== 'string' || typeof nonce !== 'string') return null
    if (typeof signature !== 'string' || !/^\d{1,15}$/.test(time)) return null
    if (Math.abs(now - Number(time)) > lifetimeMs) return null
    const hash = createHash('sha256').update(body).digest('base64url')
    const signed = [time, nonce, method, path, hash, caller].join('\n')
    const expected = createHmac('sha256', key).update(signed).digest()
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    if (!isNew(nonce, now)) return null
    return JSON.parse(Buffer.from(caller, 'base64url').toString('utf8'))
  }
}
