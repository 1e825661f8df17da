import { createHash, createHmac, randomBytes } from 'node:crypto'

/** A caller as the gateway tells it. */
export const northwind = {
  appId: 'app_test',
  appName: 'Test',
  organizationId: 'org_9a5wjydrhsx5fjnk',
  environment: 'sandbox',
  planId: 'plan_test',
  scopes: ['loyalty:read', 'loyalty:write'],
  operator: false,
  credentialId: 'cred_test',
}

/**
 * The headers by which a gateway signs.
 * @param {Buffer} key
 * @param {string} body
 * @param {object} by
 */
export function sign(key, body, by) {
  const caller = Buffer.from(JSON.stringify(by)).toString('base64url')
  const time = String(Date.now())
  const nonce = `${randomBytes(9).toString('base64url')}.1`
  const hash = createHash('sha256').update(body).digest('base64url')
  const signed = [time, nonce, 'POST', '/graphql', hash, caller].join('\n')
  return {
    'x-tributary-caller': caller,
    'x-tributary-time': time,
    'x-tributary-nonce': nonce,
    'x-tributary-signature': createHmac('sha256', key).update(signed).digest('base64url'),
  }
}

/**
 * Asks as the gateway would.
 * @param {{ url: string, key: Buffer, caller?: object, accept?: string }} to
 * @param {string} query
 * @param {object} [variables]
 */
export function ask({ url, key, caller = northwind, accept = 'application/json' }, query, variables = {}) {
  const body = JSON.stringify({ query, variables })
  const headers = { accept, 'content-type': 'application/json', ...sign(key, body, caller) }
  return fetch(url, { method: 'POST', headers, body })
}
