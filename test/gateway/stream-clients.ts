import { type ChildProcess, spawn } from 'node:child_process'
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { CombinedGraphQLErrors, CombinedProtocolErrors, ServerError } from '@apollo/client/errors'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** What a client has been told of one operation. */
export interface Following {
  /** The data of results, in order. */
  readonly results: unknown[]
  /** Errors that it was told, with their extensions. */
  readonly errors: { readonly code: unknown; readonly cursor?: unknown }[]
  /** Null until it is over: then whether the client takes it for complete, or for failed. */
  end: 'complete' | 'failed' | null
  /** The client leaves by itself. */
  leave(): void
}

export interface ClientRequest {
  readonly url: string
  readonly query: string
  readonly key?: string
}

interface GraphErrors {
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

function start(): Following {
  return { results: [], errors: [], end: null, leave: () => undefined }
}

function take(following: Following, result: { data?: unknown; errors?: readonly GraphErrors[] | undefined }): void {
  if (result.data !== undefined && result.data !== null) following.results.push(result.data)
  note(following, result.errors ?? [])
}

function note({ errors }: Following, told: readonly GraphErrors[]): void {
  for (const { extensions } of told) {
    const cursor = extensions?.['cursor']
    errors.push({ code: extensions?.['code'], ...(cursor === undefined ? {} : { cursor }) })
  }
}

function byWebSocket({ url, query, key = 'key' }: ClientRequest): Following {
  const following = start()
  const client = createWebSocketClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { appId: 'app_test', key },
    retryAttempts: 0,
  })
  following.leave = client.subscribe(
    { query },
    {
      next: (result) => take(following, result),
      error(error) {
        if (Array.isArray(error)) note(following, error as GraphErrors[])
        following.end = 'failed'
      },
      complete: () => (following.end = 'complete'),
    },
  )
  return following
}

function byEventStream({ url, query, key = 'key' }: ClientRequest): Following {
  const following = start()
  const client = createSseClient({
    url: `${url}/graphql/stream`,
    headers: { 'x-tributary-app': 'app_test', 'x-tributary-key': key },
    retryAttempts: 0,
  })
  following.leave = client.subscribe(
    { query },
    {
      next: (result) => take(following, result),
      error: (error) => void readRefusal(following, error as { response?: Response }),
      complete: () => (following.end = 'complete'),
    },
  )
  return following
}

/** What graphql-sse leaves of an answer that is no stream. */
async function readRefusal(following: Following, { response }: { response?: Response }): Promise<void> {
  const body = response && ((await response.json()) as { errors: GraphErrors[] })
  note(following, body?.errors ?? [])
  following.end = 'failed'
}

function byApolloClient({ url, query, key = 'key' }: ClientRequest): Following {
  const following = start()
  const headers = { 'x-tributary-app': 'app_test', 'x-tributary-key': key }
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${url}/graphql`, headers }),
    cache: new InMemoryCache(),
  })
  const told = (error: unknown): void => {
    if (CombinedGraphQLErrors.is(error) || CombinedProtocolErrors.is(error)) note(following, error.errors)
    else if (ServerError.is(error)) {
      note(following, (JSON.parse(error.bodyText) as { errors: GraphErrors[] }).errors)
      following.end = 'failed'
    }
  }
  const subscription = client.subscribe({ query: gql(query), fetchPolicy: 'no-cache' }).subscribe({
    next({ data, error }) {
      take(following, { data })
      if (error) told(error)
    },
    error(error: unknown) {
      told(error)
      following.end = 'failed'
    },
    complete: () => (following.end ??= 'complete'),
  })
  following.leave = () => {
    subscription.unsubscribe()
    client.stop()
  }
  return following
}

function byCurl({ url, query, key = 'key' }: ClientRequest): Following {
  const following = start()
  const args = ['-sN', '-X', 'POST', `${url}/graphql/stream`, '-H', 'content-type: application/json']
  for (const header of ['accept: text/event-stream', 'x-tributary-app: app_test', `x-tributary-key: ${key}`]) {
    args.push('-H', header)
  }
  const curl: ChildProcess = spawn('curl', [...args, '-d', JSON.stringify({ query })])
  let text = ''
  let complete = false
  curl.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = event.split('\n').find((line) => line.startsWith('data: {'))
      if (data !== undefined) take(following, JSON.parse(data.slice('data: '.length)) as object)
      if (event.startsWith('event: complete')) complete = true
    }
  })
  curl.once('close', () => {
    if (text.startsWith('{')) note(following, (JSON.parse(text) as { errors: GraphErrors[] }).errors)
    following.end = complete ? 'complete' : 'failed'
  })
  following.leave = () => void curl.kill()
  return following
}

/** Clients that nobody here wrote, one for each front and a second one for event streams. */
export const streamClients = {
  'graphql-ws': byWebSocket,
  'graphql-sse': byEventStream,
  'Apollo Client': byApolloClient,
  curl: byCurl,
} as const
