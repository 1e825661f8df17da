import type { Authorize } from '../../sdk/graph-client.ts'
import { type Answer, type Finding, ask, at, green, red, words } from './check.ts'

/** Signatures are refused when clocks are further apart than thirty seconds; a third of it is a warning in time. */
const largestSkewMs = 10_000

interface Place {
  readonly url: string
  readonly authorize: Authorize | null
  readonly signal: AbortSignal
}

/** The gateway, its database, the clocks, the authorization server and the caller. */
export async function lookAtGateway(place: Place): Promise<Finding[]> {
  const { origin } = new URL(place.url)
  let health: Answer
  try {
    health = await ask(`${origin}/health`, { signal: place.signal })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    place.signal.throwIfAborted()
    const fix = 'Start it with `npm start`, or pass --graph. Is a proxy or firewall in between?'
    return [red('gateway', `${origin} does not answer: ${reason}`, fix)]
  }
  const status = at(health.json, 'status')
  if (typeof status !== 'string') {
    return [red('gateway', `${origin}/health answered ${health.status}, but not as a Tributary does`, 'Check --graph.')]
  }
  return [
    green('gateway', origin, health.ms),
    health.status === 200
      ? green('database', 'reachable by the gateway')
      : red('database', status, "Look at the gateway's log, at DATA_DIR or at MONGODB_URI."),
    lookAtClocks(health),
    await lookAtAuthorization(origin, place.signal),
    await lookAtCaller(place),
  ]
}

function lookAtClocks({ headers, between: [before, after] }: Answer): Finding {
  const theirs = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return red('clocks', 'the gateway tells no time', 'Does a proxy remove the Date header?')
  // Their time has whole seconds, and may be of any moment between question and answer.
  const skew = Math.max(theirs - after, before - (theirs + 1_000), 0)
  const apart = `${(skew / 1000).toFixed(1)} s apart`
  if (skew <= largestSkewMs) return green('clocks', skew === 0 ? 'agree' : apart)
  return red('clocks', apart, 'Set both clocks by NTP: signed requests are refused beyond 30 s.')
}

async function lookAtAuthorization(origin: string, signal: AbortSignal): Promise<Finding> {
  const fix = 'Look at the authorization server: its log, AUTH_URL of the gateway, AUTH_ISSUER. Keys of apps work on.'
  try {
    const discovery = await ask(`${origin}/.well-known/oauth-authorization-server`, { signal })
    const jwks = at(discovery.json, 'jwks_uri')
    if (discovery.status !== 200 || typeof jwks !== 'string') {
      return red('authorization', `discovery answered ${discovery.status}`, fix)
    }
    const keys = await ask(jwks, { signal })
    if (!Array.isArray(at(keys.json, 'keys'))) return red('authorization', `${jwks} answered ${keys.status}`, fix)
    return green('authorization', words(at(discovery.json, 'issuer')), discovery.ms)
  } catch (error) {
    signal.throwIfAborted()
    return red('authorization', error instanceof Error ? error.message : String(error), fix)
  }
}

/** An operation that costs nothing and goes all the way to the billing subgraph. */
async function lookAtCaller({ url, authorize, signal }: Place): Promise<Finding> {
  const name = 'caller'
  if (authorize === null) {
    return red(
      name,
      'nobody: no key was given and nobody has signed in',
      'Run `tributary login`, or pass --app and --key.',
    )
  }
  const answer = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await authorize()) },
    body: JSON.stringify({ query: '{ rateLimit { limits { name } } }' }),
    signal,
  }).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
  signal.throwIfAborted()
  if (answer instanceof Error) return red(name, answer.message, 'Does --graph name the endpoint, with /graphql?')
  const code = at(answer.json, 'errors', 0, 'extensions', 'code')
  if (code === 'UNAUTHENTICATED') return red(name, 'is not known', 'Check --app and --key, or sign in again.')
  if (code !== undefined) return red(name, words(code), words(at(answer.json, 'errors', 0, 'message')))
  if (at(answer.json, 'data') === undefined) return red(name, `answered ${answer.status}`, 'Check --graph.')
  return green(name, 'known, with limits of a plan', answer.ms)
}
