import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { authHeaders } from './call.ts'
import type { AppCredentials, Product } from './product.ts'

export interface StreamResult {
  // oxlint-disable-next-line typescript/no-explicit-any -- results are asserted on, not typed
  readonly data?: any
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[]
}

/** A live subscription as one of the common clients gives it. */
export interface OpenStream extends AsyncDisposable {
  next(): Promise<StreamResult>
}

export const streamClients = {
  'graphql-ws': openWebSocket,
  'graphql-sse': openEvents,
  'Apollo Client': openParts,
} as const

/** Opens a subscription with graphql-ws's own client; resolves when the server has acknowledged the connection. */
export async function openWebSocket(product: Product, app: AppCredentials, query: string): Promise<OpenStream> {
  const client = createWebSocketClient({
    url: `${product.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { ...app },
    retryAttempts: 0,
    lazy: true,
  })
  const results = client.iterate<StreamResult['data']>({ query })
  return {
    next: async () => (await results.next()).value as StreamResult,
    async [Symbol.asyncDispose]() {
      await results.return?.()
      await client.dispose()
    },
  }
}

/** Opens a subscription with graphql-sse's own client. */
export async function openEvents(product: Product, app: AppCredentials, query: string): Promise<OpenStream> {
  const client = createSseClient({
    url: `${product.url}/graphql/stream`,
    headers: authHeaders(app),
    retryAttempts: 0,
  })
  const results = client.iterate<StreamResult['data']>({ query })
  return {
    next: async () => (await results.next()).value as StreamResult,
    async [Symbol.asyncDispose]() {
      await results.return?.()
      client.dispose()
    },
  }
}

/** Opens a subscription with Apollo Client, over multipart HTTP. */
export async function openParts(product: Product, app: AppCredentials, query: string): Promise<OpenStream> {
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${product.url}/graphql`, headers: authHeaders(app) }),
    cache: new InMemoryCache(),
  })
  const results: StreamResult[] = []
  let tell: (() => void) | undefined
  const subscription = client.subscribe({ query: gql(query), fetchPolicy: 'no-cache' }).subscribe(({ data, error }) => {
    results.push({ data, ...(error ? { errors: [error] } : {}) })
    tell?.()
  })
  return {
    async next() {
      while (results.length === 0) await new Promise<void>((resolve) => (tell = resolve))
      return results.shift() as StreamResult
    },
    async [Symbol.asyncDispose]() {
      subscription.unsubscribe()
      client.stop()
    },
  }
}

/** The first event that a curl command prints of a stream. */
export async function firstEvent(output: NodeJS.ReadableStream): Promise<StreamResult> {
  let text = ''
  for await (const chunk of output) {
    text += String(chunk)
    const data = /^data: (\{.*\})$/m.exec(text)?.[1]
    if (data !== undefined) return JSON.parse(data) as StreamResult
  }
  throw new Error(`the stream ended without an event:\n${text}`)
}
