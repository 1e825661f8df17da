const deadlineMs = 15_000
const mostShown = 200_000

/** What the graph answered to a call, as a person reads it. */
export interface CallAnswer {
  readonly status: number
  /** The answer, laid out. */
  readonly text: string
  readonly cost: { readonly actual: number; readonly left: number; readonly most: number } | undefined
  /** What is left of each limit, by its name. */
  readonly left: readonly { readonly name: string; readonly remaining: number }[]
}

interface CallToMake {
  readonly appId: string
  readonly key: string
  readonly query: string
}

/** A query that shows something of what an app may read. */
export function firstQuery(scopes: readonly string[]): string {
  const parts = [
    ...(scopes.includes('partner:read') ? ['  myOrganization { name status }'] : []),
    ...(scopes.includes('catalog:read') ? ['  products(first: 3) { nodes { name } }'] : []),
    '  rateLimit { limits { name limit remaining resetsAt } }',
  ]
  return `{\n${parts.join('\n')}\n}`
}

/** The same call for a terminal. */
export function curlOf(graphUrl: string, { appId, key, query }: CallToMake): string {
  const body = JSON.stringify({ query: query.replaceAll(/\s+/g, ' ') }).replaceAll("'", String.raw`'\''`)
  return `curl -sS ${graphUrl || '"$GRAPH_URL"'}/graphql -H 'content-type: application/json' \\
  -H 'x-tributary-app: ${appId}' -H 'x-tributary-key: ${key}' \\
  -d '${body}'`
}

/** Calls the graph over HTTP with an app's key, as its owner would; undefined when it cannot be reached from here. */
export async function callGraph(graphUrl: string, { appId, key, query }: CallToMake): Promise<CallAnswer | undefined> {
  let response: Response
  let text: string
  try {
    response = await fetch(`${graphUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tributary-app': appId, 'x-tributary-key': key },
      body: JSON.stringify({ query }),
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    })
    text = await response.text()
  } catch {
    return undefined
  }
  const answer = jsonOf(text)
  const shown = answer === undefined ? text : JSON.stringify(answer, null, 2)
  return {
    status: response.status,
    text: shown.length > mostShown ? `${shown.slice(0, mostShown)}\n… (the answer is longer)` : shown,
    cost: costOf(answer),
    left: leftOf(response.headers.get('ratelimit') ?? ''),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Costed {
  readonly extensions?: {
    readonly cost?: {
      readonly actualQueryCost: number | null
      readonly throttleStatus: { readonly currentlyAvailable: number; readonly maximumAvailable: number }
    }
  }
}

function costOf(answer: unknown): CallAnswer['cost'] {
  if (typeof answer !== 'object' || answer === null) return undefined
  const cost = (answer as Costed).extensions?.cost
  if (cost === undefined) return undefined
  const { currentlyAvailable: left, maximumAvailable: most } = cost.throttleStatus
  return { actual: cost.actualQueryCost ?? 0, left, most }
}

/** Reads `"monthly-calls";r=82;t=803675, …` of draft-ietf-httpapi-ratelimit-headers. */
function leftOf(header: string): CallAnswer['left'] {
  return [...header.matchAll(/"([\w-]+)";r=(\d+)/g)].map(([, name = '', remaining]) => ({
    name,
    remaining: Number(remaining),
  }))
}
