// @ts-nocheck -- plain JavaScript, to be copied beside the configuration of another router
// Lets Hive Gateway call Tributary's subgraphs: it asks the partner and billing subgraphs who the app of a request is,
// and signs each call with the caller, as Tributary's gateway does (docs/portability.md). It needs Node and nothing else.
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'

const callerBelievedMs = 15_000
const mostCallers = 10_000

const appQuery = `query AppIdentity($appId: ID!, $keyHash: String) { appIdentity(appId: $appId, keyHash: $keyHash) {
  appId appName appStatus organizationId organizationStatus environment operator scopes tierScopes credentialId } }`
const planQuery = 'query AppLimits($appId: ID!) { appLimits(appId: $appId) { planId } }'

/**
 * A plugin of Hive Gateway. `secret` is TRIBUTARY_SECRET of the subgraphs; `partnerUrl` and `billingUrl` are theirs.
 * `deduplicateInflightRequests: false` of the HTTP transport must go with it, as in gateway.config.mjs: else callers who
 * ask the same at the same time get one answer.
 * Requests carry an app's id and key as `x-tributary-app` and `x-tributary-key`; tokens are not looked at.
 */
export function useTributarySignature({ secret, partnerUrl, billingUrl }) {
  const derive = (purpose) => Buffer.from(hkdfSync('sha256', secret, 'tributary', purpose, 32))
  const signatureKey = derive('gateway-signature')
  const keyHashSecret = derive('app-key-hash')
  const sender = randomBytes(9).toString('base64url')
  let calls = 0

  /** Headers that say who calls, signed over time, nonce, method, path, body and caller. */
  function sign(url, body, caller) {
    const time = String(Date.now())
    const nonce = `${sender}.${(calls += 1)}`
    const encoded = Buffer.from(JSON.stringify(caller)).toString('base64url')
    const bodyHash = createHash('sha256').update(body).digest('base64url')
    const { pathname, search } = new URL(url)
    const signed = [time, nonce, 'POST', `${pathname}${search}`, bodyHash, encoded].join('\n')
    return {
      'x-tributary-caller': encoded,
      'x-tributary-time': time,
      'x-tributary-nonce': nonce,
      'x-tributary-signature': createHmac('sha256', signatureKey).update(signed).digest('base64url'),
    }
  }

  const system = {
    appId: 'system',
    appName: 'Hive Gateway',
    organizationId: 'system',
    environment: 'live',
    planId: 'system',
    scopes: ['system:identity'],
    operator: true,
    credentialId: 'system',
  }
  async function ask(url, query, variables) {
    const body = JSON.stringify({ query, variables })
    const headers = { 'content-type': 'application/json', ...sign(url, body, system) }
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) })
    return (await response.json()).data
  }

  async function lookUp(appId, key) {
    const keyHash = createHmac('sha256', keyHashSecret).update(key).digest('base64url')
    const [who, limits] = await Promise.all([
      ask(partnerUrl, appQuery, { appId, keyHash }),
      ask(billingUrl, planQuery, { appId }),
    ])
    const app = who?.appIdentity
    if (!app || !limits?.appLimits || app.appStatus !== 'ACTIVE' || app.organizationStatus !== 'APPROVED') return null
    return {
      appId,
      appName: app.appName,
      organizationId: app.organizationId,
      environment: app.environment.toLowerCase(),
      planId: limits.appLimits.planId,
      scopes: [...new Set([...app.scopes, ...app.tierScopes])],
      operator: app.operator,
      credentialId: app.credentialId ?? '',
    }
  }

  const known = new Map()
  async function callerOf(headers) {
    const [appId, key] = [headers.get('x-tributary-app'), headers.get('x-tributary-key')]
    if (!appId || !key) throw new Error('This request names no app.')
    const id = `${appId} ${key}`
    let entry = known.get(id)
    if (entry === undefined || entry.until < Date.now()) {
      if (known.size >= mostCallers) known.clear()
      entry = { until: Date.now() + callerBelievedMs, caller: lookUp(appId, key) }
      entry.caller.catch(() => known.delete(id))
      known.set(id, entry)
    }
    const caller = await entry.caller
    if (caller === null) throw new Error('The app id or key is not valid.')
    return caller
  }

  return {
    async onFetch({ url, options, setOptions, context, executionRequest }) {
      // What is fetched for the router itself goes to no subgraph.
      if (executionRequest === undefined) return
      const request = context?.request ?? executionRequest.context?.request
      const caller = await callerOf(request.headers)
      setOptions({ ...options, headers: { ...options.headers, ...sign(url, options.body ?? '', caller) } })
    },
  }
}
