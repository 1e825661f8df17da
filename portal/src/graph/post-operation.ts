import type { Credentials } from '../caller/credentials.ts'
import type { GraphRequest, GraphResult } from './graph-result.ts'
import { wholeGraphPath } from './graph-path.ts'

const DEADLINE_MS = 60_000

/** The server gave no GraphQL answer at all: it is away, or something between answered for it. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable'
}

/** Sends one query or mutation as the caller, to the whole graph unless told. Refusals are answers with errors; only a missing answer throws. */
export async function postOperation(
  credentials: Credentials,
  request: GraphRequest,
  path: string = wholeGraphPath,
): Promise<GraphResult> {
  let response: Response
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
        'x-tributary-app': credentials.appId,
        'x-tributary-key': credentials.key,
      },
      body: JSON.stringify(request),
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
  } catch (cause) {
    throw new ServerUnreachable('The server did not answer. Check that it is still running.', { cause })
  }
  const type = response.headers.get('content-type') ?? ''
  if (!type.includes('json')) {
    throw new ServerUnreachable(`The server answered ${response.status} without a GraphQL result.`)
  }
  return (await response.json()) as GraphResult
}
