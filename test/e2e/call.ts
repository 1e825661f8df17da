import { credentialHeaders } from '../../gateway/identity/credentials.ts'
import type { AppCredentials, Product } from './product.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted on, not typed
  readonly data?: any
  readonly errors?: readonly { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
  readonly extensions?: {
    readonly cost?: {
      readonly requestedQueryCost: number
      readonly actualQueryCost: number | null
      readonly throttleStatus: { maximumAvailable: number; currentlyAvailable: number; restoreRate: number }
    }
  }
}

export function authHeaders({ appId, key }: AppCredentials): Record<string, string> {
  return { [credentialHeaders.appId]: appId, [credentialHeaders.key]: key }
}

/** One GraphQL request over HTTP, as any client makes it. */
export async function call(
  product: Pick<Product, 'url'>,
  app: AppCredentials | null,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const response = await fetch(`${product.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(app ? authHeaders(app) : {}) },
    body: JSON.stringify({ query, variables }),
  })
  const body = (await response.json()) as object
  return { status: response.status, headers: response.headers, ...body }
}
